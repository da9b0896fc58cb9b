"""What an undo is about to do, on stderr before it asks."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.model.arn import Arn
from trailseal.plan.plan import Plan
from trailseal.plan.step import Step, UpdateTrail
from trailseal.view.steps import print_steps
from trailseal.view.terminal import Terminal


def show_before_undo(plan: Plan, steps: tuple[Step, ...]) -> None:
    """Write the steps that will be taken back, and say plainly when that means less protection."""
    console = Terminal(stderr=True)
    if not steps:
        console.print(say(message("Run {run} is taken back already.", run=plan.id)))
        return
    console.print(Text(say(message("Undo of run {run}", run=plan.id)), "bold"))
    print_steps(steps, console)
    for step in steps:
        if isinstance(step, UpdateTrail) and not step.after:
            text = message(
                "This is a downgrade: {trail} goes back to SSE-S3, and CloudTrail.2 will fail again.",
                trail=Arn.parse(step.trail_arn).resource_name,
            )
            console.print(Text(say(text), "yellow"))
