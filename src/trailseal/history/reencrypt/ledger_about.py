"""What a SQLite ledger belongs to: a manifest and a target. To look changes nothing, whatever file it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.messages import Message, message

TABLES = frozenset({"about", "runs", "work", "described"})
"""Fewer are those of a run that was killed while it made them."""
NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
"""What no other name would mend."""


def see_about(path: Path, wanted: Mapping[str, str]) -> None:
    """
    Return when the ledger at `path` is of what is wanted, or is still to be made.

    Raises:
        UsageProblem: it is no ledger, or of something else.
        TrailsealError: it cannot be read.
    """
    try:
        if not path.exists() or not path.stat().st_size:
            return
        with closing(sqlite3.connect(_address(path), uri=True)) as database:
            names = {
                name for (name,) in database.execute("select name from sqlite_master where type = 'table'")
            }
            found = dict(database.execute("select name, value from about")) if "about" in names else {}
    except (OSError, sqlite3.Error) as problem:
        raise unusable(path, problem) from problem
    if not (names <= TABLES or names >= TABLES):
        raise UsageProblem(message("`{path}` is not a ledger", path=str(path)), _another())
    for name, value in wanted.items():
        if found.get(name, value) != value:
            raise of_another(path, name, found[name])


def _address(path: Path) -> str:
    """Return how SQLite opens it to be read alone; beside one that nobody has open it would leave files."""
    is_open = path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?{'mode=ro' if is_open else 'immutable=1'}"


def of_another(path: Path, name: str, found: str) -> UsageProblem:
    """Return the error for a ledger whose `name`, manifest or target, is another."""
    return UsageProblem(
        message(
            "the ledger `{path}` belongs to another {name}: {found}", path=str(path), name=name, found=found
        ),
        _another(),
    )


def unusable(path: Path, problem: OSError | sqlite3.Error) -> TrailsealError:
    """Return the error for a file that cannot be a ledger, or for which there is no room."""
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    kind = TrailsealError if code in NO_ROOM else UsageProblem
    return kind(
        message(
            "`{path}` cannot be used as a ledger: {problem}",
            path=str(path),
            problem=getattr(problem, "strerror", None) or str(problem),
        ),
        _another(),
    )


def _another() -> Message:
    return message("name another ledger with `--ledger`")
