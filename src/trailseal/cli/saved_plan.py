"""A plan's file: written with its signature where one is wanted, and noted once it was shown in full."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from trailseal.cli.command import wants_detail
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.messages import message

if TYPE_CHECKING:
    from trailseal.plan.plan import Plan
    from trailseal.run.plan_signature import Signer


def signing(key: str | None, out: str | None) -> Signer | None:
    """
    Return what signs with the key in a file, None where no signature is wanted.

    Raises:
        UsageProblem: there will be no file to sign, or the key is none that can.
    """
    if key is None:
        return None
    from trailseal.files import see_place
    from trailseal.run.plan_signature import signature_beside, signer

    found = signer(key, at_terminal=sys.stdin.isatty())
    if out is None:
        raise UsageProblem(message("--sign signs the plan's file: name it with --out"))
    see_place(signature_beside(out))
    return found


def save_plan(plan: Plan, out: str, sign: Signer | None) -> str:
    """
    Write the plan, and beside it the signature of just these bytes; return their digest.

    Raises:
        UsageProblem: one of them cannot be written, or the passphrase was another one.
    """
    from trailseal.files import write_private
    from trailseal.plan.codec import digest_of, write_plan

    raw = write_plan(plan)
    if sign is None:
        write_private(Path(out), raw)
        return digest_of(raw)
    from trailseal.run.plan_signature import signature_beside

    signature = sign(raw)
    write_private(Path(out), raw)
    write_private(signature_beside(out), signature)
    return digest_of(raw)


def note_shown(digest: str, on: TextIO) -> None:
    """
    Note that a plan's file was shown in full on a stream that goes somewhere.

    Where that cannot be noted, `apply` shows it once more.
    """
    from trailseal.cli.wiring import journal
    from trailseal.view.streams import is_nowhere

    if is_nowhere(on):
        return
    with suppress(TrailsealError):
        journal().note_shown(digest, at=datetime.now(UTC))


def show_once(plan: Plan, digest: str) -> None:
    """Show a plan in full, or in short where these very bytes were shown in full from this home."""
    from trailseal.cli.wiring import journal
    from trailseal.view.plan import show_before

    seen = journal().was_shown(digest)
    show_before(plan, seen=seen, whole=wants_detail())
    if not seen:
        note_shown(digest, sys.stderr)
