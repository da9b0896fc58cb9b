"""Which trails an intent is about, and which key each of them shall have."""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.cloudtrail.trail_answers import key_answers
from trailseal.access.decision import Effect
from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.bucket import Bucket
from trailseal.model.key import KeyPolicies, KmsKey, Tags, UnreadKey
from trailseal.model.named_trails import in_order, wanted_named
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.plan.intent import CREATE, DEFAULT_ALIAS, Intent
from trailseal.plan.key_policy import ADMINISTRATION
from trailseal.plan.named_key import find_key, named_key
from trailseal.plan.serving import is_served
from trailseal.plan.step import new_key

TAG = "trailseal:plan"
"""The tag on each key that a plan made; its value is random and stands in the plan."""


def wanted_trails(snapshot: Snapshot, intent: Intent) -> tuple[Trail | UnreadTrail, ...]:
    """
    Return the trails that an intent is about, in ARN order.

    Those that it names; every trail where it names a key, readers or a period; else those without a key, and
    those whose key or bucket does not serve them for certain. Where there are none of these and something is
    asked for all the same (`--key create`, a name, a kind of key), every trail.

    Raises:
        UsageProblem: a trail was named that is not there; all such names are told together.
    """
    if intent.trails:
        return wanted_named(snapshot, intent.trails)
    every = tuple(in_order(snapshot))
    if intent.is_about_every_trail:
        return every
    lacking = tuple(t for t in every if isinstance(t, UnreadTrail) or not is_served(t, snapshot))
    return lacking if lacking or not intent.asks_for_more else every


class KeyGroup(Struct, frozen=True, kw_only=True):
    """The trails that shall share one key, whose buckets lie in one Region."""

    key: KmsKey | UnreadKey | None
    """None for a key that is to be made."""
    region: str
    """The buckets' Region."""
    trails: tuple[Trail, ...]

    @property
    def key_name(self) -> str:
        """The key's ARN, or its name within the plan."""
        return new_key(self.region) if self.key is None else self.key.arn


def groups(trails: tuple[Trail, ...], snapshot: Snapshot, intent: Intent) -> tuple[KeyGroup, ...]:
    """
    Return the trails by the key that they shall have: one key for each Region that holds a bucket.

    A trail that already has a key keeps it where none is asked for, unless that key does not exist any more.
    Trails whose bucket's Region is unknown are in no group; `bucket_concerns` speaks of them.
    """
    found: dict[tuple[str, str], list[Trail]] = {}
    keys: dict[str, KmsKey | UnreadKey | None] = {}
    for trail in trails:
        region = bucket_region(trail, snapshot)
        if region is None:
            continue
        key = _key_for(trail, region, snapshot, intent)
        name = key.arn if key else ""
        keys[name] = key
        found.setdefault((name, region), []).append(trail)
    return tuple(
        KeyGroup(key=keys[name], region=region, trails=tuple(members))
        for (name, region), members in found.items()
    )


def bucket_region(trail: Trail, snapshot: Snapshot) -> str | None:
    """Return the Region that the key must lie in, None when it is not known."""
    match snapshot.bucket(trail.s3_bucket_name):
        case Bucket(region=str() as region):
            return region
        case _:
            return None


def _key_for(trail: Trail, region: str, snapshot: Snapshot, intent: Intent) -> KmsKey | UnreadKey | None:
    if not intent.makes_key:
        return find_key(intent.key, region, snapshot)
    if trail.is_sealed and _keeps(trail, region, snapshot, intent):
        return find_key(trail.kms_key_id, region, snapshot)
    return _left_over(trail, region, snapshot, intent)


def _keeps(trail: Trail, region: str, snapshot: Snapshot, intent: Intent) -> bool:
    """Whether a trail keeps the key that it has: with `create` only one that a plan made and that works."""
    held = snapshot.key(trail.kms_key_id)
    if intent.key == CREATE:
        made = held if isinstance(held, KmsKey) and _is_made_by_a_plan(held) else None
        return made is not None and _is_as_asked_for(made, trail, region, snapshot, intent)
    return not (isinstance(held, UnreadKey) and held.is_missing)


def _is_as_asked_for(key: KmsKey, trail: Trail, region: str, snapshot: Snapshot, intent: Intent) -> bool:
    """Whether a key that a plan made works, and is of the kind that a key is asked to be made in."""
    kind = (
        key.multi_region or not intent.multi_region,
        key.origin == "EXTERNAL" or intent.origin != "external",
    )
    policy = key.policies.default if isinstance(key.policies, KeyPolicies) else ""
    least = intent.policy == "console" and ADMINISTRATION in policy
    return _works(key, trail, region, snapshot) and all(kind) and not least


def _works(key: KmsKey, trail: Trail, region: str, snapshot: Snapshot) -> bool:
    """Whether nothing certain keeps a key from a trail: its state, its Region, a Deny to CloudTrail."""
    policies = key.policies
    found = key_answers(trail, key, policies, snapshot) if isinstance(policies, KeyPolicies) else ()
    denied = any(each.effect is Effect.EXPLICITLY_DENIED for each in found)
    return key.state.is_usable and key.region == region and not denied


def _is_made_by_a_plan(key: KmsKey) -> bool:
    return isinstance(key.tags, Tags) and TAG in key.tags.values


def _left_over(trail: Trail, region: str, snapshot: Snapshot, intent: Intent) -> KmsKey | UnreadKey | None:
    """
    Return the key that an earlier plan made under this alias: it is used again, not made twice.

    Where one was asked for that is made, a key that does not work or is of another kind is not used again.
    Where nobody would say whether the alias names a key, that is what comes back.
    """
    alias = intent.alias or DEFAULT_ALIAS
    named = named_key(alias, region, snapshot)
    if not isinstance(named, KmsKey):
        return named
    again = intent.key != CREATE or _is_as_asked_for(named, trail, region, snapshot, intent)
    if _is_made_by_a_plan(named) and again:
        return named
    raise UsageProblem(
        message(
            "`{alias}` is already the name of key {key} in {region}",
            alias=alias,
            key=named.arn,
            region=region,
        ),
        message("choose that key with --key {alias}, or another name with --alias", alias=alias),
    )
