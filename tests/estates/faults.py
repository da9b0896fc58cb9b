"""
Every fault that the proof once had, and its kin, as an estate with the verdicts that AWS's page leaves.

`right` holds what may be said: where somebody surely reads, REFUTED, or UNKNOWN by an honest tool;
where nobody does, PROVEN or UNKNOWN; where AWS's page says "might", UNKNOWN alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from estates.build import (
    BASE_BUCKET,
    BASE_KEY,
    BASE_PEOPLE,
    BUCKET,
    DELEGATES,
    LISTED,
    OBJECTS,
    READER,
    REGION,
    ROOT,
    ROOT_B,
    S3,
    TRAIL_PAIR,
    A,
    B,
    Scene,
    Statement,
    X,
    allow,
    deny,
    iam,
    may,
    opens_bucket,
    opens_key,
    person,
    policy,
    sts,
    trusts,
)
from trailseal.model.key import Grant

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
ORG = "https://docs.aws.amazon.com/organizations/latest/userguide/"
S3_API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
STS_API = "https://docs.aws.amazon.com/STS/latest/APIReference/"
VARIABLES = IAM + "reference_policies_variables.html"
KEYS = IAM + "reference_policies_condition-keys.html"
OPERATORS = IAM + "reference_policies_elements_condition_operators.html"
SETS = IAM + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
PRINCIPAL = IAM + "reference_policies_elements_principal.html"
NOT_PRINCIPAL = IAM + "reference_policies_elements_notprincipal.html"
GRAMMAR = IAM + "reference_policies_grammar.html"
FORWARDED = IAM + "access_forward_access_sessions.html"
READS, SHUT, MIGHT = ("REFUTED", "UNKNOWN"), ("PROVEN", "UNKNOWN"), ("UNKNOWN",)
OPEN_TO_B = opens_bucket(ROOT_B)
SIEM, SESSION = iam("role/siem", B), sts("assumed-role/x/s1")
CANONICAL = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
SAML = {"Federated": f"arn:aws:iam::{B}:saml-provider/idp"}
KEY_TO_ALL = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An estate, what may be said of it, and the page that decides."""

    name: str
    page: str
    scene: Scene
    right: tuple[str, ...]


Told = tuple[str, Scene, tuple[str, ...]]


def reads(*statements: Statement, key: tuple[Statement, ...] = (DELEGATES,), **traits: object) -> Scene:
    """role/x with these statements of IAM; the key leaves it to IAM."""
    return Scene(key=key, people=(person("role/x", *statements, **traits),))  # type: ignore[arg-type]


def variables() -> Iterator[Told]:
    decrypts = may("kms:Decrypt")
    region = f"arn:aws:s3:::{BUCKET}/*/CloudTrail/${{aws:RequestedRegion}}/*"
    own = {"StringLike": {TRAIL_PAIR: "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*"}}
    fetches = may("s3:GetObject", on=region)
    everywhere = may("s3:GetObject", on=OBJECTS)
    yield "in Resource of IAM", reads(fetches, decrypts), READS
    bounded = {"boundary": (may("kms:*"), may("s3:*", on=region))}
    yield "in Resource of a boundary", reads(everywhere, decrypts, **bounded), READS
    yield "in a Condition of IAM", reads(everywhere, may("kms:Decrypt", own)), READS
    foreign = {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    scp = ((policy(may("*"), deny(None, "kms:*", foreign)),),)
    x = person("role/x", everywhere, decrypts)
    yield "in a Condition of an SCP", Scene(key=(DELEGATES,), people=(x,), scp=scp), READS
    named = may("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/${{aws:username}}/*")
    user = person("user/AWSLogs", named, decrypts)
    yield "a user whose name is the folder", Scene(key=(DELEGATES,), people=(user,)), READS
    other = person("user/zed", named, decrypts)
    yield "a user whose name is no folder", Scene(key=(DELEGATES,), people=(other,)), SHUT
    default = f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/team, 'AWSLogs'}}/*"
    yield "with a default in Resource", reads(may("s3:GetObject", on=default), decrypts), READS
    but = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "NotResource": f"arn:aws:s3:::{BUCKET}/${{aws:userid}}/*",
    }
    yield "in NotResource", reads(but, decrypts), READS
    itself = {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}
    rcp = ((policy(deny("*", "kms:*", itself)),),)
    unsure = Scene(key=(opens_key(),), bucket=(OPEN_TO_B,), rcp=rcp)
    yield "in an RCP, where no page says that it works", unsure, MIGHT + READS
    boolean = may("kms:Decrypt", {"Bool": {"aws:ViaAWSService": "${aws:SecureTransport}"}})
    yield "under Bool, where it is plain text", reads(S3, boolean), SHUT
    own_tag = {"StringEquals": {"aws:PrincipalTag/a": "${aws:PrincipalTag/b}"}}
    tagged = reads(S3, may("kms:Decrypt", own_tag), tags={"a": "1", "b": "1"})
    yield "one tag against another", tagged, READS


def granted(who: str, *operations: str, **more: object) -> Grant:
    return Grant(grant_id="g", grantee_principal=who, operations=operations or ("Decrypt",), **more)  # type: ignore[arg-type]


def grants() -> Iterator[Told]:
    vendor, session = iam("user/vendor", B), sts("assumed-role/siem/s1", B)
    macie = opens_bucket({"Service": "macie.amazonaws.com"})
    linked = iam("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", B)
    auditor = sts("federated-user/auditor")
    user = person("user/zed", S3, may("sts:GetFederationToken"))
    bare = person("role/x", S3)
    yield "to a user of another account", Scene(grants=(granted(vendor),), bucket=(OPEN_TO_B,)), READS
    yield "to a service", Scene(grants=(granted("macie.amazonaws.com"),), bucket=(macie,)), READS
    yield "to a role of another account", Scene(grants=(granted(SIEM),), bucket=(opens_bucket(SIEM),)), READS
    yield "to a session of another account", Scene(grants=(granted(session),), bucket=(OPEN_TO_B,)), READS
    yield "to a service-linked role elsewhere", Scene(grants=(granted(linked),), bucket=(OPEN_TO_B,)), READS
    yield "to one session of x", Scene(grants=(granted(SESSION),), people=(bare,)), READS
    yield "to a federated user", Scene(grants=(granted(auditor),), people=(user,)), READS
    yield "to a stranger who cannot fetch", Scene(grants=(granted(vendor),)), SHUT
    encrypts = granted(vendor, "Encrypt", "GenerateDataKey")
    yield "to encrypt only", Scene(grants=(encrypts,), bucket=(OPEN_TO_B,)), SHUT
    elsewhere = granted(vendor, encryption_context_subset={"app": "x"})
    yield "under another context", Scene(grants=(elsewhere,), bucket=(OPEN_TO_B,)), SHUT
    retires = Grant(
        grant_id="g", grantee_principal=READER, retiring_principal=vendor, operations=("Decrypt",)
    )
    yield "a stranger may only retire it", Scene(grants=(retires,), bucket=(OPEN_TO_B,)), SHUT
    walls = (deny(vendor, "kms:*"),)
    denied = Scene(grants=(granted(vendor),), key=walls, bucket=(OPEN_TO_B,))
    yield "denied in the key, which may leave out whom the grantee makes", denied, MIGHT


def b_if(when: dict[str, object]) -> Scene:
    """The key lets B decrypt under a test, the bucket lets B fetch."""
    return Scene(key=(opens_key(ROOT_B, when),), bucket=(OPEN_TO_B,))


def derived_keys() -> Iterator[Told]:
    anybody = Scene(bucket=(opens_bucket(),))
    for key, value, right in (
        ("aws:username", "svc-*", READS),
        ("aws:username", "?", READS),
        ("aws:PrincipalType", "FederatedUser", READS),
        ("aws:PrincipalType", "Account", READS),
        ("aws:PrincipalType", "Nobody", SHUT),
        ("aws:userid", "AROA*:ci", READS),
        ("aws:userid", f"{B}:*", READS),
        ("aws:PrincipalArn", "arn:aws:iam::*:role/deep/*/ops", READS),
        ("aws:PrincipalArn", f"arn:aws:sts::{B}:federated-user/*", READS),
        ("aws:PrincipalArn", f"arn:aws:iam::{A}:*", SHUT),
        ("aws:PrincipalAccount", "4444*", READS),
        ("aws:PrincipalAccount", "1234*", SHUT),
        ("kms:CallerAccount", "*6666", READS),
    ):
        yield f"{key} like {value}", b_if({"StringLike": {key: value}}), right
    untold = (opens_key(X, {"Null": {"aws:TokenIssueTime": "true"}}),)
    yield "a token's time is not handed on", Scene(key=untold, people=(person("role/x", S3),)), MIGHT
    yield "aws:username unlike a pattern", b_if({"StringNotLike": {"aws:username": "*"}}), READS
    yield "aws:username is there", b_if({"Null": {"aws:username": "false"}}), READS
    services = (
        {"StringLike": {"aws:PrincipalServiceName": "guardduty.*"}},
        {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        {"ForAnyValue:StringEquals": {"aws:PrincipalServiceNamesList": "macie.amazonaws.com"}},
        {"Null": {"aws:PrincipalServiceName": "false"}},
    )
    for when in services:
        yield f"a service by {when}", Scene(key=(opens_key("*", when),), bucket=anybody.bucket), READS
    both = {"StringLike": {"aws:username": "*", "aws:PrincipalServiceName": "*"}}
    yield "a user that is a service", Scene(key=(opens_key("*", both),), bucket=anybody.bucket), SHUT


def identity_of_services() -> Iterator[Told]:
    """Whether a service's own request holds what tells of a principal no page says: neither is certain."""
    macie = {"Service": "macie.amazonaws.com"}
    key, bucket = opens_key(macie), opens_bucket(macie)
    for name in ("aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "kms:CallerAccount"):
        for there in ("true", "false"):
            when = {"Null": {name: there}}
            walls = Scene(key=(key, deny("*", "kms:*", when)), bucket=(bucket,))
            yield f"the key denies a service if {when}", walls, MIGHT
            yield (
                f"the key lets a service in if {when}",
                Scene(key=(opens_key(macie, when),), bucket=(bucket,)),
                MIGHT,
            )


def sent_by_the_caller() -> Iterator[Told]:
    """AWS says that a user agent is always there, and that the caller sends it: can it be left out?"""
    key, bucket = opens_key(ROOT_B), opens_bucket(ROOT_B)
    there, missing = ({"Null": {"aws:UserAgent": text}} for text in ("false", "true"))
    never = {"StringEqualsIfExists": {"aws:UserAgent": "x"}, "StringNotEquals": {"aws:UserAgent": "x"}}
    yield (
        "the key denies whoever sends one",
        Scene(key=(key, deny("*", "kms:*", there)), bucket=(bucket,)),
        MIGHT,
    )
    walls = (bucket, deny("*", "s3:*", there, on=OBJECTS))
    yield "the bucket denies whoever sends one", Scene(key=(key,), bucket=walls), MIGHT
    for when in (missing, never):
        yield f"the bucket lets in if {when}", Scene(key=(key,), bucket=(opens_bucket(ROOT_B, when),)), MIGHT
    on_the_way = opens_key(ROOT_B, {"Null": {"aws:CalledViaAWSMCP": "false"}})
    yield "the key lets in who comes by another service", Scene(key=(on_the_way,), bucket=(bucket,)), MIGHT
    yield (
        "the bucket lets in whoever sends one",
        Scene(key=(key,), bucket=(opens_bucket(ROOT_B, there),)),
        READS,
    )


def session_paths() -> Iterator[Told]:
    named = sts("assumed-role/AWSReservedSSO_Audit_0123456789abcdef/alice")
    sso = {"ArnNotLike": {"aws:PrincipalArn": iam("role/aws-reserved/sso.amazonaws.com/*")}}
    path = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_0123456789abcdef"
    person_of_sso = person(path, S3)
    key = (opens_key(named), deny("*", "kms:Decrypt", sso))
    yield "a session behind the Identity Center guard", Scene(key=key, people=(person_of_sso,)), READS
    soc = {"ArnLike": {"aws:PrincipalArn": iam("role/soc/*")}}
    wide = opens_key("*", soc)
    yield "a role on the path", Scene(key=(wide,), people=(person("role/soc/x", S3),)), READS
    yield "a role of the name on no path", Scene(key=(wide,), people=(person("role/x", S3),)), SHUT
    denied = (opens_key(SESSION), deny("*", "kms:Decrypt", soc))
    yield "denied by its path", Scene(key=denied, people=(person("role/soc/x", S3),)), SHUT
    yield "not denied, on no path", Scene(key=denied, people=(person("role/x", S3),)), READS
    theirs = sts("assumed-role/siem/s1", B)
    there = {"ArnNotLike": {"aws:PrincipalArn": iam("role/soc/*", B)}}
    foreign = (opens_key(theirs), deny("*", "kms:Decrypt", there))
    yield "a session of a role that nobody read", Scene(key=foreign, bucket=(OPEN_TO_B,)), READS
    inverse = (opens_key(theirs), deny("*", "kms:Decrypt", {"ArnLike": there["ArnNotLike"]}))
    yield "the same the other way round", Scene(key=inverse, bucket=(OPEN_TO_B,)), READS


def through_services() -> Iterator[Told]:
    s3 = f"s3.{REGION}.amazonaws.com"
    for when, right in (
        ({"Bool": {"aws:ViaAWSService": "true"}}, READS),
        ({"StringEquals": {"aws:ViaAWSService": "true"}}, READS),
        ({"Null": {"aws:ViaAWSService": "false"}}, READS),
        ({"Bool": {"aws:ViaAWSService": "false"}}, SHUT),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "s3.amazonaws.com"}}, READS),
        ({"StringEquals": {"aws:CalledViaLast": "s3.amazonaws.com"}}, READS),
        ({"Null": {"aws:CalledVia": "false"}}, READS),
        ({"StringEquals": {"kms:ViaService": s3}}, READS),
        ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, SHUT),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, SHUT),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, READS),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, READS),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}, SHUT),
        ({"StringEquals": {"kms:RequestAlias": "alias/logs"}}, MIGHT),
        ({"StringNotEquals": {"kms:RequestAlias": "alias/logs"}}, MIGHT),
        ({"Null": {"kms:RequestAlias": "true"}}, MIGHT),
        ({"Null": {"kms:RequestAlias": "false"}}, MIGHT),
        ({"StringLikeIfExists": {"kms:RequestAlias": "*"}}, READS),
    ):
        yield f"the key opens to B if {when}", b_if(when), right
    endpoint = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
    walls = (opens_key(ROOT_B), deny("*", "kms:Decrypt", endpoint))
    yield "an endpoint in a Deny of the key", Scene(key=walls, bucket=(OPEN_TO_B,)), SHUT
    direct = {**endpoint, "Bool": {"aws:ViaAWSService": "false"}}
    spared = (opens_key(ROOT_B), deny("*", "kms:Decrypt", direct))
    yield "the same but for calls of services", Scene(key=spared, bucket=(OPEN_TO_B,)), READS


def other_principals() -> Iterator[Told]:
    key = (opens_key(ROOT_B),)
    yield "CanonicalUser may fetch", Scene(key=key, bucket=(opens_bucket(CANONICAL),)), MIGHT
    yield "CanonicalUser may fetch, the key is shut", Scene(bucket=(opens_bucket(CANONICAL),)), ("PROVEN",)
    walls = (OPEN_TO_B, deny(CANONICAL, "s3:*", on=OBJECTS))
    yield "CanonicalUser is denied", Scene(key=key, bucket=walls), READS
    spared = {"Effect": "Deny", "NotPrincipal": CANONICAL, "Action": "s3:*", "Resource": OBJECTS}
    yield "all but a CanonicalUser are denied", Scene(key=key, bucket=(OPEN_TO_B, spared)), MIGHT
    yield "a SAML federation may fetch", Scene(key=key, bucket=(opens_bucket(SAML),)), READS + SHUT[1:]
    yield (
        "a SAML federation is denied",
        Scene(key=key, bucket=(OPEN_TO_B, deny(SAML, "s3:*", on=OBJECTS))),
        READS,
    )
    gone = {"AWS": "AROAGONE0000"}
    yield "the ID of a deleted role", Scene(key=(opens_key(gone),), people=(person("role/x", S3),)), SHUT


def but_for(*spared: str) -> Statement:
    return {"Effect": "Deny", "NotPrincipal": {"AWS": list(spared)}, "Action": "kms:Decrypt", "Resource": "*"}


def not_principal() -> Iterator[Told]:
    x, user = person("role/x", S3), person("user/dev", S3)
    bounded = person("user/dev", S3, boundary=(may("*"),))
    dev = iam("user/dev")
    for label, spared, who, right in (
        ("readers and the account; x is neither", (READER, ROOT), x, SHUT),
        ("the account alone", (ROOT,), x, SHUT),
        ("the account alone; a user", (ROOT,), user, SHUT),
        ("x without its account", (X,), x, MIGHT),
        ("x and its account, but no session", (X, ROOT), x, MIGHT),
        ("a session, x and the account", (SESSION, X, ROOT), x, READS),
        ("a user and the account", (dev, ROOT), user, READS),
        ("a user without its account", (dev,), user, MIGHT),
        ("a user with a boundary", (dev, ROOT), bounded, SHUT),
        ("somebody of another account", (ROOT_B, SIEM), user, SHUT),
    ):
        yield label, Scene(key=(KEY_TO_ALL, but_for(*spared)), people=(who,)), right
    foreign = Scene(key=(opens_key(ROOT_B), but_for(ROOT_B)), bucket=(OPEN_TO_B,))
    yield "another account alone: its root is spared", foreign, READS
    foreign = Scene(key=(opens_key(ROOT_B), but_for(SIEM)), bucket=(OPEN_TO_B,))
    yield "a foreign role without its account", foreign, MIGHT


def stored_forms() -> Iterator[Told]:
    """What was read from AWS was taken by AWS: a form that we would refuse is not decided."""
    base = ", ".join(map(json.dumps, BASE_KEY))
    bucket = ", ".join(map(json.dumps, BASE_BUCKET))
    head = '{"Version": "2012-10-17", "Statement": ['
    to_all = '{"Effect": "Allow", "Principal": "*", "Resource": "*"'
    twice = f'{to_all}, "Action": "kms:Decrypt", "Action": "kms:Encrypt"}}'
    effect = (
        '{"Effect": "Allow", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}'
    )
    x = (person("role/x", S3),)
    yield "Action twice", Scene(raw_key=f"{head}{base}, {twice}]}}", people=x), MIGHT
    yield "Effect twice", Scene(raw_key=f"{head}{base}, {effect}]}}", people=x), MIGHT
    fetch = twice.replace("kms:Decrypt", "s3:GetObject").replace("kms:Encrypt", "s3:ListBucket")
    yield "Action twice in the bucket, the key is shut", Scene(raw_bucket=f"{head}{bucket}, {fetch}]}}"), SHUT
    part = deny(iam("role/*"), "kms:Decrypt")
    yield (
        "a wildcard in a part of a denied principal",
        Scene(key=(opens_key(X), part), people=x),
        MIGHT + READS,
    )
    lets = opens_key(iam("role/*"))
    yield "a wildcard in a part of an allowed principal", Scene(key=(lets,), people=x), MIGHT
    for operator, key, value in (
        ("IpAddress", "aws:SourceIp", "192.0.2.0/40"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "1,2"),
        ("DateLessThan", "aws:CurrentTime", "2027-13-01"),
        ("Bool", "aws:MultiFactorAuthPresent", "maybe"),
    ):
        walls = deny("*", "kms:Decrypt", {operator: {key: value}})
        yield f"{operator} {value} in a Deny", Scene(key=(opens_key(X), walls), people=x), MIGHT + READS
    for operator, key, value in (
        ("NotIpAddress", "aws:SourceIp", "192.0.2.0/40"),
        ("NumericNotEquals", "aws:MultiFactorAuthAge", "1,2"),
    ):
        lets = opens_key(X, {operator: {key: value}})
        yield f"{operator} {value} in an Allow", Scene(key=(lets,), people=x), MIGHT
    shared = policy(opens_key(ROOT_B))
    yield "the policy that RAM put on the key", Scene(aws_ram=shared, bucket=(OPEN_TO_B,)), MIGHT
    no_resource = {k: v for k, v in opens_key(ROOT_B).items() if k != "Resource"}
    yield "a statement without Resource has no effect", Scene(key=(no_resource,), bucket=(OPEN_TO_B,)), SHUT
    inverted = {"Effect": "Allow", "NotPrincipal": {"AWS": X}, "Action": "kms:Decrypt", "Resource": "*"}
    yield "Allow with NotPrincipal", Scene(key=(inverted,), bucket=(OPEN_TO_B,)), MIGHT


def guardrails() -> Iterator[Told]:
    linked = person(
        "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForX", may(["s3:*", "kms:*"])
    )
    walls = policy(may("*"), deny(None, ["s3:*", "kms:*"]))
    rcp = ((policy(deny("*", ["s3:*", "kms:*"])),),)
    x = person("role/x", S3, may("kms:Decrypt"))
    fakes = person("role/aws-service-role-like/x", S3, may("kms:Decrypt"))
    for label, who, right in (
        ("a service-linked role", linked, READS),
        ("x", x, SHUT),
        ("a lookalike", fakes, SHUT),
    ):
        yield f"{label} under an SCP", Scene(key=(DELEGATES,), people=(who,), scp=((walls,),)), right
        yield f"{label} under an RCP", Scene(key=(DELEGATES,), people=(who,), rcp=rcp), right


def role_tags() -> Iterator[Told]:
    prod = {"StringEquals": {"aws:PrincipalTag/env": "prod"}}
    walls = (DELEGATES, deny("*", "kms:Decrypt", {"StringNotEquals": prod["StringEquals"]}))
    tagging = trusts(ROOT_B, ["sts:AssumeRole", "sts:TagSession"])
    powers = (S3, may("kms:Decrypt"))
    test = {"tags": {"env": "test"}}
    yield "a session may be tagged", reads(*powers, key=walls, trust=tagging, **test), READS
    yield (
        "a session may be tagged by sts:*",
        reads(*powers, key=walls, trust=trusts(ROOT_B, "sts:*"), **test),
        READS,
    )
    yield "no session may be tagged", reads(*powers, key=walls, **test), SHUT
    yield "an untagged role, sessions may be tagged", reads(*powers, key=walls, trust=tagging), READS
    lets = (opens_key("*", {"StringEquals": {"aws:PrincipalAccount": A, "aws:PrincipalTag/env": "prod"}}),)
    yield "allowed by a session's tag", reads(S3, key=lets, trust=tagging, **test), READS
    folder = may("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/env}}/*")
    yield "a session's tag in Resource", reads(folder, may("kms:Decrypt"), trust=tagging, **test), READS
    tagged = person("user/dev", *powers, tags={"env": "test"})
    yield "a user's tag is sure", Scene(key=walls, people=(tagged,)), SHUT
    yield from _tags_that_can_be_passed()


def _tags_that_can_be_passed() -> Iterator[Told]:
    """A role without tags, a key that asks for one, and trust policies that let it be passed, or not."""
    both = ["sts:AssumeRole", "sts:TagSession"]
    key = (opens_key("*", {"StringEquals": {"aws:PrincipalAccount": A, "aws:PrincipalTag/t": "1"}}),)
    keys = "aws:TagKeys"
    passing = {
        "only another may be passed": ({"ForAllValues:StringEquals": {keys: ["u"]}}, SHUT),
        "only others of a pattern may be passed": ({"ForAllValues:StringLike": {keys: ["u*"]}}, SHUT),
        "it may be passed with another value": ({"StringEquals": {"aws:RequestTag/t": "2"}}, SHUT),
        "another value by pattern": ({"StringLike": {"aws:RequestTag/t": "2*"}}, SHUT),
        "this value may be passed": ({"StringEquals": {"aws:RequestTag/t": ["2", "1"]}}, READS),
        "it may be passed by its key": ({"ForAllValues:StringEquals": {keys: ["T", "u"]}}, READS),
        "by some key that nobody told": ({"ForAllValues:StringEquals": {keys: "${aws:username}"}}, MIGHT),
    }
    for label, (when, right) in passing.items():
        yield f"tags: {label}", reads(S3, key=key, trust=trusts(ROOT_B, both, when)), right
    denying = {
        "denied to everybody": (deny("*", "sts:TagSession"), SHUT),
        "any but another denied": (
            deny("*", "sts:*", {"ForAnyValue:StringNotEquals": {keys: ["u"]}}),
            SHUT,
        ),
        "the tag denied": (deny("*", "sts:TagSession", {"Null": {"aws:RequestTag/t": "false"}}), SHUT),
        "its value denied": (deny("*", "sts:TagSession", {"StringEquals": {"aws:RequestTag/t": "1"}}), SHUT),
        "another tag denied": (deny("*", "sts:TagSession", {"Null": {"aws:RequestTag/u": "false"}}), READS),
    }
    for label, (statement, right) in denying.items():
        lets = (
            {k: v for k, v in each.items() if k != "Resource"} for each in (allow(ROOT_B, both), statement)
        )
        yield f"tags: {label}", reads(S3, key=key, trust=policy(*lets)), right


def by_version() -> Iterator[Told]:
    decrypts = may("kms:Decrypt")
    version = may("s3:GetObjectVersion", on=OBJECTS)
    for state in ("", "Enabled", "Suspended"):
        scene = Scene(key=(DELEGATES,), people=(person("role/x", version, decrypts),), versioning=state)
        yield f"only by version, versioning {state or 'never set'}", scene, READS
    plain = (deny("*", "s3:GetObject", on=OBJECTS),)
    walled = Scene(key=(DELEGATES,), people=(person("role/x", S3, decrypts),), bucket=plain)
    yield "a Deny of s3:GetObject alone", walled, READS
    theirs = allow(ROOT_B, "s3:GetObjectVersion", on=OBJECTS)
    yield "B by version", Scene(key=(opens_key(ROOT_B),), bucket=(theirs,)), READS
    both = (deny("*", ["s3:GetObject", "s3:GetObjectVersion"], on=OBJECTS),)
    yield (
        "a Deny of both",
        Scene(key=(DELEGATES,), people=(person("role/x", S3, decrypts),), bucket=both),
        SHUT,
    )


def federated_sessions() -> Iterator[Told]:
    auditor = sts("federated-user/auditor")
    asks = may("sts:GetFederationToken")
    key = (opens_key(auditor),)
    yield "a user may make it", Scene(key=key, people=(person("user/zed", S3, asks),)), READS
    yield "a user may by sts:*", Scene(key=key, people=(person("user/zed", S3, may("sts:*")),)), READS
    both = (opens_bucket(auditor),)
    yield "on both sides", Scene(key=key, bucket=both, people=(person("user/zed", asks),)), READS
    rest = {"base_people": BASE_PEOPLE[1:]}
    yield "the account's root may make it, and is listed", Scene(key=key), SHUT
    yield "the account's root may make it", Scene(key=key, listed=LISTED[:2]), READS
    yield "nobody may make it", Scene(key=key, people=(person("user/zed", S3),), **rest), SHUT
    yield "its maker may not fetch", Scene(key=key, people=(person("user/zed", asks),), **rest), SHUT
    yield (
        "of another account",
        Scene(key=(opens_key(sts("federated-user/f", B)),), bucket=(OPEN_TO_B,)),
        READS,
    )
    zed, maker = iam("user/zed"), (person("user/zed", asks),)
    yield "the key names its maker", Scene(key=(opens_key(zed),), bucket=both, people=maker), READS
    yield "the bucket names its maker", Scene(key=key, bucket=(opens_bucket(zed),), people=maker), READS
    yield "a grant names its maker", Scene(grants=(granted(zed),), bucket=both, people=maker), READS
    listed = Scene(key=(opens_key(zed),), bucket=both, people=maker, listed=(*LISTED, zed))
    yield "its maker is named, and is listed", listed, SHUT
    rest = {"base_people": BASE_PEOPLE[1:]}
    others = (person("user/zed"), person("user/ann", asks))
    yield "another user is named", Scene(key=(opens_key(zed),), bucket=both, people=others, **rest), SHUT
    walled = Scene(key=(*key, deny(zed, "kms:Decrypt")), bucket=both, people=maker, **rest)
    yield "its maker is denied", walled, MIGHT
    foreign = (opens_bucket(sts("federated-user/f", B)),)
    yield (
        "its maker is of another account",
        Scene(key=(opens_key(iam("user/zed", B)),), bucket=foreign),
        READS,
    )


def between(family: str, key: str, low: str, high: str) -> dict[str, object]:
    return {f"{family}GreaterThan": {key: low}, f"{family}LessThan": {key: high}}


def untold_comparisons() -> Iterator[Told]:
    """What an operator makes of a value that the request has for certain, and AWS's page does not say."""
    x = (person("role/x", S3, may("kms:Decrypt")),)
    for label, operator, value in (
        ("a lone star", "ArnLike", "*"),
        ("a lone star, negated", "ArnNotLike", "*"),
        ("three parts of an ARN", "ArnEquals", "arn:aws:iam"),
    ):
        when = {operator: {"aws:PrincipalArn": value}}
        denied = Scene(key=(DELEGATES, deny("*", "kms:Decrypt", when)), people=x)
        yield f"a Deny by {label}", denied, MIGHT
        yield f"an Allow by {label}", Scene(key=(opens_key(X, when),), people=x), MIGHT


def several_values() -> Iterator[Told]:
    x = (person("role/x", S3, may("kms:Decrypt")),)
    for pattern, right in (("aws:s3:arn", MIGHT), ("aws:*", SHUT), ("team", READS)):
        when = {"StringLike": {"kms:EncryptionContextKeys": pattern}}
        yield (
            f"a Deny of {pattern} without a set word",
            Scene(key=(DELEGATES, deny("*", "kms:Decrypt", when)), people=x),
            right,
        )


def splitting() -> Iterator[Told]:
    key = (opens_key(ROOT_B),)
    for low, high, right in (("1.25", "1.35", READS), ("1.2", "1.20001", READS), ("1.35", "1.25", SHUT)):
        lets = opens_bucket(ROOT_B, between("Numeric", "s3:TlsVersion", low, high))
        yield (
            f"TLS between {low} and {high}",
            Scene(key=key, bucket=(lets,)),
            READS if right is READS else SHUT,
        )
    second = between("Date", "aws:CurrentTime", "2027-01-01T00:00:00Z", "2027-01-01T00:00:02Z")
    yield "one second", b_if(second), READS
    for label, when, right in (
        (
            "an address and a text",
            {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringLike": {"aws:SourceIp": "192.0.2.1?"}},
            READS,
        ),
        ("any IPv4", {"NotIpAddress": {"aws:SourceIp": "::/0"}, "Null": {"aws:SourceIp": "false"}}, READS),
        (
            "any IPv6",
            {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}, "Null": {"aws:SourceIp": "false"}},
            READS,
        ),
        (
            "no address",
            {"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}, "Null": {"aws:SourceIp": "false"}},
            SHUT,
        ),
        (
            "a role by another case",
            {"StringEqualsIgnoreCase": {"aws:PrincipalArn": iam("role/SIEM", B)}},
            READS,
        ),
        (
            "a case of its own",
            {
                "StringEqualsIgnoreCase": {"aws:UserAgent": "AbC"},
                "StringNotEquals": {"aws:UserAgent": ["abc", "ABC", "AbC", "aBc"]},
            },
            READS,
        ),
        ("a path with a hash", {"StringLike": {"aws:PrincipalArn": iam("role/*#*", B)}}, READS),
        ("a path with a tilde", {"ArnLike": {"aws:PrincipalArn": iam("user/~*/ops", B)}}, READS),
        ("a name that no role has", {"StringLike": {"aws:PrincipalArn": iam("role/a b", B)}}, SHUT),
        ("set words in small letters", {"foranyvalue:stringlike": {"aws:PrincipalOrgPaths": "o-a/*"}}, READS),
        ("ForAllValues of nothing", {"ForAllValues:StringEquals": {"aws:PrincipalTag/x": "never"}}, READS),
        ("tags between two", between("Numeric", "aws:PrincipalTag/level", "3", "4"), READS),
        ("a tag that is an address", {"IpAddress": {"aws:PrincipalTag/ip": "10.0.0.0/8"}}, READS),
        ("a tag's date", {"DateGreaterThan": {"aws:PrincipalTag/until": "2027-01-01T00:00:00Z"}}, READS),
    ):
        yield label, b_if(when), right
    lots = [f"o-a/r-1/ou-{n}/*" for n in range(9)]
    yield "nine paths", b_if({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": lots}}), ("REFUTED",)
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    yield "plain HTTP under SSE-S3", Scene(sealed=False, bucket=(opens_bucket("*", plain),)), READS
    yield "plain HTTP under SSE-KMS", Scene(key=(opens_key(),), bucket=(opens_bucket(ROOT_B, plain),)), SHUT
    context = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"}}
    yield "objects without the trail's pair", b_if(context), READS
    chain = Scene(people=(person("user/dev", may("sts:AssumeRole", on=READER)),))
    yield "whoever may become a listed reader counts as one", chain, ("PROVEN",)
    listed = Scene(key=(opens_key(SESSION),), people=(person("role/x", S3),), listed=(*LISTED, SESSION))
    yield "a listed session leaves its siblings out", listed, SHUT
    other = Scene(key=(opens_key(X),), people=(person("role/x", S3),), listed=(*LISTED, SESSION))
    yield "a listed session does not list its role", other, READS


GROUPS = (
    (variables, VARIABLES),
    (grants, KMS + "grants.html"),
    (derived_keys, KEYS),
    (identity_of_services, KEYS),
    (sent_by_the_caller, KEYS),
    (session_paths, KEYS + "#condition-keys-principalarn"),
    (through_services, FORWARDED),
    (other_principals, PRINCIPAL),
    (not_principal, NOT_PRINCIPAL),
    (stored_forms, GRAMMAR),
    (guardrails, ORG + "orgs_manage_policies_scps.html"),
    (role_tags, STS_API + "API_AssumeRole.html"),
    (by_version, S3_API + "API_GetObject.html"),
    (federated_sessions, STS_API + "API_GetFederationToken.html"),
    (untold_comparisons, OPERATORS + "#Conditions_ARN"),
    (several_values, SETS),
    (splitting, OPERATORS),
)


def faults() -> Iterator[Fault]:
    """Every estate of every kind."""
    for group, page in GROUPS:
        for label, scene, right in group():
            yield Fault(name=f"{group.__name__}: {label}", page=page, scene=scene, right=right)
