"""Readers who would lose the history: their plan, offered before the first object is touched."""

from __future__ import annotations

from pathlib import Path

import click

from trailseal.aws.clock import SystemClock
from trailseal.cli.documents import write_document
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.rules.outlook import Outlook
from trailseal.locale.language import say
from trailseal.messages import counted, message
from trailseal.plan.codec import write_plan
from trailseal.plan.history_readers import plan_readers

LOSE_ACCESS = "readers-lose-access"
"""What `--accept` takes on."""


def clear_of_readers(
    outlook: Outlook, policy: str, *, trail_arn: str, out: str | None, accept: tuple[str, ...]
) -> bool:
    """
    Return whether the work may begin; where a file was named, their plan lies in it afterwards.

    Raises:
        UsageProblem: readers would lose objects, and neither a plan was asked for nor their loss accepted;
            or the plan's file cannot be written.
        TrailsealError: the key policy cannot be read, or the statements do not fit into it.
    """
    offer(outlook, policy, trail_arn=trail_arn, out=out)
    if LOSE_ACCESS in accept or not (outlook.reader_statements or outlook.readers_unknown):
        return True
    if outlook.readers_unknown:
        raise _unknown(outlook)
    if out:
        return False
    raise UsageProblem(
        counted(
            "readers would lose {count} object, since it will not have the trail's encryption context",
            "readers would lose {count} objects, since they will not have the trail's encryption context",
            outlook.without_context,
        ),
        message(
            "save the plan that keeps them with --reader-plan FILE and apply it, or take it on with"
            " --accept {code}",
            code=LOSE_ACCESS,
        ),
    )


def offer(outlook: Outlook, policy: str, *, trail_arn: str, out: str | None) -> None:
    """
    Write the readers' plan where one is wanted and needed.

    Raises:
        TrailsealError: the key policy cannot be read, or the statements do not fit into it.
    """
    if not out:
        return
    if outlook.readers_unknown:
        raise _unknown(outlook)
    if outlook.reader_statements:
        _save(outlook, policy, trail_arn=trail_arn, out=out)
    else:
        told = message("no reader needs a plan, so {file} was not written", file=out)
        click.echo(say(told), err=True)


def _unknown(outlook: Outlook) -> TrailsealError:
    return TrailsealError(
        message(
            "the policy of {key} cannot be read, so it is not known whether readers lose objects",
            key=outlook.key_arn,
        ),
        message("allow kms:GetKeyPolicy, or take it on with --accept {code}", code=LOSE_ACCESS),
    )


def _save(outlook: Outlook, policy: str, *, trail_arn: str, out: str) -> None:
    plan = plan_readers(
        policy,
        outlook.reader_statements,
        key_arn=outlook.key_arn,
        trail_arn=trail_arn,
        made_at=SystemClock().now(),
    )
    for refused in plan.refusals:
        raise TrailsealError(refused.text, refused.remedy)
    write_document(Path(out), write_plan(plan))
    told = message(
        "the plan for readers is in {file}: trailseal apply {file}, then run this command again", file=out
    )
    click.echo(say(told), err=True)
