"""Concerns about the trails themselves: who owns them, who else manages them, whether they deliver."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import ManagedBy, Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, concern, unread, why_unread
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.names import word


def trail_concerns(trail: Trail, snapshot: Snapshot) -> Iterator[Concern]:
    """Yield what stands against changing `trail` from here, and what to know beforehand."""
    yield from _managed(trail)
    yield from _foreign(trail, snapshot)
    yield from _delivering(trail)
    if trail.is_organization_trail:
        yield concern(Code.MEMBERS, trail.arn, Details(trail=trail.name))


def unread_trail(trail: UnreadTrail) -> Concern:
    """Return the refusal of a trail whose settings nobody would tell us."""
    return concern(Code.TRAIL_UNREADABLE, trail.arn, why_unread(trail.reason, Details(trail=trail.arn)))


def _managed(trail: Trail) -> Iterator[Concern]:
    match trail.managed_by:
        case Unreadable() as reason:
            yield unread(Code.MANAGED_BY, trail.arn, reason)
        case ManagedBy(kind="CloudFormation", name=stack):
            facts = Details(trail=trail.name, stack=word(stack))
            yield concern(Code.CLOUDFORMATION, trail.arn, facts, trails=(trail.arn,))
        case ManagedBy():
            yield concern(Code.CONTROL_TOWER, trail.arn, Details(trail=trail.name), trails=(trail.arn,))
        case _:
            return


def _foreign(trail: Trail, snapshot: Snapshot) -> Iterator[Concern]:
    if snapshot.may_change_trails_of(trail.account):
        return
    if reason := snapshot.untold_whether_it_changes_trails_of(trail.account):
        yield concern(Code.FACTS, trail.arn, why_unread(reason, Details()), trails=(trail.arn,))
        return
    facts = Details(trail=trail.name, owner=trail.account, account=snapshot.account)
    yield concern(Code.TRAIL_OWNER, trail.arn, facts, trails=(trail.arn,))


def _delivering(trail: Trail) -> Iterator[Concern]:
    home = trail.home_status
    if home is not None and not home.is_logging:
        yield concern(Code.NOT_LOGGING, trail.arn, Details(trail=trail.name))
    failing = sorted(s.region for s in trail.statuses if isinstance(s, TrailStatus) and is_failing(s))
    if failing:
        yield concern(Code.DELIVERY_FAILING, trail.arn, Details(trail=trail.name, regions=tuple(failing)))
    for status in trail.statuses:
        if isinstance(status, Unreadable):
            yield unread(Code.TRAIL_STATUS, trail.arn, status)


def is_failing(status: TrailStatus) -> bool:
    """Whether the last thing heard of deliveries is an error."""
    return status.is_logging and bool(status.standing_error)
