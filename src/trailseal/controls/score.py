"""
The security score of a standard, counted as Security Hub counts it.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/standards-security-score.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.controls import cloudtrail_2
from trailseal.controls.finding import Verdict
from trailseal.model.securityhub import SecurityHub, Standard
from trailseal.model.snapshot import Snapshot

CONTROL = "CloudTrail.2"
COUNTED = ("PASSED", "FAILED", "UNKNOWN")


class Score(Struct, frozen=True, kw_only=True):
    """
    One standard in one Region. Percentages are rounded; None where nothing is counted, or not all was read.

    `after` is the score if CloudTrail.2 alone turns to passed, None where that changes nothing. A real switch
    can give other controls data too, such as those of KMS once there is a key.
    """

    standard: str
    arn: str
    region: str
    passed: int
    failed: int
    unknown: int
    no_data: int
    now: int | None
    after: int | None = None
    is_due: bool = False
    """Whether CloudTrail.2 holds already here, so that `after` comes once Security Hub looks again."""
    is_aggregating: bool = False
    """Whether the console's score here spans linked Regions too; this one is of the Region alone."""


def scores(snapshot: Snapshot) -> tuple[Score, ...]:
    """Return the score of each enabled standard, hub by hub."""
    held = {finding.verdict for finding in cloudtrail_2.check(snapshot)} == {Verdict.PASS}
    return tuple(
        _score(standard, hub, is_held=held)
        for hub in snapshot.hubs
        if isinstance(hub, SecurityHub)
        for standard in hub.standards
    )


def _score(standard: Standard, hub: SecurityHub, *, is_held: bool) -> Score:
    enabled = [control for control in standard.controls if control.enabled]
    count = {status: sum(control.status == status for control in enabled) for status in COUNTED}
    total = sum(count.values())
    now = None if hub.is_partial else _percent(count["PASSED"], total)
    switched = any(c.control_id == CONTROL and c.status in {"FAILED", "UNKNOWN"} for c in enabled)
    return Score(
        standard=standard.name,
        arn=standard.arn,
        region=hub.region,
        passed=count["PASSED"],
        failed=count["FAILED"],
        unknown=count["UNKNOWN"],
        no_data=len(enabled) - total,
        now=now,
        after=_percent(count["PASSED"] + 1, total) if switched and now is not None else None,
        is_due=is_held and switched,
        is_aggregating=hub.is_aggregating,
    )


def _percent(passed: int, total: int) -> int | None:
    """Return the rounded percentage, a half upwards."""
    return (200 * passed + total) // (2 * total) if total else None
