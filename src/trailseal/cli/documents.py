"""Documents that the user gives: snapshots, plans, policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trailseal.errors import UsageProblem
from trailseal.messages import message

if TYPE_CHECKING:
    from trailseal.model.snapshot import Snapshot
    from trailseal.plan.plan import Plan


def bytes_in(path: Path) -> bytes:
    """
    Return the file's content.

    Raises:
        UsageProblem: it can not be read.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UsageProblem(
            message("`{path}` can not be read: {problem}", path=str(path), problem=problem.strerror or "")
        ) from None


def text_in(path: Path) -> str:
    """
    Return the file's text.

    Raises:
        UsageProblem: it can not be read, or is not text.
    """
    try:
        return bytes_in(path).decode()
    except UnicodeDecodeError:
        raise UsageProblem(message("`{path}` is not text", path=str(path))) from None


def snapshot_in(path: Path) -> Snapshot:
    """
    Return the snapshot that `check --save` wrote.

    Raises:
        UsageProblem: it can not be read, or is no snapshot.
    """
    from trailseal.model.document import decode
    from trailseal.model.snapshot import Snapshot

    return decode(bytes_in(path), Snapshot, name=str(path))


def plan_in(path: Path) -> Plan:
    """
    Return the plan that `plan --out` wrote.

    Raises:
        UsageProblem: it can not be read, or is no plan.
    """
    from trailseal.plan.codec import read_plan

    return read_plan(bytes_in(path), name=str(path))
