"""`check --brief`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trailseal.controls.finding import Verdict
from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.run.check import CheckResult, CheckRow
from trailseal.view.brief.lines import line, no_trail, of_account, unread
from trailseal.view.by_trail import ACCOUNT, by_trail
from trailseal.view.trail_names import trail_names
from trailseal.view.words import listed


def check_brief(result: CheckResult) -> Iterator[str]:
    """Yield how many checks of each trail failed and passed, and which failed."""
    names = trail_names(row.trail.arn for row in result.trails)
    for arn, rows in by_trail(result):
        called = names[arn] if arn != ACCOUNT else of_account(result.account)
        yield line(called, _verdicts(rows))
    if not result.trails and not result.unreadable:
        yield no_trail(result.account)
    yield from unread(of_account(result.account), result.unreadable)


def _verdicts(rows: Iterable[CheckRow]) -> list[str]:
    """Return the parts of a line; the checks that failed and that are not known by their names."""
    found: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for row in rows:
        found[row.finding.verdict].append(row.finding.check)
    failed, unknown, passed = found[Verdict.FAIL], found[Verdict.UNKNOWN], found[Verdict.PASS]
    parts = []
    if failed:
        parts.append(
            message("{count} failed ({checks})", count=len(failed), checks=listed(dict.fromkeys(failed)))
        )
    if unknown:
        parts.append(
            message("{count} not known ({checks})", count=len(unknown), checks=listed(dict.fromkeys(unknown)))
        )
    if passed or not parts:
        parts.append(message("{count} passed", count=len(passed)))
    return list(map(say, parts))
