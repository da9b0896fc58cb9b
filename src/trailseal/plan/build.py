"""
From a snapshot and an intent to a plan.

The order keeps logs readable and flowing at every point: a key is made or its policy merged before
any trail names it, never after.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from trailseal.access.cloudtrail.destination import Destination, destination_of
from trailseal.access.readers.from_snapshot import key_facts
from trailseal.model.arn import Arn, account_of
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.plan.bucket_concerns import bucket_concerns
from trailseal.plan.concern import Concern, kept_out, unread, weigh
from trailseal.plan.concern_facts import Code
from trailseal.plan.footing import footings
from trailseal.plan.intent import Intent
from trailseal.plan.key_concerns import key_concerns, policy_concerns
from trailseal.plan.key_policy import KeyUse, console_policy, least_policy
from trailseal.plan.key_steps import key_steps, policy_of
from trailseal.plan.merge import KeyDeliveries, Merged, merge
from trailseal.plan.options import by_alias, see_options
from trailseal.plan.places import home_place, places
from trailseal.plan.plan import Plan, Trigger, Watched, seal
from trailseal.plan.putting import PolicyPut, put_concerns
from trailseal.plan.reading import KeyInQuestion, ReaderImpact, Shape, Shaped, leave_open
from trailseal.plan.rescue import left_behind, rescue_steps, rescued, to_rescue
from trailseal.plan.scope import KeyGroup, groups, wanted_trails
from trailseal.plan.serving import serves
from trailseal.plan.step import CreateKey, ReplicateKey, Step, UpdateTrail, roll_back
from trailseal.plan.trail_concerns import trail_concerns, unread_trail


def build_plan(
    snapshot: Snapshot, intent: Intent, *, made_at: datetime, tag: str = "", shape: Shape = leave_open
) -> Plan:
    """
    Return the plan that brings `intent` about in the account of `snapshot`.

    A trail that something stands against is left out, and the concern says why. An empty plan means
    that everything asked for holds already, that everything was refused, or, where a concern says so,
    that nobody would list the trails. `tag` is a random text that the plan's own keys are found again by.

    Raises:
        UsageProblem: a trail or key was named that is not there, the alias is taken, or an option can apply
            to nothing that the plan is about.
    """
    wanted = wanted_trails(snapshot, intent)
    readable = tuple(trail for trail in wanted if isinstance(trail, Trail))
    concerns = [unread(Code.TRAILS, reason.where, reason) for reason in snapshot.unreadable]
    concerns += [unread_trail(trail) for trail in wanted if isinstance(trail, UnreadTrail)]
    for trail in readable:
        concerns += trail_concerns(trail, snapshot)
    grouped = groups(readable, snapshot, intent)
    for trail in readable:
        key = next((g.key.arn for g in grouped if trail in g.trails and g.key), "")
        concerns += bucket_concerns(snapshot.bucket(trail.s3_bucket_name), trail, snapshot, key_arn=key)
    concerns += see_options(grouped, snapshot, intent)
    for group in grouped:
        concerns += (*by_alias(group, intent), *_about_key(group, snapshot))
    weighed = weigh(tuple(concerns), intent.accept)
    scope = Scope(trails=readable, grouped=grouped, admitted=_without(grouped, kept_out(weighed)))
    return _assemble(snapshot, intent, made_at, tag=tag, shape=shape, scope=scope, concerns=weighed)


class Scope(Struct, frozen=True, kw_only=True):
    """The trails that a plan is about, by the key that they shall have, and those that nothing keeps out."""

    trails: tuple[Trail, ...]
    grouped: tuple[KeyGroup, ...]
    admitted: tuple[KeyGroup, ...]


class Worked(Struct, frozen=True, kw_only=True):
    """What the admitted trails come to: steps on keys, then on trails, with readers and concerns."""

    key_steps: tuple[Step, ...]
    trail_steps: tuple[UpdateTrail, ...]
    readers: tuple[ReaderImpact, ...]
    concerns: tuple[Concern, ...]
    used: frozenset[str]
    """The keys of which something is planned."""


def _worked(snapshot: Snapshot, intent: Intent, shape: Shape, admitted: tuple[KeyGroup, ...]) -> Worked:
    on_keys: list[Step] = []
    on_trails: list[UpdateTrail] = []
    readers: list[ReaderImpact] = []
    concerns: list[Concern] = []
    used: set[str] = set()
    primary = ""
    for group in admitted:
        shaped, more = _policy_for(group, snapshot, intent, shape)
        new = weigh((*more, *shaped.concerns), intent.accept)
        concerns += new
        readers += shaped.readers
        barred = kept_out(new)
        if any(trail.arn in barred for trail in group.trails):
            continue
        used.add(group.key_name)
        on_keys += key_steps(group, intent, account=snapshot.account, policy=shaped.policy, primary=primary)
        if group.key is None and intent.multi_region:
            primary = primary or group.key_name
        on_trails += (_switch(t, group.key_name) for t in group.trails if t.kms_key_id != group.key_name)
    return Worked(
        key_steps=tuple(on_keys),
        trail_steps=tuple(on_trails),
        readers=tuple(readers),
        concerns=tuple(concerns),
        used=frozenset(used),
    )


def _assemble(
    snapshot: Snapshot,
    intent: Intent,
    made_at: datetime,
    *,
    tag: str,
    shape: Shape,
    scope: Scope,
    concerns: tuple[Concern, ...],
) -> Plan:
    worked = _worked(snapshot, intent, shape, scope.admitted)
    rescues = to_rescue(scope.trails, scope.grouped, worked.used, snapshot, intent)
    first = (step for key in rescues for step in rescue_steps(key))
    steps = (*first, *worked.key_steps, *worked.trail_steps)
    switched = {step.trail_arn for step in worked.trail_steps}
    more = (*map(rescued, rescues), *left_behind(worked.trail_steps, snapshot))
    return seal(
        Plan(
            made_at=made_at,
            account=snapshot.account,
            partition=snapshot.partition,
            intent=intent,
            looked_at=tuple(trail.arn for trail in wanted_trails(snapshot, intent)),
            left_alone=_left_alone(snapshot, intent),
            keys_elsewhere=_keys_elsewhere(snapshot, intent),
            steps=steps,
            rollback=roll_back(steps),
            triggers=tuple(Trigger) if switched else (),
            concerns=_once((*concerns, *worked.concerns, *more)),
            readers=worked.readers,
            watched=tuple(_watched(snapshot, switched)),
            tag=tag if any(isinstance(step, CreateKey | ReplicateKey) for step in steps) else "",
            rests_on=footings(snapshot, steps),
        )
    )


def _left_alone(snapshot: Snapshot, intent: Intent) -> tuple[str, ...]:
    wanted = {trail.arn for trail in wanted_trails(snapshot, intent)}
    return tuple(sorted({trail.arn for trail in snapshot.trails} - wanted))


def _keys_elsewhere(snapshot: Snapshot, intent: Intent) -> dict[str, str]:
    """Return the owner of each key of another account that a trail is left under."""
    left = set(_left_alone(snapshot, intent))
    owners = {
        t.arn: account_of(t.kms_key_id) for t in snapshot.trails if isinstance(t, Trail) and t.is_sealed
    }
    return {
        arn: owner
        for arn, owner in sorted(owners.items())
        if arn in left and owner not in {"", snapshot.account}
    }


def _about_key(group: KeyGroup, snapshot: Snapshot) -> Iterator[Concern]:
    if group.key is not None:
        yield from key_concerns(
            group.key,
            bucket_region=group.region,
            account=snapshot.account,
            trails=tuple(trail.arn for trail in group.trails),
            serves=_is_used_as_it_is(group, snapshot),
        )


def _is_used_as_it_is(group: KeyGroup, snapshot: Snapshot) -> bool:
    """Whether a group's key needs no change for its trails."""
    key = group.key
    return isinstance(key, KmsKey) and all(serves(key, trail, snapshot) for trail in group.trails)


def _without(grouped: tuple[KeyGroup, ...], barred: frozenset[str]) -> tuple[KeyGroup, ...]:
    left = (
        KeyGroup(key=g.key, region=g.region, trails=tuple(t for t in g.trails if t.arn not in barred))
        for g in grouped
    )
    return tuple(group for group in left if group.trails)


def _policy_for(
    group: KeyGroup, snapshot: Snapshot, intent: Intent, shape: Shape
) -> tuple[Shaped, tuple[Concern, ...]]:
    destinations = tuple(destination_of(trail, snapshot) for trail in group.trails)
    use = KeyUse(
        account=snapshot.account,
        partition=snapshot.partition,
        trail_arns=tuple(dict.fromkeys((*(trail.arn for trail in group.trails), *intent.also_for))),
        bucket_key=any(to.bucket_key is not False for to in destinations),
    )
    before = policy_of(group.key)
    editable = group.key is None or Arn.parse(group.key.arn).account == snapshot.account
    merged = Merged(policy=before)
    if group.key is None:
        merged = Merged(policy=_new_policy(use, snapshot, intent))
    elif editable:
        merged = merge(
            before, key_arn=group.key.arn, use=use, deliveries=_deliveries(group, group.key, destinations)
        )
    shaped = shape(
        KeyInQuestion(
            key=group.key_name, before=before, policy=merged.policy, trails=group.trails, editable=editable
        ),
        snapshot,
        intent,
    )
    if not editable:
        return shaped, ()
    arns = tuple(trail.arn for trail in group.trails)
    put = PolicyPut(
        key=group.key_name,
        before=before,
        after=shaped.policy,
        trails=arns,
        restricts=bool(intent.readers.principals),
    )
    found = policy_concerns(shaped.policy, merged=merged, key=group.key_name, trails=arns)
    return shaped, (*found, *put_concerns(put, snapshot))


def _new_policy(use: KeyUse, snapshot: Snapshot, intent: Intent) -> str:
    if intent.policy == "console":
        return console_policy(use, caller_arn=snapshot.caller_arn)
    return least_policy(use)


def _deliveries(
    group: KeyGroup, key: KmsKey | UnreadKey, destinations: tuple[Destination, ...]
) -> KeyDeliveries:
    return KeyDeliveries(
        destinations=destinations,
        switched=frozenset(trail.arn for trail in group.trails if trail.kms_key_id != group.key_name),
        key_facts=key_facts(key) if isinstance(key, KmsKey) else {},
    )


def _switch(trail: Trail, key: str) -> UpdateTrail:
    return UpdateTrail(trail_arn=trail.arn, home_region=trail.home_region, before=trail.kms_key_id, after=key)


def _watched(snapshot: Snapshot, switched: set[str]) -> Iterator[Watched]:
    for trail in snapshot.trails:
        if isinstance(trail, Trail) and trail.arn in switched:
            known = tuple(places(trail, snapshot))
            yield from known
            if not any(place.lately for place in known):
                yield home_place(trail, snapshot)


def _once(concerns: tuple[Concern, ...]) -> tuple[Concern, ...]:
    return tuple(concern for place, concern in enumerate(concerns) if concern not in concerns[:place])
