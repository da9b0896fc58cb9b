"""Where trailseal keeps its own state: journals, evidence, and the addresses of running labs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

from trailseal.errors import UsageProblem
from trailseal.messages import message

LETTERS = 50
"""So many letters of a name are in that of its draft; a file system may take no longer one."""


def state_home() -> Path:
    """
    Return the folder for state: `TRAILSEAL_HOME`, else the user's state folder.

    It need not exist yet. `private_folder` makes it.
    """
    if chosen := os.environ.get("TRAILSEAL_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "trailseal"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "trailseal"


def private_folder(path: Path) -> Path:
    """Return the folder, made where missing, readable by its owner alone."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_private(path: Path, content: bytes) -> None:
    """
    Write a file that only its owner can read, whole or not at all.

    Raises:
        UsageProblem: nothing can be written there.
    """
    try:
        with draft_of(path) as draft:
            draft.write_bytes(content)
    except OSError as problem:
        raise _not_written(path, problem) from problem


def see_place(path: str | Path) -> None:
    """
    Return when a file can lie here: its folder is there, and nothing else of this name.

    Raises:
        UsageProblem: it cannot.
    """
    place = Path(path)
    try:
        taken, folder = place.exists() and not place.is_file(), place.parent.is_dir()
    except OSError as problem:
        raise _not_written(place, problem) from problem
    if taken:
        raise UsageProblem(message("`{path}` is not a file", path=str(path)))
    if not folder:
        raise UsageProblem(message("there is no folder `{path}`", path=str(place.parent)))


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """
    Hand out a private file beside `path`, which takes its place in the end, or goes if anything is raised.

    Raises:
        UsageProblem: nothing can be written there.
    """
    see_place(path)
    place = Path(os.path.realpath(path))
    try:
        number, name = mkstemp(dir=place.parent, prefix=f".{place.name[:LETTERS]}.", suffix=".part")
    except OSError as problem:
        raise _not_written(path, problem) from problem
    os.close(number)
    draft = Path(name)
    try:
        yield draft
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def _not_written(path: Path, problem: OSError) -> UsageProblem:
    return UsageProblem(
        message("`{path}` cannot be written: {problem}", path=str(path), problem=problem.strerror or "")
    )
