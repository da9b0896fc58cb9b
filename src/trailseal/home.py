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
    """
    Return the folder. Where it is missing it is made, its owner's alone; one that is there is left as it is.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
