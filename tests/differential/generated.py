"""Generated requests over generated policies, as `simulate` reads them, with every context key given."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

HERE, THERE = "123456789012", "210987654321"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555"
BUCKET = "arn:aws:s3:::trail-logs"
OBJECT = f"{BUCKET}/AWSLogs/123456789012/CloudTrail/a.json.gz"
ROLE = f"arn:aws:iam::{HERE}:role/Target"
QUEUE = f"arn:aws:sqs:ap-northeast-1:{HERE}:events"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{HERE}:trail/story"
ASKED = (
    ("kms:Decrypt", KEY),
    ("kms:GenerateDataKey", KEY),
    ("kms:PutKeyPolicy", KEY),
    ("kms:CreateGrant", KEY),
    ("s3:GetObject", OBJECT),
    ("s3:ListBucket", BUCKET),
    ("sts:AssumeRole", ROLE),
    ("sts:GetCallerIdentity", "*"),
    ("sqs:SendMessage", QUEUE),
)
ASKED_BY_ANYBODY = tuple(asked for asked in ASKED if asked[0] != "sts:GetCallerIdentity")
WITH_CONTEXT = ("kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant")
"""The operations above that have an encryption context."""
PEOPLE = tuple(
    arn
    for account in (HERE, THERE)
    for arn in (
        f"arn:aws:iam::{account}:user/alice",
        f"arn:aws:iam::{account}:user/team/bob",
        f"arn:aws:sts::{account}:assumed-role/Role1/User1",
        f"arn:aws:sts::{account}:assumed-role/Role1/Other",
        f"arn:aws:sts::{account}:federated-user/carol",
    )
)
SERVICE_LINKED = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
ROLES = tuple(
    f"arn:aws:iam::{account}:{role}" for account in (HERE, THERE) for role in ("role/Role1", SERVICE_LINKED)
)
TRAIL_SERVICE = "cloudtrail.amazonaws.com"
USER_ID, ROLE_ID = "AIDACKCEVSQ6C2EXAMPLE", "AROAEXAMPLEID"
OF_THE_CALLER = ("aws:userid", "aws:username")
CALLERS: tuple[Any, ...] = (*PEOPLE, *PEOPLE, *ROLES, {"service": TRAIL_SERVICE}, "anonymous")
ACTIONS: tuple[str, ...] = (
    "*",
    "*",
    "*",
    "kms:*",
    "kms:Decrypt",
    "KMS:decrypt",
    "kms:Gen*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "s3:ListBucket",
)
ACTIONS += ("sts:AssumeRole", "sts:*", "sqs:*", "sqs:SendMessage", "iam:PassRole")
RESOURCES: tuple[str, ...] = (
    "*",
    "*",
    "*",
    KEY,
    "arn:aws:kms:*:*:key/*",
    f"arn:aws:kms:ap-northeast-1:{THERE}:key/*",
    BUCKET,
    f"{BUCKET}/*",
)
RESOURCES += (
    f"{BUCKET}/AWSLogs/*/a.json.gz",
    OBJECT,
    "arn:aws:s3:::other*",
    ROLE,
    f"arn:aws:iam::{HERE}:role/*",
)
RESOURCES += (QUEUE, f"{BUCKET}/AWSLogs/${{aws:PrincipalAccount}}/*", f"{BUCKET}/AWSLogs/1234567890?2/*")
VALUES: dict[str, tuple[str, ...]] = {
    "aws:PrincipalArn": (),
    "aws:PrincipalAccount": (),
    "kms:CallerAccount": (),
    "kms:EncryptionContext:aws:cloudtrail:arn": (
        TRAIL,
        TRAIL + "2",
        f"arn:aws:cloudtrail:eu-west-1:{THERE}:trail/x",
    ),
    "kms:ViaService": ("s3.ap-northeast-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"),
    "aws:SourceIp": ("10.0.0.1", "192.0.2.7", "2001:db8::1"),
    "aws:SourceArn": (TRAIL, "arn:aws:s3:::trail-logs"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:MultiFactorAuthAge": ("10", "3600"),
    "aws:CurrentTime": ("2026-11-23T12:00:00Z", "2020-01-01T00:00:00Z"),
    "aws:SecureTransport": ("true", "false"),
    "aws:ViaAWSService": ("true", "false"),
    "aws:CalledViaFirst": ("athena.amazonaws.com", "glue.amazonaws.com"),
    "s3:prefix": ("AWSLogs/", "home/alice/", "*"),
    "aws:userid": (USER_ID, f"{ROLE_ID}:User1"),
    "aws:ResourceTag/team": ("blue", "red"),
    "aws:username": ("alice", "bob"),
    "aws:PrincipalTag/team": ("blue", "Blue", "red"),
}
SETS = {
    "aws:TagKeys": ("team", "cost", "Team"),
    "aws:CalledVia": ("athena.amazonaws.com", "glue.amazonaws.com"),
}
WANTED: dict[str, tuple[str, ...]] = {
    "String": (
        "alice",
        "blue",
        "Blue",
        "*",
        "AWSLogs/*",
        "home/${aws:username}/",
        "s3.*.amazonaws.com",
        HERE,
        TRAIL,
        "arn:aws:cloudtrail:*:123456789012:trail/*",
        "te?m",
        "",
        "${aws:PrincipalTag/team, 'red'}",
        "team",
        "true",
        "false",
        "AROA*:User1",
        "${aws:PrincipalTag/team}",
        "athena.amazonaws.com",
    ),
    "Arn": (
        TRAIL,
        "arn:aws:cloudtrail:*:123456789012:trail/*",
        "arn:aws:iam::*:user/alice",
        "arn:aws:*:*:*:*",
        f"arn:aws:iam::{HERE}:role/Role1",
        "arn:aws:s3:::trail-*",
        "arn:aws:iam::123456789012:*",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::*:user/${aws:username}",
    ),
    "Numeric": ("10", "3600", "60", "10.0"),
    "Date": ("2026-11-23T12:00:00Z", "2025-01-01T00:00:00Z", "2026-11-23T21:00:00+09:00"),
    "Bool": ("true", "false"),
    "Ip": ("10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "0.0.0.0/1"),
    "Null": ("true", "false"),
}
FAMILIES = {
    "String": (
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
    ),
    "Arn": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
    "Numeric": ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"),
    "Date": ("DateEquals", "DateLessThan", "DateGreaterThanEquals", "DateNotEquals"),
    "Bool": ("Bool",),
    "Ip": ("IpAddress", "NotIpAddress"),
    "Null": ("Null",),
}
KEYS = {
    "String": tuple(VALUES),
    "Arn": ("aws:PrincipalArn", "aws:SourceArn", "kms:EncryptionContext:aws:cloudtrail:arn"),
    "Numeric": ("aws:MultiFactorAuthAge",),
    "Date": ("aws:CurrentTime",),
    "Bool": ("aws:MultiFactorAuthPresent", "aws:SecureTransport", "aws:ViaAWSService"),
    "Ip": ("aws:SourceIp",),
    "Null": (*VALUES, *SETS),
}


def one_or_more(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """A single value, alone or in a list, or a few."""
    single = st.sampled_from(values)
    return single | st.lists(single, min_size=1, max_size=3, unique=True)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """One or two operators with a key each."""
    found: dict[str, Any] = {}
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        family = draw(st.sampled_from(tuple(FAMILIES)))
        operator = draw(st.sampled_from(FAMILIES[family]))
        key = draw(st.sampled_from(KEYS[family]))
        if family == "String" and draw(st.integers(0, 4)) == 0:
            operator = draw(st.sampled_from(("ForAllValues:", "ForAnyValue:"))) + operator
            key = draw(st.sampled_from(tuple(SETS)))
        if family != "Null" and "ForAny" not in operator and draw(st.integers(0, 3)) == 0:
            operator += "IfExists"
        found.setdefault(operator, {})[key] = draw(one_or_more(WANTED[family]))
    return found


PRINCIPALS = (
    *(
        {"AWS": "*"},
        "*",
        {"AWS": HERE},
        {"AWS": f"arn:aws:iam::{HERE}:root"},
        {"AWS": f"arn:aws:iam::{THERE}:root"},
    ),
    *({"AWS": caller} for caller in PEOPLE),
    *({"AWS": [f"arn:aws:iam::{a}:role/Role1", f"arn:aws:iam::{a}:user/alice"]} for a in (HERE, THERE)),
    *({"AWS": f"arn:aws:iam::{a}:role/Role1"} for a in (HERE, THERE)),
    {"Service": TRAIL_SERVICE},
    {"Service": ["ec2.amazonaws.com", TRAIL_SERVICE]},
)


def chain(caller: str) -> dict[str, list[str]]:
    """Return a caller with its parents, as NotPrincipal wants them: account, role, session or user."""
    account = caller.split(":")[4]
    role = [f"arn:aws:iam::{account}:role/Role1"] if ":assumed-role/" in caller else []
    return {"AWS": [caller, *role, f"arn:aws:iam::{account}:root"]}


SPARED = (*map(chain, PEOPLE), *PRINCIPALS)
"""Whom a NotPrincipal lists: whole chains, and all else that can be written there."""


@st.composite
def statements(draw: st.DrawFn, *, principal: bool = False, resource: bool = True) -> dict[str, Any]:
    """One statement of the kind of policy it is for."""
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow",) * 5 + ("Deny",)))}
    if principal:
        name = "NotPrincipal" if made["Effect"] == "Deny" and draw(st.integers(0, 5)) == 0 else "Principal"
        made[name] = draw(st.sampled_from(PRINCIPALS if name == "Principal" else SPARED))
    made[draw(st.sampled_from(("Action",) * 7 + ("NotAction",)))] = draw(one_or_more(ACTIONS))
    if resource:
        element = draw(st.sampled_from(("Resource",) * 7 + ("NotResource",)))
        made[element] = draw(st.just("*") | one_or_more(RESOURCES))
    if condition := draw(conditions()):
        made["Condition"] = condition
    return made


@st.composite
def documents(draw: st.DrawFn, *, principal: bool = False, resource: bool = True) -> dict[str, Any]:
    """A whole policy; one in six is of the old version, which has no variables."""
    listed = draw(st.lists(statements(principal=principal, resource=resource), min_size=1, max_size=3))
    version = draw(st.sampled_from(("2012-10-17",) * 5 + ("2008-10-17",)))
    return {"Version": version, "Statement": listed}


FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def principal_context(caller: Any) -> dict[str, str]:
    """Return what follows from the caller. A session's role has to be told: its ARN has no path."""
    if isinstance(caller, dict):
        return {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": caller["service"]}
    if caller == "anonymous":
        return {"aws:PrincipalIsAWSService": "false", "aws:PrincipalAccount": "anonymous"}
    account = caller.split(":")[4]
    arn = caller
    if ":assumed-role/" in caller:
        arn = f"arn:aws:iam::{account}:role/Role1"
    return {"aws:PrincipalArn": arn, "aws:PrincipalAccount": account, "kms:CallerAccount": account}


def names_of_the_caller(caller: Any) -> dict[str, str]:
    """Return the ID and the name that the caller has: a line that gives it another's is refused."""
    if not isinstance(caller, str) or caller == "anonymous":
        return {}
    kind, _, name = caller.split(":", 5)[5].partition("/")
    last = name.rpartition("/")[2]
    if kind == "user":
        return {"aws:userid": USER_ID, "aws:username": last}
    if kind == "assumed-role":
        return {"aws:userid": f"{ROLE_ID}:{last}"}
    return {"aws:userid": f"{caller.split(':')[4]}:{last}"} if kind == "federated-user" else {}


@st.composite
def contexts(draw: st.DrawFn, caller: Any, action: str) -> dict[str, Any]:
    """The caller's facts, and some of the others."""
    made: dict[str, Any] = dict(principal_context(caller))
    own = names_of_the_caller(caller)
    for key, values in VALUES.items():
        if key in OF_THE_CALLER:
            made |= {key: own[key]} if key in own and draw(st.booleans()) else {}
            continue
        has_it = action in WITH_CONTEXT or not key.startswith("kms:EncryptionContext:")
        if values and has_it and draw(st.booleans()):
            made[key] = draw(st.sampled_from(values))
    for key, values in SETS.items():
        if draw(st.integers(0, 2)) == 0:
            made[key] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
    return made


def _of_everybody(document: dict[str, Any]) -> dict[str, Any]:
    """An endpoint policy that names nobody but `*`."""
    return {**document, "Statement": [{**s, "Principal": "*"} for s in document["Statement"]]}


def _as_rcp(document: dict[str, Any]) -> dict[str, Any]:
    """A resource control policy denies everybody, is of the newer version, and names its services."""
    made = []
    for statement in _of_everybody(document)["Statement"]:
        actions = statement.pop("NotAction", None) or statement["Action"]
        listed = [actions] if isinstance(actions, str) else actions
        services = ["s3:*" if action == "*" else action for action in listed]
        made.append({**statement, "Effect": "Deny", "Action": services})
    return {"Version": "2012-10-17", "Statement": made}


def _as_scp(document: dict[str, Any]) -> dict[str, Any]:
    """A service control policy has the newer Version."""
    return {**document, "Version": "2012-10-17"}


def _as_trust(document: dict[str, Any]) -> dict[str, Any]:
    """A trust policy has no NotPrincipal."""
    return {
        **document,
        "Statement": [
            {k.replace("NotPrincipal", "Principal"): v for k, v in s.items()} for s in document["Statement"]
        ],
    }


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """One line for both engines."""
    caller = draw(st.sampled_from(CALLERS))
    identified = isinstance(caller, str) and caller != "anonymous"
    action, resource = draw(st.sampled_from(ASKED if identified else ASKED_BY_ANYBODY))
    trust = action == "sts:AssumeRole"
    identity = draw(st.lists(documents() | st.just(FULL), max_size=2)) if identified else []
    policies: dict[str, Any] = {"identity": identity}
    if trust or action.startswith("kms:") or not identified or draw(st.booleans()):
        of_resource = draw(documents(principal=True, resource=not trust))
        policies["resource"] = _as_trust(of_resource) if trust else of_resource
    if identified and draw(st.integers(0, 3)) == 0:
        policies["boundary"] = [draw(documents() | st.just(FULL))]
    if identified and ":user/" not in caller and draw(st.integers(0, 3)) == 0:
        policies["session"] = draw(documents() | st.just(FULL))
    if draw(st.integers(0, 3)) == 0:
        scp = documents().map(_as_scp) | st.just(FULL)
        policies["scp"] = draw(st.lists(st.lists(scp, min_size=1, max_size=2), max_size=2))
    if draw(st.integers(0, 4)) == 0:
        policies["rcp"] = [[_as_rcp(draw(documents()))]]
    if draw(st.integers(0, 5)) == 0:
        policies["vpc_endpoint"] = [_of_everybody(draw(documents() | st.just(FULL)))]
    request: dict[str, Any] = {
        "principal": caller,
        "action": action,
        "resource": resource,
        "resource_account": HERE,
    }
    request["context"] = draw(contexts(caller, action))
    return {"request": request, "policies": policies, "derive": False, "unknown_context": "absent"}
