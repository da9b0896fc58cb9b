"""
The readers of a plan: who keeps reading, who will break, who is newly able; and the policy that follows.

By default each active reader that the switch would shut out gets the narrowest statement. With
readers named, everybody else is shut out, never those who can change the key policy.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from trailseal.access.readers.consumers import known_as, names_bucket
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.records import recognise
from trailseal.model.activity import Activity
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern
from trailseal.plan.impact import after_switch, before_switch, impacts_of, readers_of, reads
from trailseal.plan.intent import Intent
from trailseal.plan.reader_concerns import left_out, locks_out, still_open, unclear_readers, unread_policies
from trailseal.plan.reading import (
    KeyInQuestion,
    LacksIn,
    ReaderImpact,
    ReaderOutlook,
    Shape,
    Shaped,
    leave_open,
)
from trailseal.plan.restriction import (
    admit,
    restrict_by_grant,
    restrict_by_perimeter,
)


def shape_readers(activity: Mapping[str, Activity]) -> Shape:
    """Return the shape that keeps or restricts readers; `activity` is by trail ARN, empty when unknown."""

    def shape(question: KeyInQuestion, snapshot: Snapshot, intent: Intent) -> Shaped:
        if not any(isinstance(i, Inventory) for i in snapshot.inventories) or not question.policy:
            return leave_open(question, snapshot, intent)
        if intent.readers.principals:
            return _restricted(question, snapshot, intent, activity)
        return _kept(question, snapshot, activity)

    return shape


def _kept(question: KeyInQuestion, snapshot: Snapshot, activity: Mapping[str, Activity]) -> Shaped:
    lost: dict[str, None] = {}
    impacts: list[ReaderImpact] = []
    concerns: list[Concern] = []
    before_by = {trail.arn: before_switch(trail, snapshot) for trail in question.trails}
    for trail in question.trails:
        before, after = before_by[trail.arn], after_switch(trail, question, question.policy, snapshot)
        active = active_readers(before.estate, snapshot, trail, activity.get(trail.arn))
        concerns += unclear_readers(before.estate, trail, activity.get(trail.arn))
        broken = [arn for arn in readers_of(before) if not reads(after, arn)]
        lost |= dict.fromkeys(arn for arn in broken if arn in active)
    policy = admit(question.policy, tuple(lost), tuple(t.arn for t in question.trails))
    for trail in question.trails:
        after = after_switch(trail, question, policy, snapshot)
        concerns += unread_policies(after)
        impacts += impacts_of(trail, snapshot, before_by[trail.arn], after)
    return Shaped(policy=policy, readers=tuple(impacts), concerns=tuple(concerns))


def _restricted(
    question: KeyInQuestion, snapshot: Snapshot, intent: Intent, activity: Mapping[str, Activity]
) -> Shaped:
    named = intent.readers.principals
    restrict = restrict_by_grant if intent.readers.mode == "grant" else restrict_by_perimeter
    policy = restrict(question.policy, named, tuple(t.arn for t in question.trails))
    impacts: list[ReaderImpact] = []
    concerns: list[Concern] = []
    for trail in question.trails:
        before, after = before_switch(trail, snapshot), after_switch(trail, question, policy, snapshot)
        impacts += map(meant, impacts_of(trail, snapshot, before, after))
        active = active_readers(before.estate, snapshot, trail, activity.get(trail.arn))
        concerns += unclear_readers(before.estate, trail, activity.get(trail.arn))
        concerns += unread_policies(after)
        concerns += left_out(trail, before, after, active)
        concerns += still_open(trail, question, after, named)
        concerns += locks_out(trail, question, after, snapshot)
    return Shaped(policy=policy, readers=tuple(impacts), concerns=tuple(concerns))


def active_readers(
    estate: Estate, snapshot: Snapshot, trail: Trail, activity: Activity | None
) -> frozenset[str]:
    """
    Return who is taken to read today.

    Those who were seen, and known consumers. Where nothing records reading, those whose own
    policies name the bucket: a permission on every bucket is no sign of use.
    """
    bucket = snapshot.bucket(trail.s3_bucket_name)
    seen = recognise(activity.readers, estate).principals if activity else frozenset()
    found = {arn for arn in estate.by_arn if known_as(arn, estate, bucket) and _by_name(arn, estate, trail)}
    if activity is None or not activity.sources:
        found |= {arn for arn in estate.by_arn if _by_name(arn, estate, trail)}
    return seen | found


def _by_name(arn: str, estate: Estate, trail: Trail) -> bool:
    return names_bucket(estate.by_arn[arn], estate, trail.s3_bucket_name)


def meant(impact: ReaderImpact) -> ReaderImpact:
    """Whoever a restriction leaves out is shut out, which is what was asked for."""
    if impact.outlook is not ReaderOutlook.BREAKS:
        return impact
    return structs.replace(impact, outlook=ReaderOutlook.SHUT_OUT, lacks=LacksIn.NOTHING)
