"""
Measure the rooms that decide by tests of their own; fail when a room's branch coverage is below its floor.

    python tools/coverage_floor.py measure [ARGUMENT OF PYTEST ...]
    python tools/coverage_floor.py tests
    python tools/coverage_floor.py check [--everything]

The rooms that decide are covered wholly by tests of their own, which CI measures: it traces these alone,
while these `tests` run, for a traced test takes two to three times as long. What touches the world is covered
nearly by all tests together (`--everything`), which the nightly run measures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WHOLE = ("model", "access", "objects", "controls", "plan", "history/rules", "cost")
TESTS = ("tests/unit", "tests/cases", "tests/estates/test_faults.py", "tests/estates/test_who_faults.py")
ELSEWHERE = ""
FLOORS = dict.fromkeys(WHOLE, 100.0)
NEARLY = 90.0


def room(path: str) -> str:
    """Return the room that a covered file lies in, "" for everything that has no floor of its own."""
    after = path.replace("\\", "/").rpartition("trailseal/")[2]
    return next((name for name in WHOLE if after.startswith(f"{name}/")), ELSEWHERE)


def measure(arguments: list[str]) -> int:
    """Run the tests of the rooms that decide, trace these rooms alone, and check their floors."""
    rooms = ",".join(f"trailseal.{room.replace('/', '.')}" for room in WHOLE)
    measured = [sys.executable, "-m", "coverage"]
    subprocess.run([*measured, "erase"], check=True)
    asked = [*measured, "run", f"--source={rooms}", "-m", "pytest", *arguments, *TESTS]
    return subprocess.run(asked, check=False).returncode or check(FLOORS)


def check(floors: dict[str, float]) -> int:
    """Print each room's branch coverage and return 1 when one is below its floor."""
    subprocess.run([sys.executable, "-m", "coverage", "combine", "-q"], check=False)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "coverage.json")
        subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", out], check=True)
        files = json.loads(out.read_text())["files"]
    status = 0
    for name, floor in floors.items():
        sums = [f["summary"] for path, f in files.items() if room(path) == name]
        total = sum(s["num_statements"] + s["num_branches"] for s in sums)
        covered = sum(s["covered_lines"] + s["covered_branches"] for s in sums)
        percent = 100 * covered / total if total else 0.0  # a room that was not traced is not covered
        verdict = "ok" if percent >= floor else "BELOW"
        print(f"coverage {name or 'elsewhere':13} {percent:6.2f} % (floor {floor:.0f} %) {verdict}")
        if percent < floor:
            status = 1
            missed = {
                p: f["missing_lines"] or f["missing_branches"] for p, f in files.items() if room(p) == name
            }
            for path, lines in sorted(missed.items()):
                if lines and name != ELSEWHERE:
                    print(f"    {path}: {lines[:12]}")
    return status


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    modes = parser.add_subparsers(dest="mode", required=True)
    modes.add_parser("measure", help="what follows is for pytest")
    modes.add_parser("tests", help="print what `measure` runs")
    modes.add_parser("check").add_argument(
        "--everything", action="store_true", help="all tests were measured"
    )
    given, more = parser.parse_known_args()
    if given.mode == "measure":
        return measure(more)
    if more:
        parser.error(f"what is {more[0]}?")
    if given.mode == "check":
        return check(FLOORS | ({ELSEWHERE: NEARLY} if given.everything else {}))
    print(*TESTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
