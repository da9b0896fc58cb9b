"""
Run all benches, or one by its exact name: `make bench`, `make bench ONLY=check`.

Each bench is a module here with `main()`, which prints one or more JSON lines on stdout:
`{"bench", "ours", "peer", "peer_name", "ratio", "unit", "n"}`. `ratio` > 1 means that we are better,
and is always throughput or wall time; memory and CPU stand in `extra`. The first line on stderr
names the machine.
"""

from __future__ import annotations

import os
import platform
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_A_BENCH = {"run", "measure"}


def machine() -> str:
    """Return the machine in one line."""
    cpu = next(
        (line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")),
        platform.machine(),
    )
    python = platform.python_version()
    return f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, {cpu}, Python {python}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def main(only: str) -> int:
    """Run the benches and return 2 when none has that name."""
    names = sorted(path.stem.replace("_", "-") for path in HERE.glob("*.py") if path.stem not in NOT_A_BENCH)
    if only and only not in names:
        print(f"no bench `{only}`; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    print(f"machine: {machine()}", file=sys.stderr)
    sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]
    for name in [only] if only else names:
        runpy.run_path(str(HERE / f"{name.replace('-', '_')}.py"), run_name="__main__")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
