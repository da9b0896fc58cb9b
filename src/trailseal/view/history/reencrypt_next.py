"""What to type after a re-encryption, or after its dry run."""

from __future__ import annotations

from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Summary
from trailseal.messages import Message, message
from trailseal.view.words import listed


def after_outlook(outlook: Outlook, *, run: str, keep: str, validate: str, accepted: bool) -> Message:
    """
    Return what to type after a dry run.

    `run` is the command that begins, `keep` the one that saves the plan for readers, or applies a saved one,
    `validate` the one that looks at the trail's history; `accepted` is whether it is taken on that readers
    lose objects.
    """
    if not outlook.work:
        return message("Next, see whether anything is missing: {command}", command=validate)
    if accepted or not outlook.lost:
        return message("Next, re-encrypt them: {command}", command=run)
    if outlook.reader_statements:
        return message("Next, keep the readers: {command}", command=keep)
    return message(
        "Next, change {statements} of the key policy, then: {command}",
        statements=listed(outlook.denying),
        command=f"{run} --dry-run",
    )


def after_run(summary: Summary, *, run: str, census: str, validate: str) -> Message:
    """Return what to type after a run: `run` goes on, `census` counts, `validate` looks for gaps."""
    if summary.counts.get(State.FAILED, 0):
        return message("Next, try again what failed: {command}", command=f"{run} --retry-failed")
    if summary.counts.get(State.STARTED, 0):
        return message("Next, go on: {command}", command=run)
    if not summary.counts.get(State.DIFFERS, 0) and any(
        summary.counts.get(state, 0) for state in (State.CHANGED, State.GONE)
    ):
        return message("Next, count what is left: {command}", command=census)
    return message("Next, see whether anything is missing: {command}", command=validate)
