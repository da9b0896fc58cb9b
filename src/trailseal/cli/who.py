"""`trailseal who`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.errors import UsageProblem
from trailseal.messages import N_, message

if TYPE_CHECKING:
    from trailseal.model.snapshot import Snapshot
    from trailseal.run.who_question import ObjectReader

FILE = click.Path(dir_okay=False, path_type=Path)


@command()
@option("--trail", metavar="NAME|ARN", help=N_("One trail; else every one."))
@option("--object", "key", metavar="KEY", help=N_("One object of the bucket; else the next log file."))
@option("--principal", metavar="ARN", help=N_("One principal; else everybody."))
@option("--plan", type=FILE, help=N_("Who can read once this plan is applied."))
@option("--snapshot", type=FILE, help=N_("Decide on a saved snapshot, with no AWS access."))
@option("--as-of-policy", "policy", type=FILE, help=N_("Suppose that the key had this policy."))
@option("--prove", is_flag=True, help=N_("Prove that nobody outside --only can read. Exits 0, 3 or 4."))
@option("--only", multiple=True, metavar="ARN", help=N_("With --prove: one who may read; can be repeated."))
@option("--open-world", is_flag=True, help=N_("With --prove: for principals that do not exist yet, too."))
@aws_options
@format_option
@common_options
def who(  # noqa: PLR0913 - one parameter for each option
    *, trail: str | None, key: str | None, principal: str | None, plan: Path | None, snapshot: Path | None,
    policy: Path | None, prove: bool, only: tuple[str, ...], open_world: bool, profile: str | None,
    region: str | None, output: str,
) -> int:  # fmt: skip
    """
    Say who can read the log files, and why.

    Reading takes two things: s3:GetObject on the bucket, and kms:Decrypt with the encryption context that
    the object carries. Both are decided for each principal, with the statements that decide them.
    """
    from trailseal.cli.documents import plan_in, text_in
    from trailseal.run.who_question import Question, proof, readers
    from trailseal.view.answer import answer
    from trailseal.view.proof import print_proof
    from trailseal.view.who import print_who

    if not prove and (only or open_world):
        raise UsageProblem(message("--only and --open-world belong to --prove"))
    asked = Question(
        trail=trail,
        key=key,
        principal=principal,
        plan=plan_in(plan) if plan else None,
        policy=text_in(policy) if policy else None,
        only=only,
        open_world=open_world,
    )
    seen, objects = _look(snapshot, trail, profile, region)
    if prove:
        proven = proof(seen, asked)
        answer(proven, output, print_proof)
        return proven.exit_code
    told = readers(seen, asked, objects)
    answer(told, output, print_who)
    return told.exit_code


def _look(
    saved: Path | None, trail: str | None, profile: str | None, region: str | None
) -> tuple[Snapshot, ObjectReader]:
    """Return the snapshot with its principals, and what looks at objects."""
    if saved:
        from trailseal.cli.documents import snapshot_in
        from trailseal.run.who_question import SavedObjects

        snapshot = snapshot_in(saved)
        return snapshot, SavedObjects(snapshot)
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.session import AwsSession
    from trailseal.aws.stored_object import AwsObjects
    from trailseal.run.ports import Scope

    session = AwsSession(profile=profile, region=region)
    scope = Scope(trails=(trail,) if trail else (), hub=False, principals=True, acls=True)
    return AwsCollector(session).collect(scope), AwsObjects(session)
