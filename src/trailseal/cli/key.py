"""`trailseal key show|rotate|import`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trailseal.cli.command import answer_options, aws_options, common_options, group, option
from trailseal.cli.parameters import KEY, MATERIAL, OUT, TIME, Days, Word
from trailseal.cli.settle import settle_option
from trailseal.errors import ExitCode
from trailseal.messages import N_

if TYPE_CHECKING:
    from trailseal.aws.key_service import AwsKeyService


@group()
def key() -> None:
    """
    Show a key, rotate it, import your own key material.

    KEY is an ARN, an ID or an alias.
    """


def _service(profile: str | None, region: str | None) -> AwsKeyService:
    from trailseal.aws.key_service import AwsKeyService
    from trailseal.cli.wiring import session

    return AwsKeyService(session(profile, region))


@key.command()
@click.argument("key_id", type=KEY, metavar="KEY")
@aws_options
@answer_options
@common_options
def show(key_id: str, profile: str | None, region: str | None, output: str) -> ExitCode:
    """Show a key's state, aliases, rotation and origin."""
    from trailseal.aws.clock import SystemClock
    from trailseal.run.key import show as run_show
    from trailseal.view.answer import answer
    from trailseal.view.brief.key import key_brief
    from trailseal.view.key import print_key

    shown = run_show(key_id, _service(profile, region), SystemClock())
    answer(shown, output, print_key, key_brief)
    return shown.exit_code


@key.command()
@click.argument("key_id", type=KEY, metavar="KEY")
@option("--every", type=Days(), metavar="DAYS", help=N_("Rotate automatically, every N days (90 to 2560)."))
@option("--now", is_flag=True, help=N_("Rotate once, on demand; AWS allows 25 in a key's life."))
@option("--yes", is_flag=True, help=N_("Do not ask."))
@settle_option
@aws_options
@answer_options
@common_options
def rotate(
    key_id: str,
    every: int | None,
    *,
    now: bool,
    yes: bool,
    settle: float,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Rotate a key's material. Its ARN stays, old objects stay readable, nothing is re-encrypted.

    Asks before --now: the first and the second rotation of a key add to its price each month, and none can
    be undone.
    """
    from datetime import timedelta

    from trailseal.aws.clock import SystemClock
    from trailseal.cli.consent import ask
    from trailseal.run.key import ROTATING, refuse_without_a_way
    from trailseal.run.key import rotate as run_rotate
    from trailseal.view.answer import answer
    from trailseal.view.brief.key import key_brief
    from trailseal.view.key import print_key

    refuse_without_a_way(days=every, now=now)
    if now:
        ask(ROTATING, yes=yes)
    shown = run_rotate(
        key_id,
        _service(profile, region),
        SystemClock(),
        days=every,
        now=now,
        settle=timedelta(seconds=settle),
    )
    answer(shown, output, print_key, key_brief)
    return ExitCode.CLEAN


@key.command("import")
@click.argument("key_id", type=KEY, metavar="KEY")
@option(
    "--material",
    type=MATERIAL,
    metavar="FILE",
    help=N_("32 bytes: raw, as hexadecimal digits, or in base64."),
)
@option(
    "--generate",
    type=OUT,
    metavar="FILE",
    help=N_("Make 32 random bytes, keep them in FILE, and import them."),
)
@option(
    "--new",
    is_flag=True,
    help=N_("It is new material, which the next rotation on demand turns to; else the same again."),
)
@option(
    "--raw-material",
    is_flag=True,
    help=N_("Take 32 letters that are all hexadecimal digits as the 32 bytes themselves."),
)
@option(
    "--valid-to", type=TIME, metavar="TIME", help=N_("When the material expires, at most 365 days from now.")
)
@option(
    "--wrapping",
    "algorithm",
    type=Word(["RSA_AES_KEY_WRAP_SHA_256", "RSAES_OAEP_SHA_256"]),
    default="RSA_AES_KEY_WRAP_SHA_256",
    show_default=True,
    help=N_("How the material is wrapped on this machine."),
)
@aws_options
@answer_options
@common_options
def import_(
    key_id: str,
    *,
    material: str | None,
    generate: str | None,
    raw_material: bool,
    profile: str | None,
    region: str | None,
    output: str,
    **how: Any,
) -> ExitCode:
    """
    Put your own key material into a key with origin EXTERNAL.

    The material is wrapped on this machine and never shown or logged. Keep it: if KMS loses it, or it
    expires, only the same material opens what was encrypted with it. With --new it waits for `key rotate
    --now`; of a key of several Regions it goes into the primary as new, into each replica without --new,
    and then the primary rotates.
    """
    from trailseal.aws.clock import SystemClock
    from trailseal.run.key import bring_material
    from trailseal.run.material import chosen_material
    from trailseal.view.answer import answer
    from trailseal.view.brief.key import key_brief
    from trailseal.view.key import print_key

    brought = chosen_material(material, generate, raw=raw_material)
    shown = bring_material(key_id, brought, _service(profile, region), SystemClock(), **how)
    answer(shown, output, print_key, key_brief)
    return ExitCode.CLEAN
