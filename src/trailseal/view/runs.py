"""The runs in the journal as text."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, counted, message
from trailseal.run.outcome import UNDONE, Outcome
from trailseal.run.runs import RunList, RunShown
from trailseal.view.rows import Cell, print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import when

NO_RUN = message("There is no run yet: apply makes one.")
OUTCOMES = {
    "": (N_("not ended"), "yellow"),
    UNDONE: (N_("undone"), "dim"),
    Outcome.PROVEN: (N_("proven"), "green"),
    Outcome.APPLIED: (N_("applied"), "green"),
    Outcome.UNPROVEN: (N_("applied, not proven"), "yellow"),
    Outcome.WRONG: (N_("applied, objects are not encrypted with the key"), "red"),
    Outcome.ROLLED_BACK: (N_("rolled back"), "yellow"),
    Outcome.NOT_ROLLED_BACK: (N_("NOT rolled back"), "red"),
    Outcome.CHANGED: (N_("applied, changed by somebody else"), "red"),
}
"""How a run ended; a journal holds no other."""


def print_runs(found: RunList, console: Terminal) -> None:
    """Write a line for each run, newest first, and how to take one back."""
    if not found.runs:
        console.print(say(NO_RUN))
        return
    titles = (N_("run"), N_("begun"), N_("account"), N_("ended"), N_("trails"))
    head: list[Cell] = [Text(translate(title), "bold") for title in titles]
    print_rows([head, *map(_row, found.runs)], console)
    console.print()
    if any(run.to_undo for run in found.runs):
        console.print(Text(say(message("To undo one: trailseal undo RUN")), "bold"))
    else:
        console.print(Text(say(message("None of them is in effect: there is nothing to undo.")), "bold"))


def _row(run: RunShown) -> list[Cell]:
    last = [Text(arn) for arn in run.trails] or [Text("-")]
    if run.endpoint:
        last.append(Text(say(message("at {endpoint}", endpoint=run.endpoint)), "dim"))
    last.append(Text(to_undo(run), "dim"))
    style = OUTCOMES.get(run.outcome, ("", ""))[1]
    return [run.run, when(run.begun_at), run.account, Text(ended(run), style), last]


def ended(run: RunShown) -> str:
    """Return how a run ended, in words."""
    return translate(OUTCOMES.get(run.outcome, (run.outcome, ""))[0])


def to_undo(run: RunShown) -> str:
    """Return how many steps of a run an undo would put back."""
    if not run.to_undo:
        return translate(N_("nothing to undo"))
    return say(counted("{count} step to undo", "{count} steps to undo", run.to_undo))
