"""A plan as text: what will be done, what to know first, and how it is taken back."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.plan.codec import write_plan
from trailseal.plan.concern import Concern, Weight
from trailseal.plan.plan import Plan
from trailseal.plan.reading import ReaderImpact, ReaderOutlook
from trailseal.plan.step import Leave
from trailseal.view.steps import print_step, print_steps, summary
from trailseal.view.streams import write_json, write_lines
from trailseal.view.terminal import Terminal
from trailseal.view.words import when

WEIGHTS = {
    Weight.REFUSED: (N_("refused"), "red"),
    Weight.UNKNOWN: (N_("not known"), "magenta"),
    Weight.WARNING: (N_("warning"), "yellow"),
    Weight.NOTE: (N_("note"), "cyan"),
}
OUTLOOKS = {
    ReaderOutlook.KEEPS: (N_("keeps reading"), "green"),
    ReaderOutlook.BREAKS: (N_("WILL BREAK"), "red"),
    ReaderOutlook.NEWLY_ABLE: (N_("newly able"), "yellow"),
    ReaderOutlook.SHUT_OUT: (N_("shut out, as asked"), "cyan"),
    ReaderOutlook.UNKNOWN: (N_("not known"), "magenta"),
}


def tell_plan(plan: Plan, output: str, *, out: str | None) -> None:
    """Print the plan, or as JSON the very document that `apply` takes, and say how to go on."""
    console = Terminal()
    if output == "json":
        write_json(write_plan(plan).decode())
        return
    print_plan(plan, console)
    if plan.can_apply:
        text = (
            message("To do it: trailseal apply {file}", file=out)
            if out
            else message("To do it, save the plan: trailseal plan --out FILE, then trailseal apply FILE")
        )
        write_lines([say(text)], err=True)


def show_before(plan: Plan) -> None:
    """Write the plan to stderr, before its steps are done."""
    print_plan(plan, Terminal(stderr=True))


def print_plan(plan: Plan, console: Terminal) -> None:
    """Write the whole plan; the last line is the summary."""
    head = message(
        "Plan {id} for account {account}, made {when}",
        id=plan.id,
        account=plan.account,
        when=when(plan.made_at),
    )
    console.print(Text(say(head), "bold"))
    if plan.can_apply:
        _title(N_("What will be done, in this order"), console)
        print_steps(plan.steps, console)
    _readers(plan.readers, console)
    _concerns(plan.concerns, console)
    if plan.can_apply:
        _way_back(plan, console)
    console.print()
    console.print(Text(last_line(plan), "bold"))


def last_line(plan: Plan) -> str:
    """Return the summary."""
    if plan.can_apply:
        return say(message("Plan: {summary}.", summary=summary(plan.steps)))
    if plan.refusals:
        return say(message("Nothing is planned: what was asked for is refused above."))
    if not plan.is_complete:
        return say(message("Nothing is planned, and not everything could be read."))
    return say(message("Nothing to do: what was asked for holds already."))


def _title(text: str, console: Terminal) -> None:
    console.print()
    console.print(Text(translate(text), "bold"))


def _readers(readers: tuple[ReaderImpact, ...], console: Terminal) -> None:
    if not readers:
        return
    _title(N_("Who reads the log files afterwards"), console)
    for reader in readers:
        word, style = OUTLOOKS[reader.outlook]
        line = Text("  ")
        line.append(f"{translate(word):<14}", style)
        line.append(f" {reader.principal}")
        if reader.known_as:
            line.append(f" ({translate(reader.known_as)})", "dim")
        console.print(line)
        if reader.added:
            added = say(message("the plan adds {sid}", sid=reader.added))
            console.print(f"                 {added}")
        for row in (*map(say, reader.reasons), *reader.statement.splitlines()):
            console.print(Text(f"                 {row}", "dim"))


def _concerns(concerns: tuple[Concern, ...], console: Terminal) -> None:
    if not concerns:
        return
    _title(N_("What to know first"), console)
    for weight in Weight:
        for concern in concerns:
            if concern.weight is weight:
                _concern(concern, console)


def _concern(concern: Concern, console: Terminal) -> None:
    word, style = WEIGHTS[concern.weight]
    line = Text("  ")
    line.append(f"{translate(word)} ", style)
    line.append(f"[{concern.code}] {say(concern.text)}")
    console.print(line)
    if concern.remedy:
        console.print(f"      {say(concern.remedy)}")
    if concern.can_be_taken_on:
        told = say(message("to take it on yourself: --accept {code}", code=concern.code))
        console.print(Text(f"      {told}", "dim"))


def _way_back(plan: Plan, console: Terminal) -> None:
    _title(N_("The way back (trailseal undo)"), console)
    for number, step in enumerate((s for s in plan.rollback if not isinstance(s, Leave)), 1):
        print_step(step, number, console)
    if any(isinstance(step, Leave) for step in plan.rollback):
        text = message("A key that this plan makes is never deleted or disabled: objects lie under it.")
        console.print(Text(f"     {say(text)}"))
    if plan.triggers:
        _title(N_("apply takes the trail back by itself when"), console)
        for trigger in plan.triggers:
            console.print(f"  - {say(trigger)}")
