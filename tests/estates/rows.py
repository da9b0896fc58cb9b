"""What `who` once said wrongly of a row, and its kin: estates, a row of each, and what may be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from estates.build import (
    DELEGATES,
    OBJECTS,
    READER,
    ROOT,
    ROOT_B,
    S3,
    A,
    B,
    Scene,
    X,
    allow,
    deny,
    iam,
    in_organization,
    may,
    opens_bucket,
    opens_key,
    person,
    policy,
    sts,
    trusts,
)
from estates.faults import (
    CANONICAL,
    FORWARDED,
    KEY_TO_ALL,
    KMS,
    NOT_PRINCIPAL,
    OPEN_TO_B,
    OPERATORS,
    ORG,
    PRINCIPAL,
    SAML,
    STS_API,
    b_if,
    but_for,
    granted,
)

READ, UNSURE = ("can read",), ("unknown",)
NOT = ("cannot read",)
SHUT = (
    *NOT,
    "can fetch, cannot decrypt",
    "can decrypt, cannot fetch",
)


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """One row of one estate, and the page that decides. A row that is missing says nothing."""

    name: str
    page: str
    scene: Scene
    principal: str
    right: tuple[str, ...]


Told = tuple[str, Scene, str, tuple[str, ...]]


def whole_accounts() -> Iterator[Told]:
    for when, right in (
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, UNSURE),
        ({"StringEquals": {"aws:PrincipalType": "FederatedUser"}}, UNSURE),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{B}:role/*"}}, UNSURE),
        ({"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{B}:role/deep/*/ops"}}, UNSURE),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:sts::{B}:federated-user/*"}}, UNSURE),
        ({"StringLike": {"aws:username": "svc-*"}}, UNSURE),
        ({"StringLike": {"aws:userid": "AROA*:ci"}}, UNSURE),
        ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, UNSURE),
        ({"Null": {"aws:username": "true"}}, UNSURE),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:role/*"}}, SHUT),
        ({"StringEquals": {"aws:PrincipalAccount": A}}, SHUT),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, SHUT),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}, "Null": {"aws:username": "false"}}, SHUT),
    ):
        yield f"the key opens to B if {when}", b_if(when), ROOT_B, right
        other_side = Scene(key=(opens_key(ROOT_B),), bucket=(opens_bucket(ROOT_B, when),))
        yield f"the bucket opens to B if {when}", other_side, ROOT_B, right
    unless = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{B}:role/ops/*"}}
    walls = Scene(key=(opens_key(ROOT_B), deny("*", "kms:*", unless)), bucket=(OPEN_TO_B,))
    yield "denied unless it is a certain role", walls, ROOT_B, UNSURE


def anybody() -> Iterator[Told]:
    anyone = (opens_bucket(),)
    for when, right in (
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, (*READ, *UNSURE)),
        ({"StringLike": {"aws:username": "ci"}}, (*READ, *UNSURE)),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, (*READ, *UNSURE)),
        ({"StringLike": {"aws:userid": "*:ci"}}, (*READ, *UNSURE)),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}, UNSURE),
    ):
        scene = Scene(key=(opens_key("*", when),), bucket=anyone, organization=in_organization())
        yield f"the key opens to everybody if {when}", scene, "*", right
    unless = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}
    walls = Scene(key=(opens_key(), deny("*", "kms:*", unless)), bucket=anyone)
    yield "denied unless the role has a certain name", walls, "*", (*READ, *UNSURE)


def on_the_way() -> Iterator[Told]:
    x = (person("role/x", S3),)
    for when, right in (
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, UNSURE),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "s3.amazonaws.com"}}, (*READ, *UNSURE)),
        ({"StringEquals": {"aws:CalledViaFirst": "athena.amazonaws.com"}}, UNSURE),
        ({"Bool": {"aws:ViaAWSService": "true"}}, READ),
        ({"Bool": {"aws:ViaAWSService": "false"}}, SHUT),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, SHUT),
    ):
        yield f"the key opens to x if {when}", Scene(key=(opens_key(X, when),), people=x), X, right
    via = deny("*", "s3:GetObject*", {"Bool": {"aws:ViaAWSService": "false"}}, on=OBJECTS)
    yield (
        "direct calls to S3 are denied",
        Scene(key=(opens_key(X),), bucket=(via,), people=x),
        X,
        (*SHUT, *UNSURE),
    )


def other_principals() -> Iterator[Told]:
    key = (opens_key(ROOT_B),)
    vendor = iam("user/vendor", B)
    walls = (opens_bucket(vendor), deny(CANONICAL, "s3:*", on=OBJECTS))
    yield "a CanonicalUser is denied", Scene(key=(opens_key(vendor),), bucket=walls), vendor, UNSURE
    yield "a CanonicalUser may fetch", Scene(key=key, bucket=(opens_bucket(CANONICAL),)), ROOT_B, UNSURE
    yield (
        "a SAML federation may fetch",
        Scene(key=key, bucket=(opens_bucket(SAML),)),
        ROOT_B,
        (*UNSURE, *SHUT),
    )
    x = person("role/x", S3)
    session = Scene(key=(opens_key(sts("assumed-role/x/s1")),), people=(x,))
    yield "a role while a session of it is named", session, X, (*UNSURE, *SHUT)


def not_principal() -> Iterator[Told]:
    dev, x = iam("user/dev"), X
    people = (person("user/dev", S3), person("role/x", S3))
    for spared, who, right in (
        ((READER, ROOT), dev, SHUT),
        ((ROOT,), dev, SHUT),
        ((dev, ROOT), dev, READ),
        ((dev,), dev, UNSURE),
        ((x, ROOT), x, UNSURE),
        ((x,), x, UNSURE),
        ((ROOT_B,), x, SHUT),
    ):
        scene = Scene(key=(KEY_TO_ALL, but_for(*spared)), people=people)
        yield f"{who} where all but {spared} are denied", scene, who, right


def root_of_another_account() -> Iterator[Told]:
    """An account's row speaks of its root user too, whom the account's ARN names."""
    svc = iam("user/svc-1", B)
    spared = Scene(key=(KEY_TO_ALL, but_for(ROOT_B, svc)), bucket=(opens_bucket(),))
    yield "spared by NotPrincipal", spared, ROOT_B, UNSURE
    typed = {"StringEquals": {"aws:PrincipalType": "Account"}}
    yield "let in by its type", b_if(typed), ROOT_B, UNSURE
    by_id = {"StringEquals": {"aws:userid": B}}
    yield "let in by its ID", b_if(by_id), ROOT_B, UNSURE


def people_of_the_account() -> Iterator[Told]:
    powers = (S3, may("kms:Decrypt"))
    linked = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForX"
    walls = ((policy(may("*"), deny(None, "s3:*")),),)
    for label, limits in (("an SCP", {"scp": walls}), ("an RCP", {"rcp": ((policy(deny("*", "s3:*")),),)})):
        scene = Scene(key=(DELEGATES,), people=(person(linked, *powers), person("role/x", *powers)), **limits)
        yield f"a service-linked role under {label}", scene, iam(linked), READ
        yield f"x under {label}", scene, X, SHUT
    path = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_0123456789abcdef"
    sso = {"ArnNotLike": {"aws:PrincipalArn": iam("role/aws-reserved/sso.amazonaws.com/*")}}
    alice = sts("assumed-role/AWSReservedSSO_Audit_0123456789abcdef/alice")
    guarded = (opens_key(alice), deny("*", "kms:Decrypt", sso))
    yield (
        "a session behind the Identity Center guard",
        Scene(key=guarded, people=(person(path, S3),)),
        alice,
        READ,
    )
    theirs = sts("assumed-role/siem/s1", B)
    there = {"ArnNotLike": {"aws:PrincipalArn": iam("role/soc/*", B)}}
    foreign = Scene(key=(opens_key(theirs), deny("*", "kms:Decrypt", there)), bucket=(OPEN_TO_B,))
    yield "a session of a role that nobody read", foreign, theirs, UNSURE


def tags_and_versions() -> Iterator[Told]:
    powers = (S3, may("kms:Decrypt"))
    prod = deny("*", "kms:Decrypt", {"StringNotEquals": {"aws:PrincipalTag/env": "prod"}})
    tagging = trusts(ROOT_B, ["sts:AssumeRole", "sts:TagSession"])
    for label, trust, right in (("may be tagged", tagging, UNSURE), ("may not be tagged", "", SHUT)):
        x = person("role/x", *powers, trust=trust, tags={"env": "test"})
        yield f"sessions {label}", Scene(key=(DELEGATES, prod), people=(x,)), X, right
    x = person("role/x", *powers, trust=tagging, tags={"env": "prod"})
    yield "sessions may lose the role's tag", Scene(key=(DELEGATES, prod), people=(x,)), X, UNSURE
    version = person("role/x", may("s3:GetObjectVersion", on=OBJECTS), may("kms:Decrypt"))
    for state in ("", "Enabled", "Suspended"):
        scene = Scene(key=(DELEGATES,), people=(version,), versioning=state)
        yield f"by version, versioning {state or 'never set'}", scene, X, READ


def grants() -> Iterator[Told]:
    vendor = iam("user/vendor", B)
    there = Scene(grants=(granted(vendor),), bucket=(OPEN_TO_B,))
    yield "a grant to another account's user", there, vendor, (*READ, *UNSURE)
    linked = iam("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", B)
    direct = Scene(grants=(granted(linked),), bucket=(opens_bucket(linked),))
    yield "a grant to another account's service-linked role", direct, linked, (*READ, *UNSURE)
    shut = Scene(grants=(granted(vendor, "Encrypt"),), bucket=(OPEN_TO_B,))
    yield "a grant to encrypt", shut, vendor, SHUT


def times() -> Iterator[Told]:
    """The estates were read on 2026-11-23: what ended before is over, what began before holds."""
    for key, past, future in (
        ("aws:CurrentTime", "2026-11-22", "2028-01-01T00:00:00Z"),
        ("aws:CurrentTime", "1577836800", "1830297600"),
        ("aws:EpochTime", "1577836800", "1830297600"),
    ):
        for word, when, own, theirs in (
            ("LessThan", past, SHUT, SHUT),
            ("LessThanEquals", past, SHUT, SHUT),
            ("Equals", past, SHUT, SHUT),
            ("NotEquals", past, READ, UNSURE),
            ("GreaterThan", past, READ, UNSURE),
            ("GreaterThanEquals", past, READ, UNSURE),
            ("LessThan", future, UNSURE, UNSURE),
            ("GreaterThan", future, UNSURE, UNSURE),
        ):
            test = {f"Date{word}": {key: when}}
            x = person("role/x", S3)
            yield f"x, {test}", Scene(key=(opens_key(X, test),), people=(x,)), X, own
            yield f"B, {test}", b_if(test), ROOT_B, theirs


def actions_by_ways() -> Iterator[Told]:
    """Each action that fetches, in each way a request may come: without TLS where no key asks for it, too."""
    http = ({"Bool": {"aws:SecureTransport": "false"}}, {"BoolIfExists": {"aws:SecureTransport": "false"}})
    by_a_service = (
        {"Bool": {"aws:ViaAWSService": "true"}},
        {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}},
    )
    for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObject*"):
        for when in http:
            for who in ("*", ROOT_B, "anonymous"):
                opened = allow("*" if who == "anonymous" else who, action, when, on=OBJECTS)
                plain = Scene(bucket=(opened,), sealed=False)
                yield f"{action} for {who} if {when}, without a key", plain, who, (*READ, *UNSURE)
            sealed = Scene(key=(opens_key(ROOT_B),), bucket=(allow(ROOT_B, action, when, on=OBJECTS),))
            yield f"{action} if {when}, with a key", sealed, ROOT_B, SHUT
        for when in by_a_service:
            x = person("role/x", may(action, when, on=OBJECTS))
            yield f"{action} if {when}", Scene(key=(opens_key(X),), people=(x,)), X, UNSURE


GROUPS = (
    (whole_accounts, PRINCIPAL),
    (anybody, PRINCIPAL),
    (on_the_way, FORWARDED),
    (other_principals, PRINCIPAL),
    (not_principal, NOT_PRINCIPAL),
    (root_of_another_account, NOT_PRINCIPAL),
    (people_of_the_account, ORG + "orgs_manage_policies_scps.html"),
    (tags_and_versions, STS_API + "API_AssumeRole.html"),
    (grants, KMS + "grants.html"),
    (actions_by_ways, FORWARDED),
    (times, OPERATORS + "#Conditions_Date"),
)


def row_faults() -> Iterator[RowFault]:
    """Every row of every kind."""
    for group, page in GROUPS:
        for label, scene, principal, right in group():
            yield RowFault(
                name=f"{group.__name__}: {label}", page=page, scene=scene, principal=principal, right=right
            )
