"""The last lines of a check: how many findings there are, and what to do first, with the command to type."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.controls.finding import Severity, Verdict
from trailseal.controls.typed import typed
from trailseal.locale.language import say, translate
from trailseal.messages import Message, counted, message
from trailseal.model.trail import Trail
from trailseal.run.check import CheckResult, CheckRow
from trailseal.view.check_findings import SEVERITIES, is_long
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed

WORST_FIRST = tuple(Severity)


def print_last(result: CheckResult, console: Terminal) -> None:
    """Write the last lines."""
    console.print()
    console.print(Text(summary(result), "bold"))
    for line in what_next(result):
        console.print(Text(line, "bold"))


def summary(result: CheckResult) -> str:
    """Return how many findings of each kind there are, and how many calls were not answered."""
    counts = result.counts
    parts = [counted("{count} check failed", "{count} checks failed", counts.failed)]
    if counts.unknown:
        parts.append(counted("{count} is not known", "{count} are not known", counts.unknown))
    parts.append(counted("{count} passed", "{count} passed", counts.passed))
    if result.unreadable:
        number = len(result.unreadable)
        parts.append(counted("{count} call was not answered", "{count} calls were not answered", number))
    trails = say(counted("{count} trail", "{count} trails", len(result.trails)))
    return say(message("{trails}: {counts}.", trails=trails, counts=listed(map(say, parts))))


def first_to_fix(result: CheckResult) -> CheckRow | None:
    """Return the failed finding that matters most: what is lost for good, then by severity, as listed."""
    failed = [row for row in result.findings if row.finding.verdict is Verdict.FAIL]
    return min(failed, key=_rank, default=None)


def _rank(row: CheckRow) -> tuple[bool, int]:
    return not row.finding.loses_history, WORST_FIRST.index(row.finding.severity)


def what_next(result: CheckResult) -> Iterator[str]:
    """Yield what to do first, or what can be looked at where nothing failed; a command ends its line."""
    if row := first_to_fix(result):
        if row.finding.remedy:
            yield say(_first(row, row.finding.remedy))
    elif result.missing_actions:
        yield say(message("To know the rest: {command}", command="trailseal permissions check"))
    elif not result.is_complete:
        yield say(message("To know the rest, look again: {command}", command="trailseal check"))
    elif any(isinstance(row.trail, Trail) and row.trail.is_sealed for row in result.trails):
        yield say(message("Next, prove it on the delivered objects: {command}", command="trailseal verify"))
    elif result.trails:
        yield say(message("Next, see who can read the log files: {command}", command="trailseal who"))


def _first(row: CheckRow, remedy: Message) -> Message:
    finding = row.finding
    facts = {"check": finding.check, "severity": translate(SEVERITIES[finding.severity.value])}
    if is_long(remedy):
        seen = typed("trailseal check", control=finding.check, verbose=True)
        return message("To fix first: {check} ({severity}); to see how: {command}", **facts, command=seen)
    return message("To fix first: {check} ({severity}): {remedy}", **facts, remedy=say(remedy))
