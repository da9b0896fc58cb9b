"""`cost --brief`, and `explain --brief` with a code and without."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from trailseal.cost.estimate import Estimate
from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.run.explain import ControlExplanation, Explanation
from trailseal.view.breaking import joined
from trailseal.view.brief.lines import line, of_account, unread
from trailseal.view.codes import CodeExplained
from trailseal.view.cost import sentence
from trailseal.view.money import money


def cost_brief(estimate: Estimate) -> Iterator[str]:
    """Yield the number, in one sentence."""
    yield say(sentence(estimate))


def explained_brief(told: Explanation) -> Iterator[str]:
    """Yield what the account's trails are encrypted with, and what SSE-KMS costs a month."""
    cost = message("{cost} a month with SSE-KMS", cost=money(told.cost.per_month))
    yield line(of_account(told.account), [reduce(joined, map(say, (*told.here, cost)))])
    yield from unread(of_account(told.account), told.unreadable)


def control_brief(told: ControlExplanation) -> Iterator[str]:
    """Yield what a check asks."""
    yield line(told.check, [say(told.what)])


def code_brief(told: CodeExplained) -> Iterator[str]:
    """Yield what a code means."""
    yield line(told.code, [say(told.means)])
