"""
Run the long tests: all of them, or one part for so many minutes.

    python tools/nightly.py [--part proof] [--seed N] [--minutes M] [--workers N] [TEST ...]

A part goes on where its last run with the same seed stopped; what is done stands under `.cache/`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = {
    "proof": "estates.night",
    "fuzz": "fuzz.night",
    "faults": "faults.night",
    "looks": "faults.looks_night",
    "validate": "hours_night",
    "peers": "peers.night",
}
"""Modules under tests/ with `run(seed, minutes, folder) -> exit code`."""
MOST_MINUTES = 45.0


def everything(tests: list[str], workers: str) -> int:
    """Run the whole suite with its nightly numbers, and look at what all of it covers."""
    measured = [sys.executable, "-m", "coverage"]
    subprocess.run([*measured, "erase"], cwd=ROOT, check=True)
    asked = [*measured, "run", "--source=trailseal,trailseal_lab", "-m", "pytest", "-n", workers, *tests]
    failed = subprocess.run(
        asked, cwd=ROOT, env={**os.environ, "TRAILSEAL_NIGHTLY": "1"}, check=False
    ).returncode
    if tests:
        return failed
    floors = [sys.executable, str(ROOT / "tools" / "coverage_floor.py"), "check", "--everything"]
    return failed or subprocess.run(floors, cwd=ROOT, check=False).returncode


def part(name: str, seed: int, minutes: float) -> int:
    """Run one part."""
    sys.path.insert(0, str(ROOT / "tests"))
    folder = ROOT / ".cache"
    folder.mkdir(exist_ok=True)
    found: int = importlib.import_module(PARTS[name]).run(seed, min(minutes, MOST_MINUTES), folder)
    return found


def main() -> int:
    """Run what the command line says; an empty value is one that was not given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="", choices=["", *PARTS])
    parser.add_argument("--seed", default="")
    parser.add_argument("--minutes", default="")
    parser.add_argument("--workers", default="4")
    parser.add_argument("tests", nargs="*")
    given = parser.parse_args()
    if not given.part:
        return everything(given.tests, given.workers)
    return part(given.part, int(given.seed or 1), float(given.minutes or MOST_MINUTES))


if __name__ == "__main__":
    sys.exit(main())
