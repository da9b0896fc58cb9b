"""How benches measure: whole processes, in turn with their peer, medians of five."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence

from msgspec import Struct

RUNS = 5


class Run(Struct, frozen=True, kw_only=True):
    """One process as the operating system accounted for it: seconds and bytes."""

    wall: float
    cpu: float
    peak_memory: int
    exit_code: int
    output: bytes


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Run:
    """Run one process to its end and return what it took."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            command, env={**os.environ, **(env or {})}, stdin=given, stdout=output, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        output.seek(0)
        return Run(
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            peak_memory=usage.ru_maxrss * 1024,
            exit_code=process.returncode,
            output=output.read(),
        )


def in_turn(
    ours: Sequence[str], peer: Sequence[str], *, env: Mapping[str, str] | None = None, runs: int = RUNS
) -> tuple[list[Run], list[Run]]:
    """Run both in turn, A B A B, after one uncounted run of each."""
    run(ours, env=env), run(peer, env=env)
    pairs = [(run(ours, env=env), run(peer, env=env)) for _ in range(runs)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def report(
    *, bench: str, ours: float, peer: float, peer_name: str, unit: str, n: int, ratio: float, **extra: object
) -> None:
    """Print the line that `make bench` promises."""
    line: dict[str, object] = {
        "bench": bench,
        "ours": round(ours, 4),
        "peer": round(peer, 4),
        "peer_name": peer_name,
        "ratio": round(ratio, 3),
        "unit": unit,
        "n": n,
    }
    if extra:
        line["extra"] = extra
    print(json.dumps(line), flush=True)
