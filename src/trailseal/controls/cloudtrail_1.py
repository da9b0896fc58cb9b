"""CloudTrail.1: one multi-Region trail records all management events."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.estate import described
from trailseal.controls.everything_recorded import record_everything
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, Message, message
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import EventSelection, Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="CloudTrail.1",
    title=N_("A multi-Region trail records read and write management events"),
    severity=Severity.HIGH,
    what=N_(
        "At least one trail is a multi-Region trail that records all management events, read and write, "
        "and leaves out no event source in any selector."
    ),
    why=N_("Somebody who acts in a Region that no trail records leaves no trace."),
    remedy=N_("let one trail record all management events in every Region"),
    page="https://docs.aws.amazon.com/config/latest/developerguide/multi-region-cloudtrail-enabled.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield one finding for the account.

    A trail that meets the rule settles it, a running one before a stopped: only then does what could not be
    read no longer matter. The rule does not ask whether a trail is logging; TS106 does.
    """
    everywhere = [trail for trail in described(snapshot) if trail.is_multi_region_trail]
    meeting = [trail for trail in everywhere if _verdict(trail) is Verdict.PASS]
    if meeting:
        witness = min(meeting, key=lambda trail: not _is_running(trail))
        yield CHECK.passed(snapshot.account, _told(witness), trails=(witness.arn,))
    elif reason := _unread(snapshot, everywhere):
        yield CHECK.unknown(snapshot.account, reason)
    elif open_ones := [trail for trail in everywhere if _verdict(trail) is Verdict.UNKNOWN]:
        arns = tuple(trail.arn for trail in open_ones)
        yield CHECK.found(Verdict.UNKNOWN, snapshot.account, _unclear(open_ones), trails=arns)
    else:
        arns = tuple(trail.arn for trail in everywhere)
        remedy = record_everything(described(snapshot), snapshot)
        yield CHECK.failed(snapshot.account, _lack(everywhere), trails=arns, remedy=remedy)


def _verdict(trail: Trail) -> Verdict:
    """
    Return whether a trail's selectors meet the rule.

    One that leaves out events of a source does not, whatever another selector takes in. What a field or
    operator that AWS's page does not name for management events leaves out is not known.
    """
    events = trail.events
    if not isinstance(events, EventSelection):
        return Verdict.UNKNOWN
    if events.excludes_kms or events.excluded_sources:
        return Verdict.FAIL
    if events.unclear:
        return Verdict.UNKNOWN
    return Verdict.PASS if events.read_management and events.write_management else Verdict.FAIL


def _is_running(trail: Trail) -> bool:
    return trail.home_status is not None and trail.home_status.is_logging


def _told(trail: Trail) -> Message:
    if _is_running(trail):
        return message("{trail} records all management events in every Region", trail=trail.name)
    if trail.home_status is None:
        return message("{trail} is set to record all management events in every Region", trail=trail.name)
    return message(
        "{trail} would record all management events in every Region, and is stopped", trail=trail.name
    )


def _unclear(trails: list[Trail]) -> Message:
    told = (
        f"{trail.name} {', '.join(trail.events.unclear)}"
        for trail in trails
        if isinstance(trail.events, EventSelection)
    )
    return message(
        "not known: AWS's page does not say what these event selectors leave out: {selectors}",
        selectors="; ".join(told),
    )


def _unread(snapshot: Snapshot, everywhere: list[Trail]) -> Unreadable | None:
    for trail in everywhere:
        if isinstance(trail.events, Unreadable):
            return trail.events
        if trail.events is None:
            return Unreadable(call="cloudtrail:GetEventSelectors", code="NotRead", where=trail.arn)
    for each in snapshot.trails:
        if isinstance(each, UnreadTrail):
            return each.reason
    return next((u for u in snapshot.unreadable if u.call == "cloudtrail:ListTrails"), None)


def _lack(everywhere: list[Trail]) -> Message:
    if not everywhere:
        return message("no trail records every Region")
    names = ", ".join(trail.name for trail in everywhere)
    return message("{trails}: not all management events are recorded, or a source is left out", trails=names)
