"""`trailseal who`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from trailseal.cli.command import (
    answer_options,
    aws_options,
    command,
    common_options,
    further_option,
    no_account,
    option,
    wants_detail,
)
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
    help=N_("With --prove: one who may read; repeatable."),
)
@option("--open-world", is_flag=True, help=N_("With --prove: for principals that do not exist yet, too."))
@further_option
@aws_options
@answer_options
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
    from trailseal.cli.saved_snapshot import save_snapshot
    from trailseal.run.documents import plan_in, policy_in
    from trailseal.run.who_question import Question, proof, readers
    from trailseal.view.answer import answer
    from trailseal.view.brief.who import proof_brief, who_brief
    from trailseal.view.proof import print_proof
    from trailseal.view.who import print_who

    if not prove and (only or open_world):
        raise UsageProblem(message("--only and --open-world belong to --prove"))
    if prove and (key or principal):
        raise UsageProblem(
            message("--prove looks at every object and everybody: leave out --object and --principal")
        )
    if saved and save:
        raise UsageProblem(message("--snapshot reads no AWS account: --save does"))
    no_account(saved, further)
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
        seen, objects = _look(trail, profile, region, further, saves=bool(save))
    lacking = save_snapshot(seen, save) if save else ExitCode.CLEAN
    if save and _is_all(seen, save):
        return lacking
    if prove:
        proven = proof(seen, asked)
        answer(proven, output, print_proof, proof_brief)
        return lacking or proven.exit_code
    told = readers(seen, asked, objects)
    answer(told, output, partial(print_who, whole=wants_detail()), who_brief)
    return lacking or told.exit_code


def _saved(paths: tuple[str, ...]) -> tuple[Snapshot, ObjectReader]:
    """Return the first snapshot with the further ones' accounts, and the objects that it holds."""
    from trailseal.run.documents import snapshot_in
    from trailseal.run.who_accounts import join_accounts, need_principals
    from trailseal.run.who_question import SavedObjects

    first, *others = (snapshot_in(path) for path in paths)
    need_principals(others)
    return join_accounts(first, others), SavedObjects(first)


def _look(
    trail: str | None, profile: str | None, region: str | None, further: tuple[str, ...], *, saves: bool
) -> tuple[Snapshot, ObjectReader]:
    """
    Return the snapshot with the principals of each profile's account, and what looks at objects.

    A snapshot that is saved holds too what other verbs need.
    """
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.stored_object import AwsObjects
    from trailseal.cli import wiring
    from trailseal.run.ports import SnapshotScope
    from trailseal.view.progress import ProgressLine

    accounts = wiring.accounts(profile, region, further)
    scope = SnapshotScope(
        trails=(trail,) if trail else (),
        hub=False,
        principals=True,
        acls=True,
        copies=True,
        statuses=saves,
        effects=saves,
        bucket_settings=("replication",),
    )
    with ProgressLine() as line:
        seen = AwsCollector(accounts.first, further=accounts.further, observe=line).collect(scope)
    return seen, AwsObjects(accounts.first, *accounts.further)


def _is_all(seen: Snapshot, path: str) -> bool:
    """Whether a snapshot that is saved is all that there is, for an account that has no trail to tell of."""
    from trailseal.locale.language import say

    if seen.trails or seen.unreadable:
        return False
    told = message(
        "account {account} has no trail; its principals are saved in {path}",
        account=seen.account,
        path=path,
    )
    click.echo(say(told), err=True)
    return True
