"""Concerns about the trails themselves: who owns them, who else manages them, whether they deliver."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.messages import message
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import ManagedBy, Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, Weight, unread


def trail_concerns(trail: Trail, snapshot: Snapshot) -> Iterator[Concern]:
    """Yield what stands against changing `trail` from here, and what to know beforehand."""
    yield from _managed(trail)
    yield from _foreign(trail, snapshot)
    yield from _delivering(trail)
    if trail.is_organization_trail:
        yield Concern(
            code="organization-members",
            weight=Weight.NOTE,
            subject=trail.arn,
            text=message(
                "{trail} delivers for every account of the organization, and a member can fail while the "
                "management account succeeds: verify looks at each account and Region",
                trail=trail.name,
            ),
        )


def unread_trail(trail: UnreadTrail) -> Concern:
    """Return the refusal of a trail whose settings nobody would tell us."""
    return Concern(
        code="trail-unreadable",
        weight=Weight.UNKNOWN,
        subject=trail.arn,
        text=message(
            "{trail} could not be described ({code}), so nothing is planned for it: {call} is needed",
            trail=trail.arn,
            code=trail.reason.code,
            call=trail.reason.call,
        ),
    )


def _managed(trail: Trail) -> Iterator[Concern]:
    match trail.managed_by:
        case Unreadable() as reason:
            yield unread("managed-by", trail.arn, reason)
        case ManagedBy(kind="CloudFormation", name=stack):
            yield Concern(
                code="managed-by-cloudformation",
                weight=Weight.REFUSED,
                subject=trail.arn,
                text=message(
                    "CloudFormation stack {stack} owns {trail} and would put back what is changed beside it",
                    stack=stack,
                    trail=trail.name,
                ),
                remedy=message(
                    "set KMSKeyId of the AWS::CloudTrail::Trail resource in the stack's template instead"
                ),
                trails=(trail.arn,),
            )
        case ManagedBy():
            yield Concern(
                code="managed-by-control-tower",
                weight=Weight.REFUSED,
                subject=trail.arn,
                text=message(
                    "AWS Control Tower owns {trail}; a change beside the landing zone is drift",
                    trail=trail.name,
                ),
                remedy=message(
                    "set centralizedLogging.configurations.kmsKeyArn in the landing zone's manifest instead; "
                    "the key must be a single-Region key of the management account"
                ),
                trails=(trail.arn,),
            )
        case _:
            return


def _foreign(trail: Trail, snapshot: Snapshot) -> Iterator[Concern]:
    if trail.account == snapshot.account or _administers(trail, snapshot):
        return
    yield Concern(
        code="organization-trail-owner",
        weight=Weight.REFUSED,
        subject=trail.arn,
        text=message(
            "{trail} belongs to account {owner} and cannot be changed from {account}",
            trail=trail.name,
            owner=trail.account,
            account=snapshot.account,
        ),
        remedy=message(
            "run this in account {owner}, or in CloudTrail's delegated administrator account",
            owner=trail.account,
        ),
        trails=(trail.arn,),
    )


def _administers(trail: Trail, snapshot: Snapshot) -> bool:
    match snapshot.organization:
        case Organization(management_account=owner, cloudtrail_administrators=administrators):
            return owner == trail.account and snapshot.account in administrators
        case _:
            return False


def _delivering(trail: Trail) -> Iterator[Concern]:
    home = next((s for s in trail.statuses if _region(s) == trail.home_region), None)
    if isinstance(home, TrailStatus) and not home.is_logging:
        yield Concern(
            code="not-logging",
            weight=Weight.WARNING,
            subject=trail.arn,
            text=message(
                "{trail} is stopped: it will take the key, but no delivery can prove it", trail=trail.name
            ),
            remedy=message("start it with aws cloudtrail start-logging, then run trailseal verify --wait"),
        )
    failing = sorted(s.region for s in trail.statuses if isinstance(s, TrailStatus) and is_failing(s))
    if failing:
        yield Concern(
            code="delivery-failing",
            weight=Weight.WARNING,
            subject=trail.arn,
            text=message(
                "{trail} does not deliver now in {regions}; the switch will not mend that",
                trail=trail.name,
                regions=", ".join(failing),
            ),
            remedy=message("trailseal check says why"),
        )
    for status in trail.statuses:
        if isinstance(status, Unreadable):
            yield unread("trail-status", trail.arn, status)


def is_failing(status: TrailStatus) -> bool:
    """Whether the last thing heard of deliveries is an error."""
    return status.is_logging and bool(status.latest_delivery_error)


def _region(status: TrailStatus | Unreadable) -> str:
    return status.region if isinstance(status, TrailStatus) else ""
