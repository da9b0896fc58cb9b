"""`policy show|lint|diff --brief`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trailseal.access.lint.finding import LintSeverity
from trailseal.locale.language import say
from trailseal.messages import counted, message
from trailseal.run.documents import STDIN
from trailseal.run.policy import PolicyCompared, PolicyLinted, PolicyShown
from trailseal.view.brief.lines import line
from trailseal.view.policy import differences
from trailseal.view.words import listed


def shown_brief(shown: PolicyShown) -> Iterator[str]:
    """Yield how many statements a policy has, and who made it where that is known."""
    count = len(shown.statements)
    parts = [counted("{count} statement", "{count} statements", count)]
    if shown.console:
        parts.append(message("made by the CloudTrail console"))
    yield line(_called(shown.source), map(say, parts))


def linted_brief(linted: PolicyLinted) -> Iterator[str]:
    """Yield how many findings of each severity there are, and the rules that found them."""
    rules: dict[LintSeverity, Counter[str]] = {severity: Counter() for severity in LintSeverity}
    for found in linted.findings:
        rules[found.severity][found.rule] += 1
    errors, warnings, notes = (
        (rules[severity].total(), listed(rules[severity]))
        for severity in (LintSeverity.ERROR, LintSeverity.WARNING, LintSeverity.NOTE)
    )
    parts = []
    if errors[0]:
        parts.append(
            counted("{count} error ({rules})", "{count} errors ({rules})", errors[0], rules=errors[1])
        )
    if warnings[0]:
        parts.append(
            counted("{count} warning ({rules})", "{count} warnings ({rules})", warnings[0], rules=warnings[1])
        )
    if notes[0]:
        parts.append(counted("{count} note ({rules})", "{count} notes ({rules})", notes[0], rules=notes[1]))
    yield line(_called(linted.source), map(say, parts or [message("no findings")]))


def compared_brief(compared: PolicyCompared) -> Iterator[str]:
    """Yield how many statements differ in which way, and how many do not."""
    yield line(f"{_called(compared.before)} → {_called(compared.after)}", [differences(compared)])


def _called(source: str) -> str:
    return say(message("the policy on stdin")) if source == STDIN else source
