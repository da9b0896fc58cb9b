"""What a code means: a rule of lint, or a refusal, warning or note of a plan."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from rich.text import Text

from trailseal.access.lint.catalogue import RULES as LINT_RULES
from trailseal.access.lint.finding import LintSeverity
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.plan.concern import concern
from trailseal.plan.concern_facts import RULES, Code, Details, Weight
from trailseal.view.concern_reasons import WHY
from trailseal.view.concerns import REMEDIES, TEXTS
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed

ASK = N_("Let the caller make the call that is named, and plan again.")
DEPENDS = N_("It depends on what was found: the plan says it beside the code.")
READ_ON = N_("Read what the plan says of it; it keeps nothing out of the plan.")
GENERAL = {Weight.UNKNOWN: ASK, Weight.REFUSED: DEPENDS}
"""What to do about a code that has no answer of its own."""


CANNOT_BE_PUT = N_(
    "KMS would refuse the policy of {key}: {statements} names {principals}, and no such user or role is "
    "there; or statements have one Sid, and that alone can be accepted"
)
WEIGHTS = {
    Weight.REFUSED.value: N_("blocked"),
    Weight.UNKNOWN.value: N_("not known"),
    Weight.WARNING.value: N_("warning"),
    Weight.NOTE.value: N_("note"),
    LintSeverity.ERROR.value: N_("error"),
}
"""What a weight of a plan or a severity of lint is called; two of them have one word."""
SENTENCES = TEXTS | {Code.KEY_POLICY_CANNOT_BE_PUT: CANNOT_BE_PUT}
"""The sentence of a code, or of all that it is told with."""


class CodeKind(StrEnum):
    """Which verb tells the code."""

    LINT = "lint"
    PLAN = "plan"


class CodeExplained(Struct, frozen=True, kw_only=True):
    """What one code means: the document of `explain CODE --format json`."""

    format: int = 1
    code: str
    kind: CodeKind
    weight: str
    can_be_accepted: bool = False
    means: Message
    why: Message
    remedy: Message
    example: str = ""


def explained(name: str) -> CodeExplained | None:
    """Return what a code means, in any case of its letters; None when there is none of that name."""
    if rule := LINT_RULES.get(name.upper()):
        return CodeExplained(
            code=name.upper(),
            kind=CodeKind.LINT,
            weight=rule.severity.value,
            means=message(rule.means),
            why=message(rule.why),
            remedy=message(rule.remedy),
            example=rule.example,
        )
    found = next((code for code in Code if code.value == name.lower()), None)
    return _of_plan(found) if found else None


def _of_plan(code: Code) -> CodeExplained:
    weight = RULES[code].weight
    remedy = REMEDIES.get(code) or GENERAL.get(weight, READ_ON)
    return CodeExplained(
        code=code.value,
        kind=CodeKind.PLAN,
        weight=weight.value,
        can_be_accepted=concern(code, "").can_be_taken_on,
        means=Message(SENTENCES[code], _names()),
        why=message(WHY[code]),
        remedy=Message(remedy, _names()),
    )


def _names() -> dict[str, str | int]:
    """Return each fact by its name in capitals, as a help text names what is to be given."""
    facts = (
        *Details.__struct_fields__,
        "what",
        "subject",
        "caller",
        "code",
        "when",
        "why",
        "home",
        "key_region",
        "trails",
    )
    return {name: name.upper().replace("_", "-") for name in facts}


def names() -> tuple[str, ...]:
    """Return all codes, those of lint first, in their order."""
    return (*LINT_RULES, *Code)


def every_code() -> tuple[CodeExplained, ...]:
    """Return what all codes mean, in their order."""
    return tuple(found for name in names() if (found := explained(name)))


def print_code(told: CodeExplained, console: Terminal) -> None:
    """Write one code: what it means, why it matters, what to do, an example."""
    console.print(Text(told.code, "bold"))
    kind = N_("rule of policy lint") if told.kind is CodeKind.LINT else N_("concern of a plan")
    console.print("  " + listed((translate(kind), translate(WEIGHTS[told.weight]))))
    parts = (
        (N_("What it means"), told.means),
        (N_("Why it matters"), told.why),
        (N_("What to do"), told.remedy),
    )
    for title, text in parts:
        console.print()
        console.print(Text(translate(title), "bold"))
        console.prose(f"  {say(text)}", indent=2)
    if told.can_be_accepted:
        risk = message("Who takes the risk plans on with --accept {code}.", code=told.code)
        console.prose(f"  {say(risk)}", indent=2)
    if told.example:
        console.print()
        console.print(Text(translate(N_("Example")), "bold"))
        console.prose(f"  {told.example}", indent=2)
    console.print()
    command = "trailseal policy lint KEY" if told.kind is CodeKind.LINT else "trailseal plan"
    console.print(Text(say(message("Next: {command}", command=command)), "bold"))
