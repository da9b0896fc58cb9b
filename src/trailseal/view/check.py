"""A check as text: the trails, what stands against them, the score; last of all, what to do first."""

from __future__ import annotations

from rich.text import Text

from trailseal.access.readers.event_copy import TrailCopies
from trailseal.controls.finding import Verdict
from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.model.passed_over import sentences
from trailseal.model.region_off import sentences as regions_off
from trailseal.model.trail import Trail
from trailseal.run.check import CheckResult, CheckRow, TrailRow
from trailseal.view.by_trail import by_trail
from trailseal.view.check_findings import INDENT, VERDICTS, fix, print_findings
from trailseal.view.check_last import print_last
from trailseal.view.check_score import scores_told
from trailseal.view.check_trail import trail_facts
from trailseal.view.no_copies import print_no_copies
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.trail_names import trail_names
from trailseal.view.words import listed, when


def print_check(result: CheckResult, console: Terminal, *, detail: bool = False) -> None:
    """Write the whole result; with `detail` nothing is folded."""
    head = message("Account {account}, seen at {when}", account=result.account, when=when(result.taken_at))
    console.print(Text(say(head), "bold"))
    _security_hub(result, console)
    if not result.trails and not result.unreadable:
        console.print(say(message("There is no trail.")))
    _what_is_lost(result, console)
    _trails(result, console, detail=detail)
    scores_told(result.scores, console, without=result.without_security_hub)
    _unread(result, console)
    _passed_over(result, console)
    if any(isinstance(row.trail, Trail) and row.copies is None for row in result.trails):
        print_no_copies(console)
    print_last(result, console)


def _security_hub(result: CheckResult, console: Terminal) -> None:
    """Write once of when Security Hub's findings are."""
    times = {when(row.security_hub.updated) for row in result.findings if row.security_hub}
    if times:
        first, last = min(times), max(times)
        told = message("Security Hub's findings are of {when}", when=last)
        if first != last:
            told = message("Security Hub's findings are of {first} to {last}", first=first, last=last)
        console.print(Text(say(told), "dim"))


def _what_is_lost(result: CheckResult, console: Terminal) -> None:
    """Write before everything else what cannot be had again once it is gone."""
    for row in result.findings:
        if row.finding.loses_history:
            told = row.finding
            text = message("LOST FOR GOOD unless somebody acts: {what}", what=say(told.text))
            console.print()
            console.prose(Text(say(text), "bold red"))
            if told.remedy:
                console.prose(Text(" " * INDENT).append_text(fix(told.remedy, detail=True)))


def _trails(result: CheckResult, console: Terminal, *, detail: bool) -> None:
    """Write each trail with what concerns it; what concerns several stands in full with the first of them."""
    facts = {row.trail.arn: row for row in result.trails}
    names = trail_names(facts)
    first: dict[CheckRow, str] = {}
    for arn, rows in by_trail(result):
        console.print()
        _head(facts.get(arn), console)
        print_findings([row for row in rows if row not in first], console, detail=detail)
        for row in rows:
            if row in first:
                _told_above(row, names[first[row]], console)
            first.setdefault(row, arn)
        _changed_elsewhere(facts.get(arn), console)
        if (trail := facts.get(arn)) and trail.copies is not None:
            _copies(trail.copies, console)


def _copies(copies: TrailCopies, console: Terminal) -> None:
    """Write a trail's copies; what shows them is loaded only where they were asked for."""
    from trailseal.view.copies import print_copies

    print_copies(copies, console, indent=INDENT)


def _told_above(row: CheckRow, trail: str, console: Terminal) -> None:
    if row.finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN}:
        word, style = VERDICTS[row.finding.verdict]
        facts = {"verdict": translate(word), "check": row.finding.check, "trail": trail}
        text = message("{verdict}  {check}: as for {trail}", **facts)
        console.print(Text(" " * INDENT + say(text), style))


def _head(row: TrailRow | None, console: Terminal) -> None:
    """Write a trail's name and settings, or the title of what concerns none."""
    if row is None:
        console.print(Text(translate(N_("The account")), "bold"))
        return
    line = Text(row.trail.name, "bold")
    line.append(f"  {row.trail.arn}", "dim")
    console.print(line)
    facts = ((Text(translate(name), "dim"), value) for name, value in trail_facts(row))
    print_rows(facts, console, indent=INDENT)
    console.print()


def _changed_elsewhere(row: TrailRow | None, console: Terminal) -> None:
    if row and row.fix_in:
        text = message(
            "This trail belongs to account {owner}: change it there or in its delegated administrator",
            owner=row.fix_in,
        )
        console.prose(Text(" " * INDENT + say(text), "yellow"))


def _passed_over(result: CheckResult, console: Terminal) -> None:
    if result.passed_over:
        console.print()
    for sentence in sentences(result.passed_over):
        console.prose(Text(say(sentence)))


def _unread(result: CheckResult, console: Terminal) -> None:
    off = regions_off(result.unread)
    if not result.unreadable and not result.missing_actions and not off:
        return
    console.print()
    console.print(Text(translate(N_("Not everything could be read")), "bold magenta"))
    for reason in result.unreadable:
        text = message("{call}: {code} {where}", call=reason.call, code=reason.code, where=reason.where)
        console.print(" " * INDENT + say(text).rstrip())
    for sentence in off:
        console.prose(" " * INDENT + say(sentence), indent=INDENT)
    for bucket in result.of_nobody_known:
        text = message(
            "bucket {bucket} is not known to be this account's: in another account its own policy decides "
            "what may be asked from here, and --also-profile asks as that account",
            bucket=bucket,
        )
        console.prose(" " * INDENT + say(text), indent=INDENT)
    if not result.missing_actions:
        return
    needed = message(
        "the caller needs {actions}; trailseal permissions check prints the whole policy",
        actions=listed(result.missing_actions),
    )
    console.prose(" " * INDENT + say(needed))
