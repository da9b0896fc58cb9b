"""What an apply or an undo came to, as text."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.plan.step import call_of
from trailseal.run.apply import Applied
from trailseal.run.arrivals import Arrival, WatchedArrival
from trailseal.run.flow import FileFlow
from trailseal.run.outcome import Outcome
from trailseal.run.undo import OnlyUnder, Undone
from trailseal.view.rows import print_rows
from trailseal.view.steps import print_step, print_steps, what
from trailseal.view.terminal import Terminal
from trailseal.view.words import KINDS, figure, when

FLOWS = {FileFlow.ARRIVING: "green", FileFlow.NOT_KNOWN: "yellow", FileFlow.NOT_ARRIVING: "bold red"}
ARRIVALS = {
    Arrival.WAITING: (N_("nothing delivered yet"), "yellow"),
    Arrival.PROVEN: (N_("under the key"), "green"),
    Arrival.WRONG: (N_("not under the key"), "red"),
    Arrival.FAILING: (N_("delivery fails"), "red"),
    Arrival.UNREADABLE: (N_("could not be read"), "magenta"),
    Arrival.RESTORED: (N_("as before"), "green"),
    Arrival.TURNED: (N_("the trail was turned"), "red"),
    Arrival.DELETED: (N_("the trail was deleted"), "red"),
    Arrival.STOPPED: (N_("the trail does not log"), "red"),
}


ENDINGS = {
    Outcome.PROVEN: N_("Proven: every Region that was delivering has delivered under the key."),
    Outcome.APPLIED: N_("Applied. Run trailseal verify --wait to see it on the delivered objects."),
    Outcome.UNPROVEN: N_("Applied, not proven yet."),
    Outcome.WRONG: N_("Applied, but objects still arrive that are not under the key."),
    Outcome.ROLLED_BACK: N_("Rolled back: deliveries failed, and the trail has what it had before."),
    Outcome.NOT_ROLLED_BACK: N_("NOT rolled back: deliveries fail, and the trail could not be put back."),
    Outcome.CHANGED: N_("Applied, and somebody else has changed the trail since."),
}


def print_applied(applied: Applied, console: Terminal) -> None:
    """Write what was done, what was delivered since, and how it ended."""
    done = sum(1 for step in applied.steps if not step.was_done)
    console.print(
        Text(
            say(
                counted(
                    "{count} step done, {already} already stood.",
                    "{count} steps done, {already} already stood.",
                    done,
                    already=len(applied.steps) - done,
                )
            )
        )
    )
    for name, arn in applied.keys.items():
        console.print(f"  {name.removeprefix('new:')}: {arn}")
    if applied.seen:
        _arrivals(applied.seen, console)
    if applied.rolled_back:
        console.print(Text(translate(N_("Put back by itself, because deliveries failed:")), "red"))
        print_steps(applied.rolled_back, console)
    for left in applied.not_put_back:
        told = message("{trail} could not be put back: {what}", trail=left.trail_arn, what=say(left.why))
        console.print(Text(say(told), "red"))
    console.print()
    console.print(Text(translate(ENDINGS[applied.outcome]), "bold"))
    if applied.log_files and applied.outcome is not Outcome.PROVEN:
        console.print(Text(say(applied.log_files.told), FLOWS[applied.log_files.flow]))
    if applied.next_command and applied.outcome is not Outcome.APPLIED:
        console.print(Text(say(message("Next: {command}", command=applied.next_command)), "bold"))


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
                Text(translate(word) + (f" ({each.error})" if each.error else ""), style),
                Text(newest.encryption if newest else "-"),
                Text(when(newest.last_modified if newest else None)),
            )
        )
    print_rows(rows, console)


def print_undone(undone: Undone, console: Terminal) -> None:
    """Write what was taken back, what stands, and which objects need the key."""
    for number, step in enumerate(undone.steps, 1):
        print_step(step, number, console)
    if undone.left:
        console.print(translate(N_("Left standing, because a key is never deleted or disabled:")))
    for step in undone.left:
        console.print(f"     = {call_of(step)} {say(what(step))}")
    for under in undone.only_under:
        console.print(Text(say(_only_under(under)), "yellow" if under.count else ""))
    console.print()
    text = counted(
        "Undone: {count} step taken back. No key was deleted or disabled.",
        "Undone: {count} steps taken back. No key was deleted or disabled.",
        len(undone.steps),
    )
    console.print(Text(say(text), "bold"))


def _only_under(under: OnlyUnder) -> Message:
    place = f"{under.bucket}/{under.root} {under.region}".rstrip()
    if under.unreadable:
        return message(
            "What {key} alone opens in {place} could not be looked at: {why}",
            key=under.key,
            place=place,
            why=under.unreadable,
        )
    kind = translate(KINDS[under.kind])
    if under.count == 1:
        return message("Opens with {key} alone: 1 {kind} in {place}", key=under.key, kind=kind, place=place)
    return message(
        "Open with {key} alone: {many} × {kind} in {place}, {oldest} … {newest}",
        key=under.key,
        kind=kind,
        many=figure(under.count),
        place=place,
        oldest=under.oldest.rpartition("/")[2],
        newest=under.newest.rpartition("/")[2],
    )
