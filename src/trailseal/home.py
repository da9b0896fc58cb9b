"""Where trailseal keeps its state (journals, the addresses of running labs), and finds its settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from trailseal.errors import UsageProblem
from trailseal.messages import message

SETTINGS = "config.toml"


def state_home() -> Path:
    """
    Return the folder for state: `TRAILSEAL_HOME`, else the user's state folder.

    It need not exist yet. `private_folder` makes it.

    Raises:
        UsageProblem: it would be in the home folder of a user who has none.
    """
    if chosen := os.environ.get("TRAILSEAL_HOME"):
        return _expanded(chosen)
    if sys.platform == "win32":
        return _expanded(os.environ.get("LOCALAPPDATA") or "~/AppData/Local") / "trailseal"
    return _expanded(os.environ.get("XDG_STATE_HOME") or "~/.local/state") / "trailseal"


def settings_file() -> Path:
    """
    Return where a user's settings are, if there are any: in a chosen home, else where settings lie.

    Raises:
        UsageProblem: they would be in the home folder of a user who has none.
    """
    if chosen := os.environ.get("TRAILSEAL_HOME"):
        return _expanded(chosen) / SETTINGS
    if sys.platform == "win32":
        return _expanded(os.environ.get("APPDATA") or "~/AppData/Roaming") / "trailseal" / SETTINGS
    return _expanded(os.environ.get("XDG_CONFIG_HOME") or "~/.config") / "trailseal" / SETTINGS


def _expanded(path: str) -> Path:
    """Return a path whose `~` is a home folder; the user of a container may have none."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UsageProblem(
            message("`{path}` is not known: that user has no home folder", path=path),
            message("name a folder in TRAILSEAL_HOME"),
        ) from None


def private_folder(path: Path) -> Path:
    """
    Return the folder. Where it is missing it is made, its owner's alone; one that is there is left as it is.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
