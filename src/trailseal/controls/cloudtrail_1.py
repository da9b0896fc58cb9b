"""CloudTrail.1: one multi-Region trail records all management events."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.estate import described
from trailseal.controls.finding import Check, Finding, Severity
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
        "and leaves out no event source."
    ),
    why=N_("Somebody who acts in a Region that no trail records leaves no trace."),
    remedy=N_(
        "make one trail a multi-Region trail (aws cloudtrail update-trail --is-multi-region-trail) with the "
        "default event selectors"
    ),
    page="https://docs.aws.amazon.com/config/latest/developerguide/multi-region-cloudtrail-enabled.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield one finding for the account.

    A trail that meets the rule settles it; only then does what could not be read no longer matter.
    """
    everywhere = [trail for trail in described(snapshot) if trail.is_multi_region_trail]
    for trail in everywhere:
        if isinstance(trail.events, EventSelection) and _records_all(trail.events):
            text = message("{trail} records all management events in every Region", trail=trail.name)
            yield CHECK.passed(snapshot.account, text, trails=(trail.arn,))
            return
    if (reason := _unread(snapshot, everywhere)) is not None:
        yield CHECK.unknown(snapshot.account, reason)
    else:
        yield CHECK.failed(snapshot.account, _lack(everywhere), trails=tuple(t.arn for t in everywhere))


def _records_all(events: EventSelection) -> bool:
    return (
        events.read_management
        and events.write_management
        and not events.excludes_kms
        and not events.excluded_sources
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
