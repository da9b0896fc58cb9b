"""What commands that are shown in the documentation are run in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """An environment with a home of its own, our command on the path, and no terminal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_", "LC_", "LANG"))}
    scripts = Path(sys.executable).parent
    return {
        **kept,
        "PATH": f"{scripts}:{kept['PATH']}",
        "HOME": str(tmp_path),
        "TRAILSEAL_HOME": str(tmp_path / "state"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "LANG": "C.UTF-8",
    }
