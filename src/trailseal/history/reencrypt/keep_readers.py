"""Readers who would lose the history: their plan, offered before the first object is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.rules.outlook import Outlook
from trailseal.messages import Message, counted, message
from trailseal.plan.codec import write_plan
from trailseal.plan.history_readers import plan_readers
from trailseal.plan.put_words import why_refused
from trailseal.run.events import Observer, Told

LOSE_ACCESS = "readers-lose-access"
"""What `--accept` takes on."""


class PlanFile(Struct, frozen=True, kw_only=True):
    """The file that the readers' plan is wanted in, None for none; how it is written, and who is told."""

    path: str | None
    trail_arn: str
    made_at: datetime
    save: Callable[[Path, bytes], None]
    observe: Observer


def clear_of_readers(outlook: Outlook, policy: str, file: PlanFile, *, accept: tuple[str, ...]) -> bool:
    """
    Return whether the work may begin; where a file was named, their plan lies in it afterwards.

    Raises:
        UsageProblem: readers would lose objects, and neither a plan was asked for nor their loss accepted;
            or the plan's file cannot be written.
        TrailsealError: the key policy cannot be read, or KMS would not take it with the statements.
    """
    offer(outlook, policy, file)
    if LOSE_ACCESS in accept or not (outlook.lost or outlook.readers_unknown):
        return True
    if outlook.readers_unknown:
        raise _unknown(outlook)
    if outlook.reader_statements and file.path:
        return False
    raise UsageProblem(
        counted(
            "readers would lose {count} object, since its encryption context will be another",
            "readers would lose {count} objects, since their encryption context will be another",
            outlook.lost,
        ),
        _way_out(outlook),
    )


def _way_out(outlook: Outlook) -> Message:
    if outlook.reader_statements:
        return message(
            "save the plan that keeps them with --reader-plan FILE and apply it, or accept the risk "
            "with --accept {code}",
            code=LOSE_ACCESS,
        )
    return message(
        "whoever manages the key policy must change {statements} first, or accept the risk "
        "with --accept {code}",
        statements=", ".join(outlook.denying),
        code=LOSE_ACCESS,
    )


def offer(outlook: Outlook, policy: str, file: PlanFile) -> None:
    """
    Write the readers' plan where one is wanted and needed.

    Raises:
        TrailsealError: the key policy cannot be read, or KMS would not take it with the statements.
    """
    if not file.path:
        return
    if outlook.readers_unknown:
        raise _unknown(outlook)
    if outlook.reader_statements:
        _save(outlook, policy, file, file.path)
    else:
        told = message("no reader needs a plan, so {file} was not written", file=file.path)
        file.observe(Told(what=told))


def _unknown(outlook: Outlook) -> TrailsealError:
    return TrailsealError(
        message(
            "the policy of {key} cannot be read, so it is not known whether readers lose objects",
            key=outlook.key_arn,
        ),
        message(
            "give the caller kms:GetKeyPolicy, or accept the risk with --accept {code}", code=LOSE_ACCESS
        ),
    )


def _save(outlook: Outlook, policy: str, file: PlanFile, path: str) -> None:
    plan = plan_readers(
        policy,
        outlook.reader_statements,
        key_arn=outlook.key_arn,
        trail_arn=file.trail_arn,
        made_at=file.made_at,
    )
    if plan.refusals:
        first, *others = map(why_refused, plan.refusals)
        for other in others:
            file.observe(Told(what=other))
        raise TrailsealError(
            first,
            message(
                "whoever manages the policy of {key} must change that first; then run this again",
                key=outlook.key_arn,
            ),
        )
    file.save(Path(path), write_plan(plan))
    told = message(
        "the plan for readers is in {file}: trailseal apply {file}, then run this command again", file=path
    )
    file.observe(Told(what=told))
