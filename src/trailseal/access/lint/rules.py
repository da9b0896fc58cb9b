"""All rules, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.lint import coverage, keepers, never, openness, principals, services, spelling
from trailseal.access.lint.admission import place_of
from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.written import WrittenPolicy, with_names

ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def lint(policy: WrittenPolicy, *, owner: str = "") -> tuple[LintFinding, ...]:
    """
    Return every finding, errors first, then by rule; equal documents give equal answers.

    `owner` is the account that owns the key or bucket, where that is known.
    """
    return tuple(sorted(_found(policy, owner), key=lambda f: (ORDER[f.severity], f.rule)))


def _found(written: WrittenPolicy, owner: str) -> Iterator[LintFinding]:
    policy = with_names(written)
    place = place_of(policy, owner)
    yield from coverage.check(policy)
    yield from openness.check_open(policy, place)
    yield from openness.check_delegation(policy, place)
    yield from openness.check_source_arn(policy, place)
    yield from keepers.check(policy, place)
    yield from spelling.check(policy)
    yield from never.check(policy)
    yield from principals.check(policy, place)
    yield from services.check(policy, place)
