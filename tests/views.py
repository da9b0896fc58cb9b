"""Every view's result, filled, and what prints it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from filled import filled
from trailseal.cost.amount import Range
from trailseal.cost.estimate import Estimate
from trailseal.history.rules.census import Census
from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.quick import Quick
from trailseal.history.rules.summary import Summary
from trailseal.history.rules.validation import Validation
from trailseal.plan.plan import Plan
from trailseal.plan.proof import DeliveryProof
from trailseal.run.apply import Applied
from trailseal.run.check import CheckResult
from trailseal.run.explain import ControlExplanation, Explanation
from trailseal.run.key import KeyShown
from trailseal.run.policy import PolicyCompared, PolicyLinted, PolicyShown
from trailseal.run.runs import RunList
from trailseal.run.undo import Undone
from trailseal.run.who import WhoAnswer
from trailseal.run.who_proof import ProofAnswer
from trailseal.view import apply, check, cost, explain, key, plan, policy, proof, undone, verify, who
from trailseal.view.brief.check import check_brief
from trailseal.view.brief.costs import control_brief, explained_brief
from trailseal.view.brief.history import census_brief, quick_brief
from trailseal.view.brief.key import key_brief
from trailseal.view.brief.plan import plan_brief
from trailseal.view.brief.policy import compared_brief, linted_brief, shown_brief
from trailseal.view.brief.runs import applied_brief, runs_brief, undone_brief
from trailseal.view.brief.verify import verify_brief
from trailseal.view.brief.who import proof_brief, who_brief
from trailseal.view.history import census as history_census
from trailseal.view.history.quick import write_quick
from trailseal.view.history.reencrypt import outlook_lines, summary_lines
from trailseal.view.history.validate import validation_lines
from trailseal.view.streams import Line, shown_line
from trailseal.view.terminal import Terminal


def _printing(lines: Callable[[Any], Iterable[Line]]) -> Callable[[Any, Terminal], object]:
    """Return what prints lines as `write_lines` does, into a terminal's file."""
    return lambda value, console: console.file.write("".join(f"{shown_line(x)}\n" for x in lines(value)))


VIEWS: dict[str, tuple[type, Callable[[Any, Terminal], object]]] = {
    "check": (CheckResult, check.print_check),
    "explain": (Explanation, explain.print_explanation),
    "explain a check": (ControlExplanation, explain.print_control),
    "plan": (Plan, plan.print_plan),
    "apply": (Applied, apply.print_applied),
    "undo": (Undone, undone.print_undone),
    "verify": (DeliveryProof, verify.print_delivered),
    "who": (WhoAnswer, who.print_who),
    "who --prove": (ProofAnswer, proof.print_proof),
    "policy show": (PolicyShown, policy.print_shown),
    "policy lint": (PolicyLinted, policy.print_linted),
    "policy diff": (PolicyCompared, policy.print_compared),
    "key show": (KeyShown, key.print_key),
    "cost": (Estimate, cost.write_estimate),
    "history census": (Census, history_census.write_census),
    "history census --quick": (Quick, write_quick),
}
LINES: dict[str, tuple[type, Callable[[Any], Iterable[Line]]]] = {
    "history reencrypt, before": (Outlook, lambda found: outlook_lines(found, Range(low=1, high=2), ())),
    "history reencrypt, after": (Summary, summary_lines),
    "history validate": (Validation, validation_lines),
    "check --brief": (CheckResult, check_brief),
    "plan --brief": (Plan, plan_brief),
    "apply --brief": (Applied, applied_brief),
    "undo --brief": (Undone, undone_brief),
    "runs --brief": (RunList, runs_brief),
    "verify --brief": (DeliveryProof, verify_brief),
    "who --brief": (WhoAnswer, who_brief),
    "who --prove --brief": (ProofAnswer, proof_brief),
    "policy show --brief": (PolicyShown, shown_brief),
    "policy lint --brief": (PolicyLinted, linted_brief),
    "policy diff --brief": (PolicyCompared, compared_brief),
    "key show --brief": (KeyShown, key_brief),
    "explain --brief": (Explanation, explained_brief),
    "explain a check --brief": (ControlExplanation, control_brief),
    "history census --brief": (Census, census_brief),
    "history census --quick --brief": (Quick, quick_brief),
}
VIEWS |= {name: (kind, _printing(lines)) for name, (kind, lines) in LINES.items()}
PICKS = {name: range(6) for name in VIEWS} | {"cost": (1, 4)}
"""An estimate without SSE-KMS is none."""


def printed(
    kind: type, write: Callable[[Any, Terminal], None], text: str, pick: int, width: int | None
) -> str:
    out = io.StringIO()
    write(filled(kind, text, pick), Terminal(file=out, width=width))
    return out.getvalue()
