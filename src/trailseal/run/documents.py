"""Documents that the user gives as files: snapshots, plans, policies, price tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.model.reading import HINTS, Kind, decode, is_of, json_value, refuse_others, text_in, wrong_at
from trailseal.run.user_file import LARGE, SMALL, read_file, read_stdin

if TYPE_CHECKING:
    from trailseal.cost.prices import PriceTable
    from trailseal.model.snapshot import Snapshot
    from trailseal.plan.plan import Plan
    from trailseal.run.compare import CheckSeen
    from trailseal.run.plan_signature import Signers

STDIN = "-"
LONGEST_POLICY = 128 * 1024
"""Bytes: four times a key policy, which is the longest that AWS takes. Source: API_PutKeyPolicy."""


def snapshot_in(path: str | Path) -> Snapshot:
    """
    Return the snapshot that `check --save` wrote.

    Raises:
        UsageProblem: it cannot be read, or is no snapshot.
    """
    return _snapshot(_read(path, Kind.SNAPSHOT), str(path))


def _snapshot(raw: bytes, name: str) -> Snapshot:
    from trailseal.model.snapshot import Snapshot, misnamed

    found = decode(raw, Snapshot, kind=Kind.SNAPSHOT, name=name)
    if place := misnamed(found):
        raise wrong_at(place, kind=Kind.SNAPSHOT, name=name)
    return found


def check_in(path: str | Path) -> CheckSeen:
    """
    Return what `check --format json` printed, or what comes of the snapshot that `check --save` wrote.

    Raises:
        UsageProblem: it cannot be read, or is neither.
    """
    from trailseal.run.check import check_snapshot
    from trailseal.run.compare import CheckSeen, seen_of

    raw, name = _read(path, Kind.CHECK), str(path)
    if is_of(Kind.SNAPSHOT, json_value(raw, name=name, kind=Kind.CHECK)):
        return seen_of(check_snapshot(_snapshot(raw, name)))
    return decode(raw, CheckSeen, kind=Kind.CHECK, name=name)


def signers(path: str | None) -> Signers | None:
    """
    Return the keys in the file of `--signed-by`, None where none is named.

    Raises:
        UsageProblem: it cannot be read, or holds no key that may sign plans.
    """
    if path is None:
        return None
    from trailseal.run.plan_signature import signers_in

    return signers_in(path, now=datetime.now(UTC))


def plan_in(path: str | Path, *, signed_by: Signers | None = None) -> Plan:
    """
    Return the plan that `plan --out` wrote, signed by one of the keys `signed_by` where some are given.

    Raises:
        UsageProblem: it cannot be read, is no plan as one was made, or is not signed so.
    """
    return plan_and_digest_in(path, signed_by=signed_by)[0]


def plan_and_digest_in(path: str | Path, *, signed_by: Signers | None = None) -> tuple[Plan, str]:
    """
    Return the plan in a file as `plan_in` does, and the digest of the file's bytes.

    The file is read once: what is read as a plan are the very bytes that were signed.

    Raises:
        UsageProblem: it cannot be read, is no plan as one was made, or is not signed so.
    """
    from trailseal.plan.codec import digest_of, read_plan

    raw = _read(path, Kind.PLAN)
    if signed_by is not None:
        from trailseal.run.plan_signature import see_signed

        see_signed(raw, path=path, signers=signed_by)
    return read_plan(raw, name=str(path)), digest_of(raw)


def prices_in(path: str | Path) -> PriceTable:
    """
    Return the user's price table.

    Raises:
        UsageProblem: it cannot be read, or is no price table.
    """
    from trailseal.cost.prices import read_prices

    return read_prices(_read(path, Kind.PRICES, most=SMALL), name=str(path))


def policy_in(path: str | Path, *, lenient: bool = False) -> str:
    """
    Return the text of a policy: bare, or within `{"Policy": …}` as the AWS CLI prints it. `-` is stdin.

    `lenient` lets names stand twice, for a reader that tells of them.

    Raises:
        UsageProblem: it cannot be read, is not JSON, or is a document of another kind.
    """
    name = str(path)
    raw = read_stdin() if name == STDIN else _read(path, Kind.POLICY, most=SMALL)
    if len(raw) > LONGEST_POLICY:
        raise UsageProblem(message("`{name}` is longer than any policy that AWS takes", name=name))
    value = json_value(raw, name=name, kind=Kind.POLICY, lenient=lenient)
    refuse_others(value, kind=Kind.POLICY, name=name)
    if isinstance(value, dict) and isinstance(inner := value.get("Policy"), str):
        raw = inner.encode()
        json_value(raw, name=name, kind=Kind.POLICY, lenient=lenient)
    return text_in(raw, name=name)


def _read(path: str | Path, kind: Kind, *, most: int = LARGE) -> bytes:
    return read_file(path, most=most, hint=Message(HINTS[kind]))
