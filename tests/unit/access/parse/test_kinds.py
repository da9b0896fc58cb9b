"""What AWS takes and refuses, by kind of policy: each form with AWS's page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rows import each_row
from trailseal.access.parse.document import read_policy
from trailseal.access.parse.kind import IN_IAM, OF_A_CALLER, PolicyKind, kind_on_resource
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.stored import read_stored

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_"
GRAMMAR, PRINCIPAL = f"{IAM}grammar.html", f"{IAM}elements_principal.html"
NOT_PRINCIPAL, ACTION = f"{IAM}elements_notprincipal.html", f"{IAM}elements_action.html"
RESOURCE, SID, ID = (f"{IAM}elements_{name}.html" for name in ("resource", "sid", "id"))
OPERATORS, VARIABLES = f"{IAM}elements_condition_operators.html", f"{IAM}variables.html"
ORG = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_"
SCPS, RCPS = f"{ORG}scps_syntax.html", f"{ORG}rcps_syntax.html"
PUT_KEY_POLICY = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"
CHECKS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"

K = PolicyKind
ALL = frozenset(K)
SCP, RCP, KEY, BUCKET, TRUST = {K.SCP}, {K.RCP}, {K.KEY}, {K.BUCKET}, {K.TRUST}
CALLERS = OF_A_CALLER | SCP
ON_RESOURCES = ALL - CALLERS
ROLE = "arn:aws:iam::111122223333:role/team/x"
USER = "arn:aws:iam::111122223333:user/d"
OIDC = "arn:aws:iam::111122223333:oidc-provider/example.com"
SAML = "arn:aws:iam::111122223333:saml-provider/corp"


def base(kind: PolicyKind) -> dict[str, Any]:
    """Return a sound statement of this kind."""
    made: dict[str, Any] = {"Effect": "Deny" if kind is K.RCP else "Allow"}
    if kind not in CALLERS:
        made["Principal"] = "*"
    made["Action"] = "sts:AssumeRole" if kind is K.TRUST else "s3:GetObject"
    if kind is not K.TRUST:
        made["Resource"] = "*"
    return made


def policy(kind: PolicyKind, change: dict[str, Any]) -> dict[str, Any]:
    """Return a sound policy with one statement as changed; None takes an element away."""
    statement = {k: v for k, v in (base(kind) | change).items() if v is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def named(**principals: Any) -> dict[str, Any]:
    """Return the change that names these principals."""
    return {"Principal": principals}


def under(operator: str, value: Any, key: str = "aws:x") -> dict[str, Any]:
    """Return the change that adds a condition."""
    return {"Condition": {operator: {key: value}}}


REFUSED = [
    ("a wildcard in the name of a user", ON_RESOURCES, named(AWS=f"{USER}*"), "Principal.AWS", PRINCIPAL),
    (
        "a wildcard in the account",
        ON_RESOURCES,
        named(AWS="arn:aws:iam::*:root"),
        "Principal.AWS",
        PRINCIPAL,
    ),
    (
        "a wildcard in a service",
        ON_RESOURCES,
        named(Service="*.amazonaws.com"),
        "Principal.Service",
        PRINCIPAL,
    ),
    ("a group", ON_RESOURCES, named(AWS=USER.replace("user", "group")), "Principal.AWS", PRINCIPAL),
    ("a text that is no principal", ON_RESOURCES, named(AWS="alice"), "Principal.AWS", PRINCIPAL),
    ("a variable in a principal", ON_RESOURCES, named(AWS=f"{USER}/${{aws:x}}"), "Principal.AWS", PRINCIPAL),
    ("an empty list of principals", ON_RESOURCES, named(AWS=[]), "Principal.AWS", PRINCIPAL),
    ("an empty text as a principal", ON_RESOURCES, named(AWS=""), "Principal.AWS", PRINCIPAL),
    ("Principal", CALLERS, {"Principal": "*"}, "Principal", PRINCIPAL),
    ("NotPrincipal", CALLERS, {"NotPrincipal": {"AWS": ROLE}}, "NotPrincipal", NOT_PRINCIPAL),
    (
        "NotPrincipal in a deny",
        TRUST | RCP,
        {"Effect": "Deny", "Principal": None, "NotPrincipal": {"AWS": ROLE}},
        "NotPrincipal",
        NOT_PRINCIPAL,
    ),
    (
        "NotPrincipal with Allow",
        ON_RESOURCES - RCP,
        {"Principal": None, "NotPrincipal": {"AWS": ROLE}},
        "NotPrincipal",
        NOT_PRINCIPAL,
    ),
    ("no Principal", ON_RESOURCES, {"Principal": None}, "Principal", PRINCIPAL),
    ("no Principal at an endpoint", {K.ENDPOINT}, {"Principal": None}, "Principal", ENDPOINTS),
    ("no Action", ALL - KEY, {"Action": None}, "Action", GRAMMAR),
    ("no Resource", ALL - KEY - TRUST - {K.RESOURCE}, {"Resource": None}, "Resource", GRAMMAR),
    ("a Resource", TRUST, {"Resource": "*"}, "Resource", CHECKS),
    ("an action without a service", ALL, {"Action": "GetObject"}, "Action", ACTION),
    ("an action with two colons", ALL, {"Action": "s3:Get:Object"}, "Action", ACTION),
    ("an action without a name", ALL, {"Action": "s3:"}, "Action", ACTION),
    ("no actions", ALL, {"Action": []}, "Action", ACTION),
    ("an empty action", ALL, {"Action": ["s3:GetObject", ""]}, "Action", ACTION),
    ("no resources", ALL - TRUST, {"Resource": []}, "Resource", RESOURCE),
    (
        "an OpenID Connect provider",
        ON_RESOURCES - TRUST,
        named(Federated=OIDC),
        "Principal.Federated",
        PRINCIPAL,
    ),
    (
        "a provider by name",
        KEY | BUCKET,
        named(Federated="accounts.google.com"),
        "Principal.Federated",
        PRINCIPAL,
    ),
    ("a canonical user", KEY | TRUST, named(CanonicalUser="79a5"), "Principal.CanonicalUser", GRAMMAR),
    ("a Sid with a blank", IN_IAM | SCP | RCP, {"Sid": "a b"}, "Sid", SID),
    ("an Allow", RCP, {"Effect": "Allow"}, "Effect", RCPS),
    ("a named principal", RCP, named(AWS=ROLE), "Principal.AWS", RCPS),
    ("every action", RCP, {"Action": "*"}, "Action", RCPS),
    ("NotAction", RCP, {"Action": None, "NotAction": "s3:GetObject"}, "NotAction", RCPS),
    *(
        (f"{operator} {value}", ALL, under(operator, value), f"Condition.{operator}.aws:x", OPERATORS)
        for operator, value in (
            ("NumericEquals", "x"),
            ("NumericLessThanIfExists", "1,2"),
            ("NumericEquals", "1_0"),
            ("NumericEquals", "nan"),
            ("DateLessThan", "2027-13"),
            ("DateLessThan", "2027-02-30"),
            ("ForAllValues:DateEquals", "tomorrow"),
            ("IpAddress", "10.0.0.0/40"),
            ("NotIpAddress", "x"),
            ("IpAddress", ["10.0.0.0/8", "fe80::1%eth0"]),
            ("IpAddress", "10.0.0.0/255.0.0.0"),
            ("Bool", "yes"),
            ("Null", "maybe"),
            ("BinaryEquals", "not base64!"),
        )
    ),
    (
        "a variable under Numeric",
        ALL,
        under("NumericEquals", "${aws:y}"),
        "Condition.NumericEquals.aws:x",
        VARIABLES,
    ),
    ("a variable under Bool", ALL, under("Bool", "${aws:y}"), "Condition.Bool.aws:x", VARIABLES),
    (
        "a key in two spellings",
        ALL,
        {"Condition": {"StringEquals": {"aws:x": "1", "AWS:X": "2"}}},
        "Condition.StringEquals.AWS:X",
        CHECKS,
    ),
    (
        "an operator in two spellings",
        ALL,
        {"Condition": {"StringEquals": {"aws:x": "1"}, "stringequals": {"aws:y": "2"}}},
        "Condition.stringequals",
        CHECKS,
    ),
]
TAKEN = [
    ("an account", ON_RESOURCES - RCP, named(AWS="111122223333"), PRINCIPAL),
    (
        "a user, a role, a root",
        ON_RESOURCES - RCP,
        named(AWS=[USER, ROLE, "arn:aws:iam::111122223333:root"]),
        PRINCIPAL,
    ),
    (
        "sessions and federated users",
        ON_RESOURCES - RCP,
        named(
            AWS=["arn:aws:sts::111122223333:assumed-role/R/s@x", "arn:aws:sts::111122223333:federated-user/f"]
        ),
        PRINCIPAL,
    ),
    (
        "a principal that was deleted",
        ON_RESOURCES - RCP,
        named(AWS=["AIDAEXAMPLEID", "AROAEXAMPLEID"]),
        PRINCIPAL,
    ),
    ("everybody as AWS", ON_RESOURCES, named(AWS="*"), PRINCIPAL),
    (
        "CloudFront's own user",
        BUCKET,
        named(AWS="arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"),
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
    ),
    ("a SAML provider", ON_RESOURCES - RCP, named(Federated=SAML), PRINCIPAL),
    (
        "an OpenID Connect provider",
        TRUST,
        named(Federated=[OIDC, "cognito-identity.amazonaws.com"]),
        PRINCIPAL,
    ),
    ("a canonical user", BUCKET, named(CanonicalUser="79a5"), GRAMMAR),
    ("a service", ON_RESOURCES - RCP, named(Service="cloudtrail.amazonaws.com"), PRINCIPAL),
    (
        "NotPrincipal in a deny",
        KEY | BUCKET,
        {"Effect": "Deny", "Principal": None, "NotPrincipal": {"AWS": ROLE}},
        NOT_PRINCIPAL,
    ),
    ("neither Action nor Resource", KEY, {"Action": None, "Resource": None}, PUT_KEY_POLICY),
    ("a Sid with blanks", KEY | BUCKET, {"Sid": "Allow the trail"}, SID),
    ("every action", ALL - RCP, {"Action": "*"}, ACTION),
    ("NotAction and NotResource", ALL - RCP - TRUST, {"Action": None, "NotAction": "s3:PutObject"}, ACTION),
    ("RCPFullAWSAccess", RCP, {"Effect": "Allow", "Action": "*"}, RCPS),
    ("a deny of one resource", SCP, {"Effect": "Deny", "Resource": "arn:aws:s3:::b"}, SCPS),
    *(
        (f"{operator} {value}", ALL, under(operator, value), OPERATORS)
        for operator, value in (
            ("NumericEquals", ["10", 1.5, "-1e3"]),
            ("DateLessThan", ["2027-01-01", "2027-01-01T10:00Z", "2027-01", 1700000000]),
            ("IpAddress", ["10.0.0.1", "203.0.113.0/24", "2001:db8::/32"]),
            ("Bool", [True, "FALSE"]),
            ("Null", "true"),
            ("BinaryEquals", "QmluYXJ5"),
            ("StringLike", "${aws:username}/*"),
        )
    ),
]


def by_kind(rows: list[Any]) -> list[Any]:
    """Return each row for each of its kinds."""
    return [
        pytest.param(kind, *rest, id=f"{kind}: {name} {i}")
        for i, (name, kinds, *rest) in enumerate(rows)
        for kind in sorted(kinds)
    ]


@pytest.mark.sweep
@each_row(("kind", "change", "place", "source"), by_kind(REFUSED))
def test_a_form_that_aws_refuses_is_refused_with_its_place(
    kind: PolicyKind, change: dict[str, Any], place: str, source: str
) -> None:
    with pytest.raises(InvalidPolicyError) as problem:
        read_policy(json.dumps(policy(kind, change)), kind)

    assert problem.value.place == f"Statement[0].{place}"
    assert source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.sweep
@each_row(("kind", "change", "place", "source"), by_kind(REFUSED))
def test_a_stored_form_that_aws_refuses_is_undecided_there(
    kind: PolicyKind, change: dict[str, Any], place: str, source: str
) -> None:
    found = read_stored(json.dumps(policy(kind, change)), kind).statements

    assert {s.undecided.place for s in found if s.undecided} == {f"Statement[0].{place}"}
    assert all(s.undecided for s in found)
    assert source


@each_row(("kind", "change", "source"), by_kind(TAKEN))
def test_a_form_that_aws_takes_is_taken(kind: PolicyKind, change: dict[str, Any], source: str) -> None:
    strict = read_policy(policy(kind, change), kind).statements

    assert read_stored(policy(kind, change), kind).statements == strict
    assert strict[0].undecided is None
    assert source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize("kind", sorted(ALL))
def test_equal_sids_are_refused_by_iam_and_organizations_only(kind: PolicyKind) -> None:
    twice = {"Version": "2012-10-17", "Statement": [{"Sid": "A"} | base(kind)] * 2}
    stored = read_stored(twice, kind).statements

    if kind in {K.KEY, K.BUCKET, K.ENDPOINT, K.RESOURCE}:
        assert len(read_policy(twice, kind).statements) == len(stored)
        assert not any(s.undecided for s in stored)
        return
    with pytest.raises(InvalidPolicyError) as problem:
        read_policy(twice, kind)
    assert problem.value.place == "Statement[1].Sid"
    assert [bool(s.undecided) for s in stored] == [False, True]


@pytest.mark.parametrize("kind", sorted(ALL))
def test_empty_sids_are_none(kind: PolicyKind) -> None:
    twice = {"Version": "2012-10-17", "Statement": [{"Sid": ""} | base(kind)] * 2}

    assert [s.label for s in read_policy(twice, kind).statements] == ["#1", "#2"]


@pytest.mark.parametrize("kind", sorted(ALL))
def test_an_id_is_for_policies_on_resources(kind: PolicyKind) -> None:
    with_id = {"Id": "mine", **policy(kind, {})}

    if kind not in OF_A_CALLER:
        assert read_policy(with_id, kind).id == "mine"
        return
    with pytest.raises(InvalidPolicyError) as problem:
        read_policy(with_id, kind)
    assert problem.value.place == "Id"
    assert [s.undecided.place for s in read_stored(with_id, kind).statements if s.undecided] == ["Id"]


@pytest.mark.parametrize("kind", [K.SCP, K.RCP])
@pytest.mark.parametrize("version", ["2008-10-17", "2020-01-01", None])
def test_a_policy_of_an_organization_is_of_the_newer_version(version: str | None, kind: PolicyKind) -> None:
    document = {**policy(kind, {}), **({"Version": version} if version else {})}
    document = document if version else {"Statement": document["Statement"]}

    with pytest.raises(InvalidPolicyError) as problem:
        read_policy(document, kind)
    assert problem.value.place == "Version"
    assert str(problem.value.what) == "a policy of this kind has the Version 2012-10-17"


@pytest.mark.parametrize("kind", sorted(ALL))
def test_a_blank_before_the_brace_is_refused_by_iam_and_s3(kind: PolicyKind) -> None:
    text = "\n" + json.dumps(policy(kind, {}))

    if kind in {*OF_A_CALLER, K.TRUST, K.BUCKET}:
        with pytest.raises(InvalidPolicyError):
            read_policy(text, kind)
    else:
        assert read_policy(text, kind).statements
    assert not any(s.undecided for s in read_stored(text, kind).statements)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("kms:Decrypt", K.KEY),
        ("KMS:Decrypt", K.KEY),
        ("s3:GetObject", K.BUCKET),
        ("sts:AssumeRole", K.TRUST),
        ("sqs:SendMessage", K.RESOURCE),
    ],
)
def test_the_kind_of_a_resources_policy_follows_from_the_service(action: str, kind: PolicyKind) -> None:
    assert kind_on_resource(action) is kind
