"""All rules, in the order of their numbers."""

from __future__ import annotations

from trailseal.access.lint import coverage, never, openness, spelling
from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.written import WrittenPolicy

RULES = (
    coverage.check,
    openness.check_open,
    openness.check_delegation,
    openness.check_source_arn,
    openness.check_administrator,
    spelling.check,
    never.check,
)
ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def lint(policy: WrittenPolicy) -> tuple[LintFinding, ...]:
    """Return every finding, errors first, then by rule; equal documents give equal answers."""
    found = [finding for rule in RULES for finding in rule(policy)]
    return tuple(sorted(found, key=lambda f: (ORDER[f.severity], f.rule)))
