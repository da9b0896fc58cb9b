"""From an account, or a saved snapshot, to a plan: look, look up the keys that matter, decide."""

from __future__ import annotations

from itertools import chain

from msgspec import structs

from trailseal.model import given
from trailseal.model.activity import Activity
from trailseal.model.arn import Arn, is_arn
from trailseal.model.bucket import Bucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.build import build_plan
from trailseal.plan.intent import DEFAULT_ALIAS, Intent, of_partition, sound
from trailseal.plan.plan import Plan
from trailseal.plan.readers import shape_readers
from trailseal.plan.reading import Shape
from trailseal.plan.unread_facts import sure_of_nothing, unread_in
from trailseal.run.control import KeyReader
from trailseal.run.ports import ActivityReader, Clock, Collector, SnapshotScope

BY_POLICY = shape_readers({})
"""Readers as their policies make them, where nothing recorded who was seen reading."""


def plan_switch(  # noqa: PLR0913 - three ports, and what each look is narrowed or told by
    intent: Intent,
    collector: Collector,
    keys: KeyReader,
    clock: Clock,
    *,
    tag: str = "",
    principals: bool = False,
    shape: Shape | None = None,
    activity: ActivityReader | None = None,
    days: int = 0,
) -> tuple[Snapshot, Plan]:
    """
    Return what was seen and the plan made from it.

    `tag` is a random text that the plan's own keys are found again by; without one a plan that makes a
    key can be shown and not applied. With `activity`, readers are looked for in the last `days` days and
    the plan keeps them.

    Raises:
        UsageProblem: the intent cannot be, or names a trail or key that is not there.
        TrailsealError: AWS cannot be reached.
    """
    sound(intent)
    snapshot = look(intent, collector, keys, principals=principals or activity is not None)
    seen = _seen(snapshot, activity, days) if shape is None and activity is not None else None
    if seen is not None:
        shape = shape_readers(seen)
    plan = build_plan(snapshot, intent, made_at=clock.now(), tag=tag, shape=shape or BY_POLICY)
    unread = chain(unread_in(snapshot), *(each.unreadable for each in (seen or {}).values()))
    return snapshot, sure_of_nothing(plan, unread)


def look(intent: Intent, collector: Collector, keys: KeyReader, *, principals: bool) -> Snapshot:
    """
    Return what a plan for `intent` is made from.

    Raises:
        UsageProblem: the intent names something of another partition.
        TrailsealError: AWS cannot be reached.
    """
    scope = SnapshotScope(trails=intent.trails, hub=False, principals=principals, owners=True)
    return _seen_in(scope, intent, collector, keys)


def look_at_readers(intent: Intent, collector: Collector, keys: KeyReader) -> Snapshot:
    """
    Return what decides about readers and about putting policies, of all that a plan is made from.

    Raises:
        UsageProblem: the intent names something of another partition.
        TrailsealError: AWS cannot be reached.
    """
    scope = SnapshotScope(trails=intent.trails, statuses=False, hub=False, principals=True, effects=False)
    return _seen_in(scope, intent, collector, keys)


def _seen_in(scope: SnapshotScope, intent: Intent, collector: Collector, keys: KeyReader) -> Snapshot:
    snapshot = collector.collect(scope)
    return with_keys(snapshot, of_partition(intent, snapshot.partition), keys)


def _seen(snapshot: Snapshot, activity: ActivityReader, days: int) -> dict[str, Activity]:
    trails = [trail for trail in snapshot.trails if isinstance(trail, Trail)] if days else []
    return {trail.arn: activity.activity(snapshot, trail, days=days) for trail in trails}


def with_keys(snapshot: Snapshot, intent: Intent, keys: KeyReader) -> Snapshot:
    """
    Return the snapshot with the keys that the intent names, or whose alias it would use.

    The alias that led to a key is one of it, also where its aliases may not be listed.
    """
    aliased: dict[str, KmsKey] = {}
    known = {key.arn for key in snapshot.keys}
    found: list[KmsKey | UnreadKey] = []
    for reference, region in _references(snapshot, intent):
        key = keys.read_key(reference, region)
        missing_alias = isinstance(key, UnreadKey) and key.is_missing and not is_arn(reference)
        if isinstance(key, KmsKey) and (alias := given.alias_in(reference)):
            aliased[key.arn] = _called(key, alias)
        if key.arn not in known and not missing_alias:
            known.add(key.arn)
            found.append(key)
    return structs.replace(snapshot, keys=tuple(aliased.get(k.arn, k) for k in (*snapshot.keys, *found)))


def _called(key: KmsKey, alias: str) -> KmsKey:
    listed = key.aliases if isinstance(key.aliases, tuple) else ()
    return key if alias in listed else structs.replace(key, aliases=(*listed, alias))


def _references(snapshot: Snapshot, intent: Intent) -> list[tuple[str, str]]:
    regions = dict.fromkeys(
        bucket.region
        for bucket in snapshot.buckets
        if isinstance(bucket, Bucket) and isinstance(bucket.region, str)
    )
    if is_arn(intent.key):
        return [(intent.key, Arn.parse(intent.key).region)]
    reference = (intent.alias or DEFAULT_ALIAS) if intent.makes_key else intent.key
    return [(reference, region) for region in regions]


def plan_saved(intent: Intent, snapshot: Snapshot, *, tag: str = "", shape: Shape | None = None) -> Plan:
    """
    Return the plan made from a saved snapshot, as of when that was taken.

    `tag` is as for `plan_switch`. Its readers are those of the snapshot's inventory, if it has one.

    Raises:
        UsageProblem: the intent names what the snapshot does not hold.
    """
    intent = of_partition(sound(intent), snapshot.partition)
    plan = build_plan(snapshot, intent, made_at=snapshot.taken_at, tag=tag, shape=shape or BY_POLICY)
    return sure_of_nothing(plan, unread_in(snapshot))
