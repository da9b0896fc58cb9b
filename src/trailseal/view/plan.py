"""A plan as text: what will be done, what to know first, and how it is taken back."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.plan.codec import write_plan
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Weight
from trailseal.plan.difference import readers_let_in
from trailseal.plan.plan import Plan, Trigger
from trailseal.plan.step import CreateKey, Leave, PutKeyPolicy, ReplicateKey
from trailseal.view.concerns import remedy, told
from trailseal.view.reader_changes import OUTLOOKS, key_for, reasons_for, statement_for
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
TRIGGERS = {
    Trigger.DELIVERIES_FAIL: N_(
        "CloudTrail reports a delivery error after the switch, twice in a row, and nothing has been "
        "delivered since: the trail is put back to what it had"
    ),
    Trigger.KEY_UNUSABLE: N_(
        "the key cannot be used any more while deliveries are awaited: the trail is put back to what it had"
    ),
}
AFTERWARDS = N_("Who reads the log files afterwards")
BY_THE_PLAN = N_("Who reads the log files afterwards, by the plan")
"""Whoever applies a plan may not have made it: its steps are what is done, its readers are what it says."""


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
    print_plan(plan, Terminal(stderr=True), readers=BY_THE_PLAN)


def print_plan(plan: Plan, console: Terminal, *, readers: str = AFTERWARDS) -> None:
    """Write the whole plan, its readers under the title `readers`; the last line is the summary."""
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
    _readers(plan, readers, console)
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
    if plan.looked_at:
        return say(message("Nothing to do: what was asked for holds already."))
    if not plan.left_alone:
        return say(message("Nothing to do: account {account} has no trail.", account=plan.account))
    names = ", ".join(arn.rpartition("/")[2] for arn in plan.left_alone)
    return say(
        message(
            "Nothing to do: {trails} has a key that serves already. Name the trail with --trail, or a key "
            "with --key, to change that.",
            trails=names,
        )
    )


def _title(text: str, console: Terminal) -> None:
    console.print()
    console.print(Text(translate(text), "bold"))


def _readers(plan: Plan, title: str, console: Terminal) -> None:
    if not plan.readers:
        return
    _title(title, console)
    added = _let_in(plan)
    for reader in plan.readers:
        word, style = OUTLOOKS[reader.outlook]
        line = Text("  ")
        line.append(f"{translate(word):<14}", style)
        line.append(f" {reader.principal}")
        if reader.known_as:
            line.append(f" ({translate(reader.known_as)})", "dim")
        console.print(line)
        if reader.principal in added:
            sid = say(message("the plan adds {sid}", sid=added[reader.principal]))
            console.print(f"                 {sid}")
        for row in (*reasons_for(reader), *statement_for(reader, key_for(reader, plan)).splitlines()):
            console.print(Text(f"                 {row}", "dim"))


def _let_in(plan: Plan) -> dict[str, str]:
    """Return by principal the statement that the steps add for it, as it is sent."""
    found: dict[str, str] = {}
    for step in plan.steps:
        match step:
            case CreateKey(policy=policy) | ReplicateKey(policy=policy):
                found |= readers_let_in("", policy)
            case PutKeyPolicy(before=before, after=after):
                found |= readers_let_in(before, after)
            case _:
                continue
    return found


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
    line.append(f"[{concern.code}] {told(concern)}")
    console.print(line)
    if mending := remedy(concern):
        console.print(f"      {mending}")
    if concern.can_be_taken_on:
        taken = say(message("to take it on yourself: --accept {code}", code=concern.code))
        console.print(Text(f"      {taken}", "dim"))


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
            console.print(f"  - {translate(TRIGGERS[trigger])}")
