"""
The long run over estates of log files: every hour against what was done, every file against the AWS CLI.

It goes on where the last run of the same seed stopped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ("tests/unit/history/validate/test_hours.py", "tests/lab/test_same_verdicts.py")
AT_ONCE = 240
STRIDE = 10_000_000
"""Estates of one SEED never meet those of another."""


def run(seed: int, minutes: float, folder: Path) -> int:
    """Judge estates for so many minutes; return 1 at the first fault, so that it can be looked at."""
    path = folder / f"nightly-validate-{seed}.txt"
    reached = int(path.read_text()) if path.exists() else seed * STRIDE
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        environment = {**os.environ, "TRAILSEAL_ESTATES_FROM": str(reached)}
        asked = [sys.executable, "-m", "pytest", "-q", "-n0", *TESTS]
        if subprocess.run(asked, cwd=ROOT, env=environment, check=False).returncode:
            print(f"estates from {reached}: a fault")  # noqa: T201  # what the run is for
            return 1
        reached += AT_ONCE
        path.write_text(str(reached))
    print(f"estates up to {reached}: no fault")  # noqa: T201  # the same
    return 0
