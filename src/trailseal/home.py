"""Where trailseal keeps its own state: journals, evidence, and the addresses of running labs."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
