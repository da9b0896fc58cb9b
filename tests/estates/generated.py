"""
Estates for the proof out of a seed: every form that it splits, and every one that it cannot.

One side is mostly open, so that the other side's forms decide; often a second test or a Deny shuts
again what a statement opened, so that there is something to prove.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace

from msgspec import structs

from estates.build import (
    BUCKET,
    DELEGATES,
    LISTED,
    NO_ORGANIZATION,
    READER,
    ROOT,
    ROOT_B,
    SERVICE_TRUST,
    A,
    B,
    Scene,
    Statement,
    X,
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
from estates.forms import HOW, ON_BUCKET, ON_KEY, WHO, Dice, Form, When, opposite, otherwise_written, together
from trailseal.model.key import Grant
from trailseal.model.principal import Principal

CANONICAL = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
SESSION, AUDITOR = sts("assumed-role/x/ops-1"), sts("federated-user/auditor")
PRINCIPALS: tuple[object, ...] = (
    "*",
    "*",
    "*",
    ROOT_B,
    ROOT_B,
    iam("role/siem", B),
    iam("user/svc-1", B),
    X,
    SESSION,
    AUDITOR,
    sts("assumed-role/siem/ops-1", B),
    {"Service": "macie.amazonaws.com"},
)
SPARED = (
    [READER],
    [READER, ROOT],
    [X, ROOT],
    [SESSION, X, ROOT],
    [SESSION],
    [ROOT],
    [ROOT_B, iam("user/svc-1", B)],
    [iam("user/svc-1", B)],
)
FOLDERS = (
    "*",
    "AWSLogs/*",
    f"AWSLogs/{A}/*",
    "*/CloudTrail/${aws:RequestedRegion}/*",
    "AWSLogs/${aws:PrincipalAccount}/*",
    "AWSLogs/${aws:PrincipalTag/team}/*",
    "${aws:username}/*",
    "other/*",
)


def block(dice: Dice, *forms: Form) -> When:
    """One to three tests; sometimes one that excludes another."""
    parts = [dice.choice(forms)(dice) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
    if dice.random() < 0.35 and (against := opposite(parts[0])):
        parts.append(against)
    return otherwise_written(dice, together(*parts))


def generated(seed: int) -> Scene:
    """The estate of a seed; the same one each time."""
    dice = random.Random(seed)  # noqa: S311  # tests draw estates, not secrets
    wide = dice.choice(("key", "bucket", "neither", "neither", "iam"))
    scp, rcp = _scp(dice), _rcp(dice)
    scene = Scene(
        key=_key(dice, wide),
        bucket=_bucket(dice, wide),
        people=_people(dice),
        neighbours=_neighbours(dice),
        grants=_grants(dice),
        tags={"data": dice.choice(("public", "secret", "blue"))} if dice.random() < 0.3 else {},
        aliases=(dice.choice(("alias/app", "alias/trail")),) if dice.random() < 0.5 else (),
        scp=scp,
        rcp=rcp,
        organization=in_organization() if scp or rcp or dice.random() < 0.3 else NO_ORGANIZATION,
        sealed=dice.random() < 0.9,
        listed=LISTED + ((X,) if dice.random() < 0.4 else ()),
        turned=dice.random() < 0.5,
    )
    on_path = next((p.arn for p in scene.people if p.arn.endswith("/soc/x")), "")
    return _named(scene if scene.sealed else replace(scene, key=(), grants=()), on_path)


def _named(scene: Scene, arn: str) -> Scene:
    """The scene with role/x called by the path that it has: policies can name no role that there is not."""
    if not arn:
        return scene
    there = {
        part: tuple(json.loads(json.dumps(getattr(scene, part)).replace(f'"{X}"', f'"{arn}"')))
        for part in ("key", "bucket", "listed")
    }
    grants = tuple(
        structs.replace(g, grantee_principal=arn) if g.grantee_principal == X else g for g in scene.grants
    )
    return replace(scene, **there, grants=grants)


def _key(dice: Dice, wide: str) -> tuple[Statement, ...]:
    forms = (*WHO, *WHO, *HOW, *ON_KEY)
    found: list[Statement] = [DELEGATES] if wide == "iam" or dice.random() < 0.15 else []
    if wide == "key":
        found.append(opens_key())
    for _ in range(dice.choice((0, 1, 1, 2)) if found else dice.choice((1, 1, 2))):
        when = block(dice, *forms) if dice.random() < 0.85 else None
        decrypt = dice.choice(
            ("kms:Decrypt", "kms:Decrypt", "kms:De*", "KMS:decrypt", "*", ["kms:Encrypt", "kms:Decr?pt"])
        )
        found.append({**opens_key(dice.choice(PRINCIPALS), when), "Action": decrypt})
    if dice.random() < 0.4:
        found.append(_shut(dice, "kms:*", "*", forms))
    return tuple(found)


def _bucket(dice: Dice, wide: str) -> tuple[Statement, ...]:
    forms = (*WHO, *WHO, *HOW, *ON_BUCKET)
    found: list[Statement] = [opens_bucket()] if wide == "bucket" else []
    for _ in range(dice.choice((0, 1, 1, 2))):
        who = dice.choice((*PRINCIPALS, CANONICAL))
        when = block(dice, *forms) if dice.random() < 0.7 else None
        folder = f"arn:aws:s3:::{BUCKET}/{dice.choice(FOLDERS) if dice.random() < 0.3 else '*'}"
        fetch = dice.choice(
            (
                "s3:GetObject",
                "s3:Get*",
                "s3:*",
                ["s3:GetObject", "s3:GetObjectVersion"],
                "s3:GetObjectVersion",
            )
        )
        found.append({**opens_bucket(who, when, on=folder), "Action": fetch})
    if dice.random() < 0.4:
        found.append(_shut(dice, "s3:*", f"arn:aws:s3:::{BUCKET}/*", forms))
    return tuple(found)


def _shut(dice: Dice, what: str, on: str, forms: tuple[Form, ...]) -> Statement:
    """A Deny: under a test, of somebody, or of everybody but a few."""
    kind = dice.random()
    if kind < 0.25:
        spared = {"AWS": dice.choice(SPARED)}
        return {k: v for k, v in {**deny(None, what, on=on), "NotPrincipal": spared}.items() if v is not None}
    if kind < 0.5:
        return deny(
            "*", what, {dice.choice(("ArnNotEquals", "StringNotLike")): {"aws:PrincipalArn": READER}}, on=on
        )
    if kind < 0.6:
        return deny(CANONICAL if what == "s3:*" else ROOT_B, what, on=on)
    return deny(dice.choice(("*", "*", ROOT_B)), what, block(dice, *forms), on=on)


def _people(dice: Dice) -> tuple[Principal, ...]:
    found: list[Principal] = []
    if dice.random() < 0.7:
        trust = dice.choice((SERVICE_TRUST, trusts(ROOT_B, ["sts:AssumeRole", "sts:TagSession"])))
        path = dice.choice(("role/x", "role/x", "role/soc/x"))
        bounded = (may(["s3:*", "kms:*"], block(dice, *WHO, *HOW)),) if dice.random() < 0.2 else None
        traits = {"tags": {"team": dice.choice(("blue", "red"))} if dice.random() < 0.5 else {}}
        found.append(person(path, *_powers(dice), boundary=bounded, trust=trust, **traits))
    if dice.random() < 0.3:
        more = (may("sts:GetFederationToken"),) if dice.random() < 0.6 else ()
        found.append(person("user/zed", *_powers(dice), *more))
    if dice.random() < 0.15:
        linked = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForX"
        found.append(person(linked, may(["s3:*", "kms:*"])))
    if dice.random() < 0.15:
        found.append(
            person("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef", *_powers(dice))
        )
    return tuple(found)


def _neighbours(dice: Dice) -> tuple[Principal, ...] | None:
    if dice.random() < 0.85:
        return None
    names = dice.sample(("role/siem", "user/svc-1", "role/ops", "user/zed"), 2)
    return (person("root", account=B), *(person(name, *_powers(dice), account=B) for name in names))


def _powers(dice: Dice) -> tuple[Statement, ...]:
    folder = f"arn:aws:s3:::{BUCKET}/{dice.choice(FOLDERS)}"
    fetch = may("s3:Get*", block(dice, *WHO, *HOW) if dice.random() < 0.3 else None, on=folder)
    decrypt = may("kms:*", block(dice, *WHO, *HOW, *ON_KEY) if dice.random() < 0.6 else None)
    wall = (deny(None, "kms:Decrypt", block(dice, *WHO, *HOW, *ON_KEY)),) if dice.random() < 0.3 else ()
    powers = (fetch, *((decrypt,) if dice.random() < 0.7 else ()), *wall)
    return (*powers, _inverted(dice)) if dice.random() < 0.15 else powers


def _inverted(dice: Dice) -> Statement:
    """A statement that says what it is not about."""
    when = block(dice, *WHO, *HOW) if dice.random() < 0.5 else None
    found = dice.choice(
        (
            {"Effect": "Allow", "NotAction": ["iam:*", "kms:Decrypt"], "Resource": "*"},
            {"Effect": "Allow", "NotAction": "iam:*", "NotResource": f"arn:aws:s3:::{BUCKET}/AWSLogs/*"},
            {"Effect": "Deny", "NotAction": ["s3:*", "kms:*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:Get*", "NotResource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{A}/*"},
            {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": f"arn:aws:s3:::{BUCKET}/*"},
        )
    )
    return found if when is None else {**found, "Condition": when}


def _grants(dice: Dice) -> tuple[Grant, ...]:
    if dice.random() < 0.85:
        return ()
    who = dice.choice((X, iam("user/vendor", B), "macie.amazonaws.com", SESSION, AUDITOR))
    pairs = {"aws:cloudtrail:arn": "elsewhere"} if dice.random() < 0.4 else {}
    what = dice.choice((("Decrypt",), ("Encrypt",), ("Decrypt", "Encrypt")))
    return (Grant(grant_id="g", grantee_principal=who, operations=what, encryption_context_subset=pairs),)


def _scp(dice: Dice) -> tuple[tuple[str, ...], ...]:
    if dice.random() < 0.8:
        return ()
    wall = deny(
        None, dice.choice(("s3:*", "kms:Decrypt")), block(dice, *WHO, *HOW) if dice.random() < 0.6 else None
    )
    return ((policy(may("*"), wall),),)


def _rcp(dice: Dice) -> tuple[tuple[str, ...], ...]:
    if dice.random() < 0.85:
        return ()
    outside = {
        "StringNotEqualsIfExists": {"aws:PrincipalAccount": A},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    when = outside if dice.random() < 0.5 else block(dice, *WHO, *HOW)
    return ((policy(deny("*", ["s3:*", "kms:*"], when)),),)
