"""
Fail when a room's branch coverage is below its floor.

    python tools/coverage_floor.py [--everything]

The rooms that decide are covered wholly by tests of their own, which CI measures. What touches the world is
covered nearly by all tests together (`--everything`), which the nightly run measures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WHOLE = ("model", "access", "objects", "controls", "plan", "history/rules", "cost")
ELSEWHERE = ""
FLOORS = dict.fromkeys(WHOLE, 100.0)
NEARLY = 90.0


def room(path: str) -> str:
    """Return the room that a covered file lies in, "" for everything that has no floor of its own."""
    after = path.replace("\\", "/").rpartition("trailseal/")[2]
    return next((name for name in WHOLE if after.startswith(f"{name}/")), ELSEWHERE)


def main() -> int:
    """Print each room's branch coverage and return 1 when one is below its floor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--everything", action="store_true", help="all tests were measured")
    floors = FLOORS | ({ELSEWHERE: NEARLY} if parser.parse_args().everything else {})
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
        percent = 100 * covered / total if total else 100.0
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


if __name__ == "__main__":
    sys.exit(main())
