"""Policies told, linted and compared, as terminal text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.access.lint.console import ConsoleForm, Recognised
from trailseal.access.lint.difference import CLAUSES, Change, StatementChange
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.plain import PlainStatement
from trailseal.access.lint.written import WrittenStatement
from trailseal.locale.language import say, translate
from trailseal.messages import N_, counted, message
from trailseal.run.policy import PolicyCompared, PolicyLinted, PolicyShown
from trailseal.view.rows import lines_of
from trailseal.view.steps import CHANGE_STYLE
from trailseal.view.terminal import Terminal, safe_text

STYLE = {LintSeverity.ERROR: "red", LintSeverity.WARNING: "yellow", LintSeverity.NOTE: "cyan"}
WORDS = {
    LintSeverity.ERROR: N_("error"),
    LintSeverity.WARNING: N_("warning"),
    LintSeverity.NOTE: N_("note"),
    Change.ADDED: N_("added"),
    Change.CHANGED: N_("changed"),
    Change.REMOVED: N_("removed"),
    Change.SAME: N_("the same"),
}
FIELDS = {
    "effect": N_("Effect"),
    "principals": N_("Principal"),
    "actions": N_("Action"),
    "resources": N_("Resource"),
    "clauses": N_("Condition"),
    "negated": N_("Not…"),
}


def print_shown(shown: PolicyShown, console: Terminal) -> None:
    """Write each statement: who, what, when."""
    _origin(shown.console, console)
    width = console.width
    console.print_lines(line for told in shown.statements for line in _statement(told, width))


def _origin(recognised: Recognised | None, console: Terminal) -> None:
    if recognised is None:
        return
    text = (
        message("The CloudTrail console made this key policy, in its present form.")
        if recognised.form is ConsoleForm.PRESENT
        else message("The CloudTrail console made this key policy, in its older form (no aws:SourceArn).")
    )
    console.prose(say(text))
    if recognised.changed:
        names = ", ".join(recognised.changed)
        console.print(Text(say(message("Changed since: {names}", names=names)), "yellow"))
    console.print()


def _statement(told: PlainStatement, width: int) -> Iterator[Text]:
    allows = told.effect == "Allow"
    head = safe_text(Text(told.name, "bold"))
    head.append("  " + translate(N_("allows") if allows else N_("denies")), "green" if allows else "red")
    yield head
    yield from lines_of(_rows(told), width)
    yield Text()


def _rows(told: PlainStatement) -> Iterator[tuple[Text, ...]]:
    for label, lines in (
        (N_("who"), told.who),
        (N_("what"), told.what),
        (N_("when"), told.when or (message("always"),)),
        (N_("so"), told.remarks),
    ):
        for number, line in enumerate(lines):
            yield Text(), Text(translate(label) if number == 0 else "", "dim"), Text(say(line))


def print_linted(linted: PolicyLinted, console: Terminal) -> None:
    """Write each finding with its remedy, worst first, and a summary."""
    _origin(linted.console, console)
    width = console.width
    console.print_lines(line for found in linted.findings for line in _finding(found, width))
    worst = [f for f in linted.findings if f.severity is not LintSeverity.NOTE]
    summary = counted("{count} finding to act on", "{count} findings to act on", len(worst))
    console.print(Text(say(summary), "bold"))


def _finding(finding: LintFinding, width: int) -> Iterator[Text]:
    word = Text(translate(WORDS[finding.severity]), STYLE[finding.severity])
    remedy = Text("→ " + say(finding.remedy), "dim")
    yield from lines_of(
        ((word, Text(finding.rule), Text(say(finding.text))), (Text(), Text(), remedy)), width
    )


def print_compared(compared: PolicyCompared, console: Terminal) -> None:
    """Write what differs, then how many statements stayed."""
    if compared.version:
        word = translate(WORDS[Change.CHANGED])
        console.print(Text(f"{Change.CHANGED.value} Version  ({word})", CHANGE_STYLE[Change.CHANGED]))
        console.print(Text(f"    - {compared.version.before}", "red"))
        console.print(Text(f"    + {compared.version.after}", "green"))
    for change in compared.changes:
        if change.change is not Change.SAME:
            _change(change, console)
    same = sum(c.change is Change.SAME for c in compared.changes)
    text = counted("{count} statement is the same", "{count} statements are the same", same)
    console.print(Text(say(text), "dim"))


def _change(change: StatementChange, console: Terminal) -> None:
    word = translate(WORDS[change.change])
    console.print(Text(f"{change.change.value} {change.name}  ({word})", CHANGE_STYLE[change.change]))
    for field in change.fields or CLAUSES:
        for symbol, statement in (("-", change.before), ("+", change.after)):
            lines = list(_field(statement, field)) if statement else []
            for line in lines:
                text = Text(
                    f"{symbol} {translate(FIELDS[field])}: {line}", "red" if symbol == "-" else "green"
                )
                console.print(Text("    ").append_text(text))


def _field(statement: WrittenStatement, name: str) -> Iterator[str]:
    match name:
        case "effect":
            yield statement.effect
        case "principals":
            yield from (f"{kind} {value}" for kind, value in statement.principals)
        case "clauses":
            yield from (f"{c.operator} {c.key} {', '.join(c.values)}" for c in statement.clauses)
        case "negated":
            yield from (f"Not{clause}" for clause in sorted(statement.negated))
        case _:
            yield from getattr(statement, name)
