"""
Plan files: JSON, format 1, read strictly.

A plan says what will be done to an account, so nothing about it is taken on trust: it must be whole,
carry its own id, belong to the account at hand, and undo what it does.
"""

from __future__ import annotations

import hashlib

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.document import encode
from trailseal.model.reading import Kind, decode, wrong_at
from trailseal.plan.plan import Plan, fingerprint
from trailseal.plan.sound_plan import misfit
from trailseal.plan.step import roll_back


def write_plan(plan: Plan) -> bytes:
    """Return the plan's file."""
    return encode(plan)


def digest_of(raw: bytes) -> str:
    """Return what tells the bytes of a plan's file from any others."""
    return hashlib.sha256(raw).hexdigest()


def read_plan(raw: bytes, *, name: str) -> Plan:
    """
    Return the plan in a file.

    Raises:
        UsageProblem: it is not JSON, is cut short, is no plan of format 1, was changed after it was made, or
            holds what no plan holds: a sentence, a policy that says two things, steps that do not fit.
    """
    plan = decode(raw, Plan, kind=Kind.PLAN, name=name)
    if plan.id != fingerprint(plan) or plan.rollback != roll_back(plan.steps):
        raise UsageProblem(
            message("the plan file `{name}` was edited after it was created (checksum mismatch)", name=name),
            message("plan again, since what was shown is what is done: trailseal plan --out FILE"),
        )
    if place := misfit(plan):
        raise wrong_at(place, kind=Kind.PLAN, name=name)
    return plan


def belongs(plan: Plan, *, account: str, name: str) -> None:
    """
    Return when `plan` is for `account`.

    Raises:
        UsageProblem: it was made for another account.
    """
    if plan.account != account:
        raise UsageProblem(
            message(
                "`{name}` is a plan for account {planned}, and the credentials are of account {account}",
                name=name,
                planned=plan.account,
                account=account,
            ),
            message(
                "use the credentials of account {planned}, or plan for this one: trailseal plan --out FILE",
                planned=plan.account,
            ),
        )
