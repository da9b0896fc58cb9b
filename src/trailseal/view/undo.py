"""What an undo is about to do, on stderr before it asks."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.plan.step import Step, UpdateTrail
from trailseal.run.policies_now import NotTakenBack
from trailseal.run.undo import ToUndo
from trailseal.view.steps import print_steps
from trailseal.view.terminal import Terminal
from trailseal.view.undone import print_not_taken_back
from trailseal.view.words import when


def show_before_undo(chosen: ToUndo, steps: tuple[Step, ...], refused: tuple[NotTakenBack, ...] = ()) -> None:
    """
    Write which run is taken back, its time and its trails, then the steps of that.

    Where it means less protection, that is said plainly.
    """
    console = Terminal(stderr=True)
    console.print(Text(say(_head(chosen)), "bold"))
    for trail in chosen.plan.trails:
        console.print(f"     {trail}")
    print_not_taken_back(refused, console)
    if not steps and refused:
        return
    if not steps:
        text = (
            message("Run {run} is already undone.", run=chosen.plan.id)
            if chosen.plan.way_back
            else message("Run {run} has nothing to undo.", run=chosen.plan.id)
        )
        console.prose(say(text))
        return
    print_steps(steps, console)
    for step in steps:
        if isinstance(step, UpdateTrail) and not step.after:
            text = message(
                "This is a downgrade: {trail} goes back to SSE-S3, and CloudTrail.2 will fail again.",
                trail=Arn.parse(step.trail_arn).resource_name,
            )
            console.prose(Text(say(text), "yellow"))


def _head(chosen: ToUndo) -> Message:
    plan = chosen.plan
    if chosen.changed_at:
        return message("Undo of run {run}, applied {when}", run=plan.id, when=when(chosen.changed_at))
    return message("Undo of run {run}, of the plan made {when}", run=plan.id, when=when(plan.made_at))
