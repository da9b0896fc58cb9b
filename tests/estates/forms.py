"""The forms that a test in a Condition may take: those that a proof can split, and those that it cannot."""

from __future__ import annotations

import random
from collections.abc import Callable

from estates.build import REGION, TRAIL, TRAIL_PAIR, A, B, iam

When = dict[str, dict[str, object]]
Dice = random.Random
Form = Callable[[Dice], When]
STRINGS = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike")
ARNS = ("ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "StringEquals", "StringEqualsIgnoreCase")
ORDERS = ("LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals", "Equals", "NotEquals")


def some(dice: Dice, *values: object) -> object:
    """One value, or a list of two."""
    return dice.choice(values) if dice.random() < 0.7 else dice.sample(values, min(2, len(values)))


def worded(dice: Dice, operator: str) -> str:
    """An operator, now and then with IfExists."""
    return operator + ("IfExists" if dice.random() < 0.15 else "")


def words(key: str, *values: str, operators: tuple[str, ...] = STRINGS) -> Form:
    """A text compared with some of these."""

    def form(dice: Dice) -> When:
        return {worded(dice, dice.choice(operators)): {key: some(dice, *values)}}

    return form


def window(family: str, key: str, *bounds: str) -> Form:
    """One bound, or two that may leave a gap."""

    def form(dice: Dice) -> When:
        low, high = sorted(dice.sample(bounds, 2))
        if dice.random() < 0.4:
            return {worded(dice, family + dice.choice(ORDERS)): {key: low}}
        if dice.random() < 0.3:
            low, high = high, low
        return {f"{family}GreaterThan": {key: low}, f"{family}LessThan": {key: high}}

    return form


def flag(key: str) -> Form:
    """Bool, or whether it is there."""

    def form(dice: Dice) -> When:
        return {dice.choice(("Bool", "Bool", "BoolIfExists", "Null")): {key: dice.choice(("true", "false"))}}

    return form


def network(dice: Dice) -> When:
    blocks = ("192.0.2.0/24", "192.0.2.128/25", "0.0.0.0/0", "0.0.0.0/1", "2001:db8::/32", "::/0")
    found: When = {
        worded(dice, dice.choice(("IpAddress", "NotIpAddress"))): {"aws:SourceIp": some(dice, *blocks)}
    }
    if dice.random() < 0.3:
        found["Null"] = {"aws:SourceIp": "false"}
    if dice.random() < 0.15:
        found["StringLike"] = {"aws:SourceIp": "192.*"}
    return found


def several(key: str, *values: str) -> Form:
    """A key of many values, under a set word or, which AWS advises against, none."""

    def form(dice: Dice) -> When:
        word = dice.choice(("ForAnyValue:", "ForAllValues:", "foranyvalue:", "forallvalues:"))
        operator = dice.choice(("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"))
        return {word + operator: {key: some(dice, *values)}}

    return form


def clocks(dice: Dice) -> When:
    if dice.random() < 0.5:
        return window("Date", "aws:CurrentTime", "2020-01-01", "2027-06-01T00:00:00Z", "1830297600")(dice)
    both: When = {"NumericGreaterThan": {"aws:EpochTime": dice.choice(("1577836800", "1830297600"))}}
    return {**both, "DateLessThan": {"aws:CurrentTime": dice.choice(("2027-01-01", "2029-01-01T00:00:00Z"))}}


def there(*keys: str) -> Form:
    """Whether some key is in the request at all."""

    def form(dice: Dice) -> When:
        return {"Null": {dice.choice(keys): dice.choice(("true", "false"))}}

    return form


THERE = there(
    "aws:username",
    "aws:PrincipalArn",
    "aws:PrincipalTag/team",
    "aws:PrincipalOrgID",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:CalledVia",
    "aws:PrincipalServiceName",
    "kms:ViaService",
    TRAIL_PAIR,
    "aws:SourceArn",
    "aws:TokenIssueTime",
)


WHO = (
    words(
        "aws:PrincipalArn",
        iam("role/soc/*"),
        iam("role/x"),
        iam("role/*#*", B),
        iam("user/svc-?", B),
        "arn:aws:iam::*:role/ops/*-reader",
        "arn:aws:iam::*:user/ci",
        iam("role/aws-reserved/sso.amazonaws.com/*"),
        operators=ARNS,
    ),
    words("aws:PrincipalAccount", A, B, "4444*", "99*"),
    words("aws:PrincipalOrgID", "o-a", "o-b", "o-?*"),
    words("aws:PrincipalTag/team", "blue", "red", "Blu?", "${aws:username}"),
    words("aws:username", "svc-*", "zed", "ci"),
    words("aws:PrincipalType", "User", "AssumedRole", "FederatedUser", "Account"),
    words("aws:userid", "AROA*:ci", "*:ops-?", "AIDAX*"),
    words("aws:PrincipalServiceName", "guardduty.*", "macie.amazonaws.com"),
    flag("aws:PrincipalIsAWSService"),
    several("aws:PrincipalOrgPaths", "o-a/r-1/ou-1/*", "o-a/r-1/ou-2/", "o-b/*"),
    several("aws:PrincipalServiceNamesList", "guardduty.*", "macie.amazonaws.com"),
    flag("aws:MultiFactorAuthPresent"),
    window("Numeric", "aws:MultiFactorAuthAge", "900", "1800", "3600"),
    words("aws:SourceIdentity", "alice", "bob*"),
)
HOW = (
    THERE,
    network,
    network,
    clocks,
    words("aws:SourceVpce", "vpce-1a2b3c4d", "vpce-*"),
    words("aws:SourceVpc", "vpc-1a2b3c4d"),
    words("aws:UserAgent", "backup/*", "Backup/1"),
    flag("aws:ViaAWSService"),
    flag("aws:SecureTransport"),
    words("aws:RequestedRegion", REGION, "us-*"),
)
ON_KEY = (
    words("kms:CallerAccount", A, B, "4444*"),
    words(
        TRAIL_PAIR,
        TRAIL,
        "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*",
        f"arn:aws:cloudtrail:*:{B}:*",
    ),
    words("kms:ViaService", f"s3.{REGION}.amazonaws.com", "ec2.*"),
    several("kms:EncryptionContextKeys", "aws:s3:arn", "aws:cloudtrail:arn", "app"),
    several("kms:ResourceAliases", "alias/app", "alias/trail*"),
    words("aws:ResourceTag/data", "public", "${aws:PrincipalTag/team}"),
    several("aws:CalledVia", "s3.amazonaws.com", "athena.amazonaws.com"),
    words("aws:CalledViaLast", "s3.*", "athena.amazonaws.com"),
    words("aws:PrincipalAccount", "${aws:ResourceAccount}", "${kms:CallerAccount}"),
)
ON_BUCKET = (
    window("Numeric", "s3:TlsVersion", "1.1", "1.25", "1.35"),
    words("s3:authType", "REST-HEADER", "REST-QUERY-*"),
    words("aws:PrincipalAccount", "${aws:ResourceAccount}", "${aws:PrincipalTag/team}"),
    words("aws:Referer", "https://example.com/*", "${aws:username}"),
)


def together(*parts: When) -> When:
    """Several tests as one Condition block; of two under one operator and key the later counts."""
    found: When = {}
    for part in parts:
        for operator, keys in part.items():
            found[operator] = {**found.get(operator, {}), **keys}
    return found


def otherwise_written(dice: Dice, when: When) -> When:
    """The same tests with keys in other letters, which AWS does not tell apart."""
    if dice.random() < 0.85:
        return when
    return {
        op: {dice.choice((k, k.lower(), k.upper())): v for k, v in keys.items()} for op, keys in when.items()
    }


NEGATIONS = (
    ("StringEquals", "StringNotEquals"),
    ("StringLike", "StringNotLike"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("ArnLike", "ArnNotLike"),
    ("ArnEquals", "ArnNotEquals"),
    ("IpAddress", "NotIpAddress"),
    ("NumericEquals", "NumericNotEquals"),
    ("NumericLessThan", "NumericGreaterThanEquals"),
    ("NumericGreaterThan", "NumericLessThanEquals"),
    ("DateEquals", "DateNotEquals"),
    ("DateLessThan", "DateGreaterThanEquals"),
    ("DateGreaterThan", "DateLessThanEquals"),
)
OPPOSITE = dict(NEGATIONS) | {after: before for before, after in NEGATIONS}


def opposite(when: When) -> When | None:
    """A block that never holds where a block of one plain test does, None for others."""
    (operator, keys), *rest = when.items()
    name = operator.removesuffix("IfExists")
    if rest or name not in OPPOSITE:
        return None
    return {OPPOSITE[name]: dict(keys)}
