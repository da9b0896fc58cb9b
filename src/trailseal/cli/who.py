"""`trailseal who`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import OBJECT_KEY, OUT, PLAN, POLICY, PRINCIPAL_NAME, READER, SNAPSHOT, TRAIL
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import N_, message

if TYPE_CHECKING:
    from trailseal.model.snapshot import Snapshot
    from trailseal.run.who_question import ObjectReader


@command()
@option("--trail", type=TRAIL, metavar="NAME|ARN", help=N_("One trail; else every one."))
@option(
    "--object",
    "key",
    type=OBJECT_KEY,
    metavar="KEY",
    help=N_("One object of the bucket; else the next log file."),
)
@option("--principal", type=PRINCIPAL_NAME, metavar="NAME|ARN", help=N_("One principal; else everybody."))
@option("--plan", type=PLAN, metavar="FILE", help=N_("Who can read once this plan is applied."))
@option(
    "--snapshot",
    "saved",
    type=SNAPSHOT,
    multiple=True,
    metavar="FILE",
    help=N_("Decide on a saved snapshot, without AWS; repeat it for further accounts."),
)
@option(
    "--save", type=OUT, metavar="FILE", help=N_("Save what was read, principals included, for --snapshot.")
)
@option(
    "--as-of-policy", "policy", type=POLICY, metavar="FILE", help=N_("Suppose that the key had this policy.")
)
@option("--prove", is_flag=True, help=N_("Prove that nobody outside --only can read. Exits 0, 3 or 4."))
@option(
    "--only",
    type=READER,
    multiple=True,
    metavar="ARN",
    help=N_("With --prove: one who may read; can be repeated."),
)
@option("--open-world", is_flag=True, help=N_("With --prove: for principals that do not exist yet, too."))
@option(
    "--also-profile",
    "further",
    multiple=True,
    metavar="NAME",
    help=N_("AWS profile of a further account whose principals count; repeatable."),
)
@aws_options
@format_option
@common_options
def who(  # noqa: PLR0913 - one parameter for each option
    *, trail: str | None, key: str | None, principal: str | None, plan: str | None, saved: tuple[str, ...],
    save: str | None, policy: str | None, prove: bool, only: tuple[str, ...], open_world: bool,
    further: tuple[str, ...], profile: str | None, region: str | None, output: str,
) -> ExitCode:  # fmt: skip
    """
    Say who can read the log files, and why.

    Reading takes two things: s3:GetObject on the bucket, and kms:Decrypt with the encryption context that
    the object carries. Both are decided for each principal, with the statements that decide them.
    """
    from trailseal.run.documents import plan_in, policy_in
    from trailseal.run.who_question import Question, proof, readers
    from trailseal.view.answer import answer
    from trailseal.view.proof import print_proof
    from trailseal.view.who import print_who

    if not prove and (only or open_world):
        raise UsageProblem(message("--only and --open-world belong to --prove"))
    if prove and (key or principal):
        raise UsageProblem(
            message("--prove looks at every object and everybody: leave out --object and --principal")
        )
    if saved and (save or further):
        raise UsageProblem(message("--snapshot reads no AWS account: --save and --also-profile do"))
    asked = Question(
        trail=trail,
        key=key,
        principal=principal,
        plan=plan_in(plan) if plan else None,
        policy=policy_in(policy) if policy else None,
        only=only,
        open_world=open_world,
    )
    if saved:
        seen, objects = _saved(saved)
    else:
        seen, objects = _look(trail, (profile, *further), region)
    if save and _keep(seen, save):
        return ExitCode.CLEAN
    if prove:
        proven = proof(seen, asked)
        answer(proven, output, print_proof)
        return proven.exit_code
    told = readers(seen, asked, objects)
    answer(told, output, print_who)
    return told.exit_code


def _saved(paths: tuple[str, ...]) -> tuple[Snapshot, ObjectReader]:
    """Return the first snapshot with the further ones' accounts, and the objects that it holds."""
    from trailseal.run.documents import snapshot_in
    from trailseal.run.who_accounts import join_accounts
    from trailseal.run.who_question import SavedObjects

    first, *others = (snapshot_in(path) for path in paths)
    return join_accounts(first, others), SavedObjects(first)


def _look(
    trail: str | None, profiles: tuple[str | None, ...], region: str | None
) -> tuple[Snapshot, ObjectReader]:
    """Return the snapshot with the principals of each profile's account, and what looks at objects."""
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.further_account import look_from, with_guardrails
    from trailseal.aws.session import AwsSession
    from trailseal.aws.stored_object import AwsObjects
    from trailseal.run.ports import SnapshotScope
    from trailseal.run.who_accounts import join_accounts
    from trailseal.view.progress import ProgressLine

    first = AwsSession(profile=profiles[0], region=region)
    scope = SnapshotScope(trails=(trail,) if trail else (), hub=False, principals=True, acls=True)
    with ProgressLine() as line:
        seen = AwsCollector(first, observe=line).collect(scope)
    sessions = [first, *(AwsSession(profile=name, region=first.region) for name in profiles[1:])]
    seen = join_accounts(seen, [look_from(session, seen, scope) for session in sessions[1:]])
    return with_guardrails(seen, sessions), AwsObjects(*sessions)


def _keep(seen: Snapshot, path: str) -> bool:
    """Save the snapshot; return whether that was all, for an account that has no trail to tell of."""
    from trailseal.files import write_private
    from trailseal.locale.language import say
    from trailseal.model.document import encode

    write_private(Path(path), encode(seen))
    if seen.trails or seen.unreadable:
        return False
    told = message(
        "account {account} has no trail; its principals are saved in {path}",
        account=seen.account,
        path=path,
    )
    click.echo(say(told), err=True)
    return True
