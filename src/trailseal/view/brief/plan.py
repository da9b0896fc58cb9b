"""`plan --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.locale.language import say
from trailseal.messages import Message, message
from trailseal.plan.concern_facts import Weight
from trailseal.plan.losing import readers_touched
from trailseal.plan.plan import Plan
from trailseal.plan.reading import ReaderOutlook
from trailseal.view.brief.lines import line
from trailseal.view.plan import last_line
from trailseal.view.steps import name_of
from trailseal.view.trail_names import trail_names
from trailseal.view.words import listed


def plan_brief(plan: Plan) -> Iterator[str]:
    """Yield what becomes of each trail, and who loses access to its log files."""
    names = trail_names((*plan.looked_at, *plan.trails))
    turned = {step.trail_arn: step for step in plan.switches}
    for arn, called in names.items():
        parts = [f"{name_of(turned[arn].before)} → {name_of(turned[arn].after)}"] if arn in turned else []
        parts += map(say, _kept_out(plan, arn))
        yield line(called, [*(parts or [_unturned(plan)]), *_losses(plan, arn)])
    if not names:
        yield last_line(plan)


def _kept_out(plan: Plan, arn: str) -> Iterator[Message]:
    """Yield what keeps a trail out of the plan, and what is not known of it."""
    by_weight: dict[Weight, dict[str, None]] = {}
    for each in plan.concerns:
        if arn in each.trails:
            by_weight.setdefault(each.weight, {})[each.code.value] = None
    if refused := by_weight.get(Weight.REFUSED):
        yield message("blocked ({codes})", codes=listed(refused))
    if unknown := by_weight.get(Weight.UNKNOWN):
        yield message("not known ({codes})", codes=listed(unknown))


def _unturned(plan: Plan) -> str:
    """Return what becomes of a trail that keeps its key; the plan does not say which key that is."""
    if plan.switches:
        return say(message("its key stays"))
    if plan.can_apply:
        return say(message("its key stays, other settings change"))
    return say(message("no changes") if plan.is_complete else message("not known"))


def _losses(plan: Plan, arn: str) -> Iterator[str]:
    touched = [each for each in readers_touched(plan) if arn in each.trails]
    if lost := dict.fromkeys(each.principal for each in touched if each.loses):
        yield say(message("loses access: {readers}", readers=listed(lost)))
    if maybe := dict.fromkeys(each.principal for each in touched if each.outlook is ReaderOutlook.UNKNOWN):
        yield say(message("may lose access: {readers}", readers=listed(maybe)))
