"""A check's findings by the trail that they concern."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.run.check import CheckResult, CheckRow

ACCOUNT = ""
"""Stands for the account where a finding concerns no trail that is shown."""


def by_trail(result: CheckResult) -> Iterator[tuple[str, tuple[CheckRow, ...]]]:
    """Yield each trail's ARN with all that concerns it, and at last what concerns the account alone."""
    arns = tuple(dict.fromkeys(row.trail.arn for row in result.trails))
    for arn in arns:
        yield arn, tuple(row for row in result.findings if arn in row.finding.trails)
    if rest := tuple(row for row in result.findings if not set(arns) & set(row.finding.trails)):
        yield ACCOUNT, rest
