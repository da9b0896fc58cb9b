"""Which trails an intent is about, and which key each of them shall have."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.errors import Incomplete, UsageProblem
from trailseal.messages import message
from trailseal.model.arn import is_arn
from trailseal.model.bucket import Bucket
from trailseal.model.key import KmsKey, Tags, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail, no_such_trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.intent import CREATE, DEFAULT_ALIAS, Intent
from trailseal.plan.serving import is_served
from trailseal.plan.step import new_key

TAG = "trailseal:plan"
"""The tag on each key that a plan made; its value is random and stands in the plan."""


def wanted_trails(snapshot: Snapshot, intent: Intent) -> tuple[Trail | UnreadTrail, ...]:
    """
    Return the trails that an intent is about, in ARN order.

    Those that it names; every trail where it names a key, readers or a period, or a name for keys that are
    there; else those without a key, and those whose key or bucket does not serve them for certain.

    Raises:
        UsageProblem: a trail was named that is not there; all such names are told together.
    """
    if intent.trails:
        return wanted_named(snapshot, intent.trails)
    every = tuple(_ordered(snapshot))
    if intent.is_about_every_trail:
        return every
    lacking = tuple(t for t in every if isinstance(t, UnreadTrail) or not is_served(t, snapshot))
    return lacking if lacking or not intent.alias else every


def wanted_named(snapshot: Snapshot, names: tuple[str, ...]) -> tuple[Trail | UnreadTrail, ...]:
    """
    Return the trails of these names or ARNs, all for none, in ARN order.

    Raises:
        UsageProblem: a trail was named that is not there; all such names are told together.
        Incomplete: it may be there, but AWS would not list the trails.
    """
    if not names:
        return tuple(_ordered(snapshot))
    named = {name: [t for t in snapshot.trails if name in {t.name, t.arn}] for name in names}
    unknown = tuple(name for name, found in named.items() if not found)
    if unknown:
        need_list(snapshot)
        raise no_such_trail(unknown, account=snapshot.account)
    chosen = {trail.arn for found in named.values() for trail in found}
    return tuple(trail for trail in _ordered(snapshot) if trail.arn in chosen)


def need_list(snapshot: Snapshot) -> None:
    """
    Return when the snapshot holds every trail that there is, so that one that it lacks does not exist.

    Raises:
        Incomplete: AWS would not list the trails.
    """
    for reason in snapshot.unreadable:
        raise not_told(reason)


def not_told(reason: Unreadable) -> Incomplete:
    """Return the error for an answer that rests on what AWS would not tell."""
    if not reason.is_denied:
        return Incomplete(message("not read: {call} {code}", call=reason.call, code=reason.code))
    return Incomplete(
        message("AWS does not allow {call}", call=reason.call),
        message("give the caller {call}; trailseal permissions prints all that is needed", call=reason.call),
    )


def _ordered(snapshot: Snapshot) -> list[Trail | UnreadTrail]:
    return sorted(snapshot.trails, key=lambda trail: trail.arn)


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
    held = snapshot.key(trail.kms_key_id) if trail.is_sealed else None
    if trail.is_sealed and _keeps(held, intent):
        return find_key(trail.kms_key_id, region, snapshot)
    return _left_over(intent.alias or DEFAULT_ALIAS, region, snapshot)


def _keeps(held: KmsKey | UnreadKey | None, intent: Intent) -> bool:
    """Whether a trail keeps the key that it has: with `create` only one that a plan made and that works."""
    if intent.key == CREATE:
        return isinstance(held, KmsKey) and held.state.is_usable and _is_made_by_a_plan(held)
    return not (isinstance(held, UnreadKey) and held.is_missing)


def _is_made_by_a_plan(key: KmsKey) -> bool:
    return isinstance(key.tags, Tags) and TAG in key.tags.values


def _left_over(alias: str, region: str, snapshot: Snapshot) -> KmsKey | UnreadKey | None:
    """
    Return the key that an earlier plan made under this alias: it is used again, not made twice.

    Where nobody would say whether the alias names a key, that is what comes back.
    """
    named = next(_named(alias, region, snapshot), None)
    if named is None:
        return _untold(alias, snapshot)
    if _is_made_by_a_plan(named):
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


def find_key(reference: str, region: str, snapshot: Snapshot) -> KmsKey | UnreadKey:
    """
    Return the key that an ARN, an ID or an alias names.

    Raises:
        UsageProblem: the snapshot holds no such key.
    """
    if is_arn(reference) and (found := snapshot.key(reference)):
        return found
    if found := next(_named(reference, region, snapshot), None) or _untold(reference, snapshot):
        return found
    if found := next((k for k in snapshot.keys if k.arn.endswith("/" + reference)), None):
        return found
    raise UsageProblem(
        message("there is no key `{key}` in {region}", key=reference, region=region),
        message("CloudTrail needs a key in the bucket's Region; --key create makes one"),
    )


def _untold(reference: str, snapshot: Snapshot) -> UnreadKey | None:
    found = snapshot.key(reference)
    return found if isinstance(found, UnreadKey) else None


def _named(alias: str, region: str, snapshot: Snapshot) -> Iterator[KmsKey]:
    short = alias.rpartition(":")[2]
    for key in snapshot.keys:
        if (
            isinstance(key, KmsKey)
            and key.region == region
            and isinstance(key.aliases, tuple)
            and short in key.aliases
        ):
            yield key
