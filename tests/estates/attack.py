"""
Brute force against one answer: callers by contexts by objects of the pool, judged by the arbiter.

What comes back is a pair of calls, fetching and decrypting, that AWS may let through.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from estates.arbiter import Call, Undecided, Who, allowed, hopeless
from estates.build import BUCKET, KEY, REGION, TRAIL, A, Scene
from estates.callers import attackers
from estates.contexts import Pool, Values
from estates.literals import instances
from trailseal.model.key import Grant

OBJECT = f"AWSLogs/{A}/CloudTrail/{REGION}/2026/11/23/{A}_CloudTrail_{REGION}_20261123T1100Z_abcdefgh.json.gz"
FETCHING = ("s3:GetObject", "s3:GetObjectVersion")
NOT_HANDED_ON = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:tokenissuetime", "s3:")
"""
What S3 does not hand on to KMS; of a token's time no page says that it does.

Source: IAM user guide, access_forward_access_sessions.
"""
MOST_OBJECTS = 3


@dataclass(frozen=True, kw_only=True)
class Break:
    """A reader whom the answer leaves out, by these calls."""

    who: Who
    fetch: Call
    decrypt: Call | None


@dataclass
class Tried:
    """What an attack did: how many pairs it asked, and those worth a second opinion."""

    pairs: int = 0
    undecided: int = 0
    broken: Break | None = None
    near: list[Break] = field(default_factory=list)


def attack(scene: Scene, dice: random.Random, *, open_world: bool, **how: Any) -> Tried:
    """Look for somebody outside the list who reads."""
    pool = Pool(scene, dice)
    return attack_by(pool, attackers(scene, pool.said, open_world=open_world), **how)


def attack_by(
    pool: Pool,
    callers: Iterable[Who],
    *,
    most: int = 16,
    keep: int = 6,
    sealings: tuple[str, ...] = (),
    wanted: Callable[[Break], bool] = lambda _: True,
) -> Tried:
    """Look for one among these callers who reads; keep some `wanted` pairs for an outside engine."""
    tried = Tried()
    for who in callers:
        opens: dict[int, bool] = {}
        for number, pair in enumerate(_pairs(pool, who, most, sealings)):
            tried.pairs += 1
            if number == 0 and _hopeless(pair, who):
                _keep(tried.near, pair, pool.dice, keep if wanted(pair) else 0, near_miss=False)
                break
            try:
                if (opened := opens.get(number - number % len(FETCHING))) is None:
                    opened = opens[number] = pair.decrypt is None or allowed(pair.decrypt, who)
                if opened and allowed(pair.fetch, who):
                    tried.broken = pair
                    return tried
            except Undecided:
                tried.undecided += 1
                continue
            _keep(tried.near, pair, pool.dice, keep if wanted(pair) else 0, near_miss=opened)
    return tried


def _hopeless(pair: Break, who: Who) -> bool:
    """Whether no context helps: then one pair stands for all."""
    fetches = (replace(pair.fetch, action=action) for action in FETCHING)
    return all(hopeless(fetch, who) for fetch in fetches) or bool(
        pair.decrypt and hopeless(pair.decrypt, who)
    )


def _keep(near: list[Break], pair: Break, dice: random.Random, most: int, *, near_miss: bool) -> None:
    """Keep a few pairs for an outside engine, and rather those that decrypt."""
    if len(near) < most:
        near.append(pair)
    elif most and dice.random() < (0.2 if near_miss else 0.01):
        near[dice.randrange(most)] = pair


def _pairs(pool: Pool, who: Who, most: int, sealings: tuple[str, ...]) -> Iterator[Break]:
    sealed = sealings or (("delivered", "copied", "bucket key") if pool.scene.sealed else ("",))
    for own in pool.contexts(who, most):
        for key, sealing in itertools.product(_objects(pool), sealed):
            resource = f"arn:aws:s3:::{BUCKET}/{key}"
            decrypt = _decrypt(pool.scene, who, own, resource, sealing) if sealing else None
            for action in FETCHING:
                yield Break(who=who, fetch=_fetch(pool.scene, own, resource, action), decrypt=decrypt)


def _objects(pool: Pool) -> list[str]:
    """A log file of the trail as it comes, and some in the places that resources speak of."""
    head = f"arn:aws:s3:::{BUCKET}/"
    found = [OBJECT]
    for pattern in pool.said.resources:
        if pattern.startswith(head + "AWSLogs") and "$" not in pattern:
            keys = instances(pattern.removeprefix(head))
            found += [text for text in keys if text.startswith(f"AWSLogs/{A}/CloudTrail/")]
    return list(dict.fromkeys(found))[:MOST_OBJECTS]


def _fetch(scene: Scene, own: Values, resource: str, action: str) -> Call:
    direct = {
        "aws:requestedregion": (REGION,),
        "aws:resourceaccount": (A,),
        "aws:securetransport": ("true",),
        "s3:resourceaccount": (A,),
        "aws:viaawsservice": ("false",),
    }
    return Call(
        action=action,
        resource=resource,
        owner=A,
        context={**direct, **own},
        policies=(scene.bucket_policy,),
        rcp=scene.rcp,
    )


def _decrypt(scene: Scene, who: Who, own: Values, resource: str, sealing: str) -> Call:
    """What S3 asks KMS as the reader."""
    pairs = {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}" if sealing == "bucket key" else resource}
    pairs |= {} if sealing == "copied" else {"aws:cloudtrail:arn": TRAIL}
    context = {
        **{f"kms:encryptioncontext:{name}": (value,) for name, value in pairs.items()},
        **_asked_by_s3(pairs),
        **({"kms:calleraccount": (who.account,)} if who.account else {}),
        **({"kms:resourcealiases": scene.aliases} if scene.aliases else {}),
        **{f"aws:resourcetag/{name.lower()}": (value,) for name, value in scene.tags.items()},
        **{key: values for key, values in own.items() if not key.startswith(NOT_HANDED_ON)},
    }
    return Call(
        action="kms:Decrypt",
        resource=KEY,
        owner=A,
        context=context,
        policies=(scene.key_policy, *((scene.aws_ram,) if scene.aws_ram else ())),
        grants=tuple(_entry(grant) for grant in scene.grants),
        rcp=scene.rcp,
    )


def _asked_by_s3(pairs: dict[str, str]) -> Values:
    return {
        "kms:encryptioncontextkeys": tuple(sorted(pairs)),
        "kms:viaservice": (f"s3.{REGION}.amazonaws.com",),
        "kms:encryptionalgorithm": ("SYMMETRIC_DEFAULT",),
        "aws:requestedregion": (REGION,),
        "aws:resourceaccount": (A,),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("true",),
        "aws:calledvia": ("s3.amazonaws.com",),
        "aws:calledviafirst": ("s3.amazonaws.com",),
        "aws:calledvialast": ("s3.amazonaws.com",),
    }


def _entry(grant: Grant) -> dict[str, Any]:
    constraints = {
        "EncryptionContextEquals": grant.encryption_context_equals,
        "EncryptionContextSubset": grant.encryption_context_subset,
    }
    return {
        "GranteePrincipal": grant.grantee_principal,
        "Operations": list(grant.operations),
        "Constraints": {name: pairs for name, pairs in constraints.items() if pairs},
    }
