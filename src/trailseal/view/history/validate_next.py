"""What to type after a validation, for the worst that it found."""

from __future__ import annotations

from trailseal.controls.typed import typed
from trailseal.errors import ExitCode
from trailseal.history.rules.hours import HourState, Why
from trailseal.history.rules.validation import Validation
from trailseal.messages import Message, message
from trailseal.view.history.placed import CENSUS, SETTLED, VALIDATE, CallerOptions, called, placed
from trailseal.view.words import listed, when


def next_step(validation: Validation, caller: CallerOptions = SETTLED, *, every: bool = False) -> Message:
    """Return what to type next, as the same caller; a second look is at the same, and names as much."""
    again = _again(validation, caller, every=every)
    if validation.lacking:
        return message(
            "Next, let the caller read the rest ({calls}): {command}",
            calls=listed(validation.lacking),
            command="trailseal permissions history validate",
        )
    if validation.not_asked or any(span.why is Why.UNREADABLE for span in validation.spans):
        return message("To know the rest, look again: {command}", command=again)
    if validation.hours.not_proven or any(each.verdict.is_invalid for each in validation.problems):
        command = typed(again, format="json") + " > FILE"
        return message("Next, keep every file and hour as a document: {command}", command=command)
    return _next_where_none_is_bad(validation, caller, again)


def _next_where_none_is_bad(validation: Validation, caller: CallerOptions, again: str) -> Message:
    hours, trail = validation.hours, validation.trail
    is_clean = validation.exit_code is ExitCode.CLEAN
    not_due = any(span.state is HourState.NOT_DUE for span in validation.spans)
    if is_clean and not_due and not hours.proven:
        return message("To see them proven, look again later: {command}", command=again)
    if not trail.told:
        return message("Next, see what is in the bucket: {command}", command=placed(CENSUS, trail, caller))
    if not is_clean:
        command = called("trailseal check", caller, trail=trail.arn)
        return message("Next, see whether the trail logs and validates now: {command}", command=command)
    command = called("trailseal who", caller, trail=trail.arn)
    return message("Next, see who can read the log files: {command}", command=command)


def _again(validation: Validation, caller: CallerOptions, *, every: bool) -> str:
    """Return the command that looks at the same time again."""
    return placed(
        VALIDATE,
        validation.trail,
        caller,
        start_time=when(validation.start),
        end_time=when(validation.end),
        account=validation.accounts,
        only_region=validation.regions,
        all=every,
    )
