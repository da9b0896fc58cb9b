"""
What a plan rests on and does not change: the trails' own settings, their buckets, the keys that stand.

It is in the plan, so that `apply` can compare all of it before the first step.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.facts import (
    ARN,
    POLICY,
    SHARED_POLICY,
    Facts,
    bucket_facts,
    in_words,
    key_facts,
    trail_facts,
)
from trailseal.plan.names import RegionOrNothing, Word, WordOrNothing
from trailseal.plan.step import (
    CancelKeyDeletion,
    CreateAlias,
    CreateKey,
    DeleteAlias,
    EnableKey,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    is_new,
)

OF_KEYS = (
    ARN,
    "AWSAccountId",
    "KeyManager",
    "KeyState",
    "KeySpec",
    "KeyUsage",
    "Origin",
    "MultiRegionKeyType",
    "PrimaryKey",
    POLICY,
    SHARED_POLICY,
    "Grants",
)
"""What a plan rests on of a key that stands; its name, rotation and tags are its steps' own affair."""


OF_TRAILS = (
    ARN,
    "HomeRegion",
    "S3BucketName",
    "S3KeyPrefix",
    "IsMultiRegionTrail",
    "IsOrganizationTrail",
    "IncludeGlobalServiceEvents",
    "LogFileValidationEnabled",
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "SnsTopicARN",
    "EventSelectors",
    "IsLogging",
)
"""A trail's key is its step's own affair."""
OF_BUCKETS = (ARN, "AccountId", "Region", POLICY, "SSEAlgorithm", "KMSMasterKeyID", "BucketKeyEnabled")


class FootingKind(StrEnum):
    """What a footing is."""

    TRAIL = "trail"
    BUCKET = "bucket"
    KEY = "key"


class Footing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One resource as it stood when the plan was made; what could not be read of it is left out."""

    kind: FootingKind
    resource: Word
    """An ARN, or a bucket's name."""
    region: RegionOrNothing
    facts: dict[str, WordOrNothing]
    """Policies and texts that are no single word by their fingerprint."""


def footings(snapshot: Snapshot, steps: tuple[Step, ...]) -> tuple[Footing, ...]:
    """Return what `steps` rest on, without what they themselves change."""
    found: dict[str, Footing] = {}
    trails = tuple(_trails(snapshot, steps))
    names = {trail.s3_bucket_name for trail in trails}
    found |= {trail.arn: _of_trail(trail) for trail in trails}
    found |= {
        bucket.name: _of_bucket(bucket, snapshot.account)
        for bucket in snapshot.buckets
        if isinstance(bucket, Bucket) and bucket.name in names
    }
    for arn in dict.fromkeys(key for step in steps for key in stands_on(step)):
        found[arn] = _of_key(arn, snapshot, steps)
    return tuple(found.values())


def is_sound(footing: Footing) -> bool:
    """Whether each fact is one that is compared."""
    known = {FootingKind.TRAIL: OF_TRAILS, FootingKind.BUCKET: OF_BUCKETS, FootingKind.KEY: OF_KEYS}
    return set(footing.facts) <= set(known[footing.kind])


def named_key(arn: str) -> Footing:
    """Return what a plan rests on that knows of a key only its policy, which it changes."""
    key = Arn.parse(arn)
    return Footing(
        kind=FootingKind.KEY, resource=arn, region=key.region, facts={ARN: arn, "AWSAccountId": key.account}
    )


def _trails(snapshot: Snapshot, steps: tuple[Step, ...]) -> Iterator[Trail]:
    turned = {step.trail_arn for step in steps if isinstance(step, UpdateTrail)}
    for trail in snapshot.trails:
        if isinstance(trail, Trail) and trail.arn in turned:
            yield trail


def _of_trail(trail: Trail) -> Footing:
    status = next(
        (s for s in trail.statuses if isinstance(s, TrailStatus) and s.region == trail.home_region), None
    )
    known = trail_facts(trail, status)
    facts = {name: known[name] for name in OF_TRAILS if name in known}
    return Footing(kind=FootingKind.TRAIL, resource=trail.arn, region=trail.home_region, facts=_read(facts))


def _of_bucket(bucket: Bucket, account: str) -> Footing:
    facts = bucket_facts(
        bucket.name,
        account=bucket.account,
        region=bucket.region,
        policy=bucket.policy,
        encryption=bucket.encryption,
    )
    if bucket.account != account:  # another account's bucket does not say whose it is
        del facts["AccountId"]
    region = bucket.region if isinstance(bucket.region, str) else ""
    return Footing(kind=FootingKind.BUCKET, resource=bucket.name, region=region, facts=_read(facts))


def _of_key(arn: str, snapshot: Snapshot, steps: tuple[Step, ...]) -> Footing:
    key = snapshot.key(arn)
    facts: Facts = key_facts(key) if key is not None else {}
    changed = {fact for step in steps if (fact := _changed(step, arn))}
    kept = {name: facts[name] for name in OF_KEYS if name in facts and name not in changed}
    return Footing(kind=FootingKind.KEY, resource=arn, region=Arn.parse(arn).region, facts=_read(kept))


def _changed(step: Step, arn: str) -> str:
    """Return the fact of a key that a step changes, "" for none that a plan rests on."""
    match step:
        case PutKeyPolicy(key=key) if key == arn:
            return POLICY
        case CancelKeyDeletion(key=key) | EnableKey(key=key) if key == arn:
            return "KeyState"
        case _:
            return ""


def stands_on(step: Step) -> tuple[str, ...]:
    """Return the key that a step changes or points at, where it stands already."""
    match step:
        case UpdateTrail(after=key):
            pass
        case PutKeyPolicy(key=key) | CreateAlias(key=key) | DeleteAlias(key=key) | SetKeyRotation(key=key):
            pass
        case CancelKeyDeletion(key=key) | EnableKey(key=key):
            pass
        case CreateKey() | ReplicateKey() | ImportKeyMaterial() | Leave():
            return ()
        case _:
            assert_never(step)
    return () if is_new(key) else (key,)


def _read(facts: Facts) -> dict[str, str]:
    return {name: fact for name, fact in in_words(facts).items() if not isinstance(fact, Unreadable)}
