"""All rules, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.lint import coverage, keepers, never, openness, principals, refused, services, spelling
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.kind import kind_of
from trailseal.access.lint.place import place_of
from trailseal.access.lint.written import LONGEST, WrittenPolicy, with_names
from trailseal.access.parse.kind import PolicyKind
from trailseal.messages import message

ORDER = {LintSeverity.ERROR: 0, LintSeverity.WARNING: 1, LintSeverity.NOTE: 2}
REFUSED = "KP110"


def lint(
    policy: WrittenPolicy, *, owner: str = "", kind: PolicyKind | None = None
) -> tuple[LintFinding, ...]:
    """
    Return every finding, errors first, then by rule; equal documents give equal answers.

    `owner` is the account that owns the key or bucket, where that is known. A document that is too long
    is told first.
    """
    found = _found(policy, owner, kind or kind_of(policy))
    return tuple(sorted(found, key=lambda f: (f.rule != refused.TOO_LONG, ORDER[f.severity], f.rule)))


def _found(written: WrittenPolicy, owner: str, kind: PolicyKind) -> Iterator[LintFinding]:
    yield from refused.check_length(written, kind)
    if written.is_endless:
        yield _not_looked_at()
        return
    yield from refused.check_sids(written, kind)
    policy = with_names(written)
    place = place_of(policy, owner)
    yield from coverage.check(policy)
    yield from openness.check_open(policy, place)
    yield from openness.check_delegation(policy, place)
    yield from openness.check_source_arn(policy, place)
    yield from keepers.check(policy, place)
    yield from never.check(policy, place)
    yield from services.check(policy, place)
    spelt = [*spelling.check(policy), *principals.check(policy, place)]
    yield from spelt
    yield from refused.check(policy, kind, {f.statement for f in spelt if f.rule == REFUSED})


def _not_looked_at() -> LintFinding:
    return LintFinding(
        rule="KP121",
        severity=LintSeverity.NOTE,
        statement="",
        text=message("nothing else was looked at: the policy is longer than {most} characters", most=LONGEST),
        remedy=message("AWS accepts no policy of this length: split it"),
    )
