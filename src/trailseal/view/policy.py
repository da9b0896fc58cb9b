"""Policies told, linted and compared, as terminal text."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from trailseal.access.lint.console import ConsoleForm, Recognised
from trailseal.access.lint.difference import CLAUSES, Change, StatementChange
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.plain import PlainStatement
from trailseal.access.lint.written import WrittenStatement
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, counted, message
from trailseal.run.documents import STDIN
from trailseal.run.policy import PolicyCompared, PolicyLinted, PolicyShown
from trailseal.view.policy_changes import CHANGE_STYLE
from trailseal.view.rows import lines_of
from trailseal.view.terminal import Terminal, safe_text
from trailseal.view.words import listed

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
    count = len(shown.statements)
    console.print(Text(say(counted("{count} statement", "{count} statements", count)), "bold"))
    _lint_next(shown.source, console)


def _lint_next(source: str, console: Terminal) -> None:
    """Write what to type next, where the policy can be read again: not what came on stdin."""
    if source != STDIN:
        command = f"trailseal policy lint {shlex.quote(source)}"
        text = message("Next, what its author cannot have meant: {command}", command=command)
        console.print(Text(say(text), "bold"))


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
        names = listed(recognised.changed)
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
    if linted.findings:
        rule = linted.findings[0].rule
        console.print(Text(say(message("what {rule} means: trailseal explain {rule}", rule=rule)), "dim"))


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
        console.print(Text(f"{Change.CHANGED.value} Version {aside(word)}", CHANGE_STYLE[Change.CHANGED]))
        console.print(Text(f"    - {compared.version.before}", "red"))
        console.print(Text(f"    + {compared.version.after}", "green"))
    for change in compared.changes:
        if change.change is not Change.SAME:
            _change(change, console)
    console.print(Text(differences(compared), "bold"))
    if any(c.change is not Change.SAME for c in compared.changes):
        _lint_next(compared.after, console)


def differences(compared: PolicyCompared) -> str:
    """Return how many statements are the same, and how many differ in which way."""
    number = Counter(change.change for change in compared.changes)
    same = number.pop(Change.SAME, 0)
    parts = [counted("{count} statement is the same", "{count} statements are the same", same)]
    parts += [
        message("{count} {change}", count=count, change=translate(WORDS[change]))
        for change, count in number.items()
    ]
    return listed(map(say, parts))


def _change(change: StatementChange, console: Terminal) -> None:
    word = translate(WORDS[change.change])
    console.print(Text(f"{change.change.value} {change.name} {aside(word)}", CHANGE_STYLE[change.change]))
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
