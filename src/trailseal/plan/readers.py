"""
The readers of a plan: who keeps reading, who will break, who is newly able; and the policy that follows.

By default each active reader that the switch would shut out gets the narrowest statement, but under a key
that was restricted on purpose, or belongs to another account; so does each whom the intent names beside them.
With readers named, everybody else is shut out, never those who can change the key policy. An active reader
who loses access is refused, and a named one who cannot read all the same is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import structs

from trailseal.access.readers.consumers import COPIER, known_as, names_bucket
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.records import recognise
from trailseal.model.activity import Activity
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern
from trailseal.plan.impact import View, after_switch, before_switch, decrypts, impacts_of, readers_of, reads
from trailseal.plan.intent import Intent
from trailseal.plan.reader_concerns import (
    by_policy,
    cannot_read,
    losers,
    restricted_key,
    still_open,
    unread_policies,
    unseen_principals,
    unsure_readers,
)
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
    is_admitted,
    is_restricted,
    restrict_by_grant,
    restrict_by_perimeter,
)


def shape_readers(activity: Mapping[str, Activity]) -> Shape:
    """Return the shape that keeps or restricts readers; `activity` is by trail ARN, empty when unknown."""

    def shape(question: KeyInQuestion, snapshot: Snapshot, intent: Intent) -> Shaped:
        if not any(isinstance(i, Inventory) for i in snapshot.inventories) or not question.policy:
            left = leave_open(question, snapshot, intent)
            concerns = (*left.concerns, *unseen_principals(question, snapshot))
            return structs.replace(left, policy=_told_to(question, intent), concerns=concerns)
        return _shaped(question, snapshot, intent, activity)

    return shape


def _shaped(
    question: KeyInQuestion, snapshot: Snapshot, intent: Intent, activity: Mapping[str, Activity]
) -> Shaped:
    named = intent.readers.principals
    before_by = {trail.arn: before_switch(trail, snapshot) for trail in question.trails}
    active_by = _active_by(question, snapshot, activity, before_by)
    policy = question.policy
    if question.editable:
        policy = (
            _restricted(question, intent)
            if named
            else _kept(question, snapshot, before_by, active_by, intent.readers.also)
        )
    impacts: list[ReaderImpact] = []
    concerns: list[Concern] = []
    for trail in question.trails:
        before, after = before_by[trail.arn], after_switch(trail, question, policy, snapshot)
        active, found = active_by[trail.arn], impacts_of(trail, snapshot, before, after)
        impacts += _told(map(meant, found) if named else found, active)
        concerns += by_policy(trail, activity.get(trail.arn))
        concerns += unsure_readers(before, trail, activity.get(trail.arn))
        concerns += unread_policies(after)
        concerns += () if named else restricted_key(question, before, after)
        concerns += losers(trail, before, after, active)
        concerns += still_open(trail, question, after, named) if named else ()
        concerns += cannot_read(trail, after, intent.readers.named)
    return Shaped(policy=policy, readers=tuple(impacts), concerns=tuple(concerns))


def _kept(
    question: KeyInQuestion,
    snapshot: Snapshot,
    before_by: Mapping[str, View],
    active_by: Mapping[str, frozenset[str]],
    also: tuple[str, ...],
) -> str:
    """Return the policy that lets in each active reader whom the switch shuts out, and each of `also`."""
    policy, restricted = question.policy, is_restricted(question.before)
    lost: dict[str, None] = {}
    for trail in question.trails:
        after = after_switch(trail, question, question.policy, snapshot)
        broken = [arn for arn in readers_of(before_by[trail.arn]) if not reads(after, arn)]
        lost |= dict.fromkeys(arn for arn in broken if arn in active_by[trail.arn] and not restricted)
        lost |= dict.fromkeys(arn for arn in also if not decrypts(after, arn))
    trails = tuple(trail.arn for trail in question.trails)
    return admit(policy, tuple(arn for arn in lost if not is_admitted(policy, arn, trails)), trails)


def _told_to(question: KeyInQuestion, intent: Intent) -> str:
    """Return the policy where nobody could be looked at: each who is to read too is let in by name."""
    trails = tuple(trail.arn for trail in question.trails)
    if not (question.editable and question.policy):
        return question.policy
    also = (arn for arn in intent.readers.also if not is_admitted(question.policy, arn, trails))
    return admit(question.policy, tuple(also), trails)


def _restricted(question: KeyInQuestion, intent: Intent) -> str:
    """Return the policy that shuts everybody out but the readers that the intent names."""
    restrict = restrict_by_grant if intent.readers.mode == "grant" else restrict_by_perimeter
    return restrict(question.policy, intent.readers.principals, tuple(trail.arn for trail in question.trails))


def _told(impacts: Iterable[ReaderImpact], active: frozenset[str]) -> Iterator[ReaderImpact]:
    """Yield each reader with whether it reads today."""
    return (structs.replace(each, active=each.principal in active) for each in impacts)


def _active_by(
    question: KeyInQuestion, snapshot: Snapshot, activity: Mapping[str, Activity], before: Mapping[str, View]
) -> dict[str, frozenset[str]]:
    return {
        trail.arn: active_readers(before[trail.arn].estate, snapshot, trail, activity.get(trail.arn))
        for trail in question.trails
    }


def active_readers(
    estate: Estate, snapshot: Snapshot, trail: Trail, activity: Activity | None
) -> frozenset[str]:
    """
    Return who is taken to read today.

    Those who were seen, and known consumers. Where nothing records reading, those whose own
    policies name the bucket: a permission on every bucket is no sign of use. Where something may record
    it and was not read, nobody is taken for a reader by that, nor by a name; the bucket's replication reads.
    """
    bucket = snapshot.bucket(trail.s3_bucket_name)
    seen = recognise(activity.readers, estate).principals if activity else frozenset()
    naming = {arn for arn in estate.by_arn if _by_name(arn, estate, trail)}
    if activity is None or not (activity.sources or activity.unreadable):
        return seen | naming
    known = {arn: known_as(arn, estate, bucket) for arn in naming}
    return seen | {arn for arn in naming if known[arn] and (known[arn] == COPIER or not activity.unreadable)}


def _by_name(arn: str, estate: Estate, trail: Trail) -> bool:
    return names_bucket(estate.by_arn[arn], estate, trail.s3_bucket_name)


def meant(impact: ReaderImpact) -> ReaderImpact:
    """Whoever a restriction leaves out is shut out, which is what was asked for."""
    if impact.outlook is not ReaderOutlook.BREAKS:
        return impact
    return structs.replace(impact, outlook=ReaderOutlook.SHUT_OUT, lacks=LacksIn.NOTHING)
