"""What an apply came to, as text."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, counted, message
from trailseal.plan.step import Step, UpdateTrail
from trailseal.run.apply import Applied
from trailseal.run.arrivals import Arrival, WatchedArrival
from trailseal.run.flow import FileFlow
from trailseal.run.outcome import Outcome
from trailseal.view.rows import print_rows
from trailseal.view.steps import print_steps
from trailseal.view.terminal import Terminal
from trailseal.view.words import when

FLOWS = {FileFlow.ARRIVING: "green", FileFlow.NOT_KNOWN: "yellow", FileFlow.NOT_ARRIVING: "bold red"}
ARRIVALS = {
    Arrival.WAITING: (N_("nothing delivered yet"), "yellow"),
    Arrival.PROVEN: (N_("encrypted with the key"), "green"),
    Arrival.WRONG: (N_("not encrypted with the key"), "red"),
    Arrival.FAILING: (N_("delivery fails"), "red"),
    Arrival.UNREADABLE: (N_("could not be read"), "magenta"),
    Arrival.RESTORED: (N_("as before"), "green"),
    Arrival.TURNED: (N_("the trail was turned"), "red"),
    Arrival.DELETED: (N_("the trail was deleted"), "red"),
    Arrival.STOPPED: (N_("the trail does not log"), "red"),
}
ENDINGS = {
    Outcome.PROVEN: N_(
        "Proven: every Region that was delivering has delivered log files encrypted with the key."
    ),
    Outcome.APPLIED: N_("Applied."),
    Outcome.UNPROVEN: N_("Applied, not proven yet."),
    Outcome.WRONG: N_("Applied, but objects still arrive that are not encrypted with the key."),
    Outcome.ROLLED_BACK: N_("Rolled back: deliveries failed, and the trail has what it had before."),
    Outcome.NOT_ROLLED_BACK: N_("NOT rolled back: deliveries fail, and the trail could not be restored."),
    Outcome.CHANGED: N_("Applied, and somebody else has changed the trail since."),
    Outcome.NOTHING: N_("Nothing done: the plan has no steps, and needs none."),
    Outcome.BLOCKED: N_("Nothing done: what was asked for is refused, as the plan says."),
    Outcome.NOT_READ: N_("Nothing done: not everything that the plan needs could be read."),
}
SEALED = frozenset({Outcome.PROVEN, Outcome.APPLIED, Outcome.UNPROVEN})
"""Endings after which the trails have their keys; how long Security Hub takes `view.check` says too."""
NEXT = {
    Outcome.PROVEN: "trailseal check",
    Outcome.BLOCKED: "trailseal plan",
    Outcome.NOT_READ: "trailseal permissions plan",
}
"""What to look at where nothing is left to be done for the plan."""


def print_applied(applied: Applied, console: Terminal) -> None:
    """Write what was done, what was delivered since, and how it ended."""
    if applied.steps:
        _steps(applied, console)
    for name, arn in applied.keys.items():
        console.print(say(message("New key in {region}: {arn}", region=name.removeprefix("new:"), arn=arn)))
    if applied.seen:
        _arrivals(applied.seen, console)
    if applied.rolled_back:
        console.print(Text(translate(N_("Rolled back automatically, because deliveries failed:")), "red"))
        print_steps(applied.rolled_back, console)
    for left in applied.not_put_back:
        told = message("{trail} could not be rolled back: {what}", trail=left.trail_arn, what=say(left.why))
        console.print(Text(say(told), "red"))
    console.print()
    _last_lines(applied, console)


def _last_lines(applied: Applied, console: Terminal) -> None:
    """Write how it ended, whether log files arrive, and the command to type next."""
    console.prose(Text(translate(ENDINGS[applied.outcome]), "bold"))
    if applied.outcome in SEALED and any(_seals(each.step) for each in applied.steps):
        text = message(
            "Where Security Hub is on, it looks at CloudTrail.2 again within 12-24 h, and should then "
            "say PASSED."
        )
        console.prose(say(text))
    if applied.log_files and applied.outcome is not Outcome.PROVEN:
        console.prose(Text(say(applied.log_files.told), FLOWS[applied.log_files.flow]))
    if command := applied.next_command or NEXT.get(applied.outcome, ""):
        console.print(Text(say(message("Next: {command}", command=command)), "bold"))


def _seals(step: Step) -> bool:
    """Whether a step points a trail at a key, so that CloudTrail.2 passes."""
    return isinstance(step, UpdateTrail) and bool(step.after)


def _steps(applied: Applied, console: Terminal) -> None:
    done = sum(1 for step in applied.steps if not step.was_done)
    console.print(
        Text(
            say(
                counted(
                    "{count} step applied, {already} already in place.",
                    "{count} steps applied, {already} already in place.",
                    done,
                    already=len(applied.steps) - done,
                )
            )
        )
    )


def _arrivals(seen: tuple[WatchedArrival, ...], console: Terminal) -> None:
    titles = (N_("account"), N_("Region"), N_("next log file"), N_("encryption"), N_("delivered"))
    rows = [tuple(Text(translate(title), "bold") for title in titles)]
    for each in seen:
        word, style = ARRIVALS[each.arrival]
        newest = each.newest
        rows.append(
            (
                Text(each.place.account),
                Text(each.place.region),
                Text(translate(word) + (aside(each.error) if each.error else ""), style),
                Text(newest.encryption if newest else "-"),
                Text(when(newest.last_modified if newest else None)),
            )
        )
    print_rows(rows, console)
