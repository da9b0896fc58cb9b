"""The published schemas are those of today's documents."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_published_schemas_are_fresh():
    script = [sys.executable, str(ROOT / "tools" / "schemas.py"), "check"]

    assert subprocess.run(script, capture_output=True, check=False).returncode == 0
