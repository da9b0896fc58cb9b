"""Writing a plan's file, and its signature beside it where one is wanted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trailseal.errors import UsageProblem
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


def save_plan(plan: Plan, out: str, sign: Signer | None) -> None:
    """
    Write the plan, and beside it the signature of just these bytes.

    Raises:
        UsageProblem: one of them cannot be written, or the passphrase was another one.
    """
    from trailseal.files import write_private
    from trailseal.plan.codec import write_plan

    raw = write_plan(plan)
    if sign is None:
        write_private(Path(out), raw)
        return
    from trailseal.run.plan_signature import signature_beside

    signature = sign(raw)
    write_private(Path(out), raw)
    write_private(signature_beside(out), signature)
