"""`trailseal permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trailseal.cli.command import command, language_option, option
from trailseal.cli.parameters import (
    ALIAS,
    BUCKET,
    EXTERNAL_ID,
    KEY_ARN_OR_NEW,
    PARTITION,
    PRINCIPAL,
    ROLE,
    S3_PLACE,
    TRAIL_ARN,
    Word,
)
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import N_, message

if TYPE_CHECKING:
    from trailseal.run.permissions.narrowing import Narrowing


@command()
@click.argument("verb", default="", metavar="[COMMAND]")
@click.argument("part", default="", metavar="[PART]")
@option(
    "--trail",
    "trails",
    type=TRAIL_ARN,
    multiple=True,
    metavar="ARN",
    help=N_("Only this trail; repeatable."),
)
@option(
    "--key",
    "keys",
    type=KEY_ARN_OR_NEW,
    multiple=True,
    metavar="create|ARN",
    help=N_("Only this key, or `create`: those that a plan makes; repeatable.  [default: create]"),
)
@option(
    "--alias",
    "aliases",
    type=ALIAS,
    multiple=True,
    metavar="alias/NAME",
    help=N_("Only this alias of a key; repeatable."),
)
@option(
    "--bucket",
    "buckets",
    type=BUCKET,
    multiple=True,
    metavar="BUCKET",
    help=N_("Only this bucket, of log files, access logs or inventories; repeatable."),
)
@option("--multi-region", is_flag=True, help=N_("Keys may be made for several Regions."))
@option("--copies", is_flag=True, help=N_("What `check --copies` needs too."))
@option(
    "--place",
    type=S3_PLACE,
    default="",
    metavar="s3://BUCKET/PREFIX",
    help=N_("Where `history reencrypt` may keep a ledger, or a Batch job's manifest and report."),
)
@option(
    "--role",
    "job_role",
    type=ROLE,
    default="",
    metavar="ARN",
    help=N_("The role of S3 Batch Operations jobs."),
)
@option(
    "--member-role",
    "member_roles",
    type=ROLE,
    multiple=True,
    metavar="ARN",
    help=N_("A role that the profile of --also-profile assumes; repeatable."),
)
@option(
    "--trusted-by",
    type=PRINCIPAL,
    default="",
    metavar="ARN",
    help=N_("Print the role for --also-profile that this principal may assume, for a further account."),
)
@option(
    "--external-id",
    type=EXTERNAL_ID,
    default="",
    metavar="TEXT",
    help=N_("With --trusted-by: what has to be named to assume it."),
)
@option(
    "--partition",
    type=PARTITION,
    default="aws",
    show_default=True,
    metavar="PARTITION",
    help=N_("The partition, where no ARN is given that names it."),
)
@option(
    "--format",
    "notation",
    type=Word(["json", "cloudformation", "terraform"]),
    default="json",
    show_default=True,
    help=N_("The policy itself, or a template that makes it."),
)
@language_option
def permissions(
    verb: str, part: str, *, trusted_by: str, external_id: str, notation: str, **named: object
) -> ExitCode:
    """
    Print the IAM permissions that each command needs.

    With COMMAND, that command's, else those of all commands together: an IAM policy, as narrow as AWS lets it
    be written. What is named narrows it further.
    """
    from trailseal.run.permissions.narrowing import narrowed

    verb, by = f"{verb} {part}".strip(), narrowed(**named)
    if trusted_by:
        click.echo(_role(verb, trusted_by, external_id, by, notation))
        return ExitCode.CLEAN
    if external_id:
        raise UsageProblem(message("--external-id belongs to --trusted-by"))
    click.echo(verb_policy(verb, by, notation))
    return ExitCode.CLEAN


def verb_policy(verb: str, by: Narrowing | None = None, notation: str = "json") -> str:
    """Return a verb's policy as text."""
    from trailseal.run.permissions.document import policy
    from trailseal.run.permissions.narrowing import Narrowing
    from trailseal.run.permissions.text import Notation, policy_text

    return policy_text(policy(verb, by or Narrowing()), verb, Notation(notation))


def _role(verb: str, trusted_by: str, external_id: str, by: Narrowing, notation: str) -> str:
    from trailseal.run.permissions.document import needs_of
    from trailseal.run.permissions.member import member_role
    from trailseal.run.permissions.needs import OTHERS
    from trailseal.run.permissions.text import Notation, role_text

    if verb and not set(OTHERS) & set(needs_of(verb)):
        raise UsageProblem(message("`{verb}` has no option --also-profile", verb=verb))
    return role_text(member_role(verb, trusted_by, external_id, by), Notation(notation))
