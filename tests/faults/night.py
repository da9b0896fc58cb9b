"""
The long run: each call with each fault over plans of every kind, then cases of a seed, for so many minutes.

It goes on where the last run of the same seed stopped: a state file tells which cases are done.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path

import msgspec

from faults.cases import case_of, table
from faults.courses import Case
from faults.played import play

BATCH = 40
CORES = os.cpu_count() or 2
SHOWN = 50


class State(msgspec.Struct):
    """What was reached: the next batch, the figures, and every fault found."""

    next: int = 0
    counts: dict[str, int] = {}
    faults: list[str] = []


class Found(msgspec.Struct):
    """What came of a batch."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    faults: list[str] = []


def run(seed: int, minutes: float, folder: Path) -> int:
    """Play cases for so many minutes; return 1 if any fault is known, now or from before."""
    path = folder / f"nightly-faults-{seed}.json"
    state = msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()
    end = time.monotonic() + minutes * 60
    with ProcessPoolExecutor(CORES) as workers:
        for found in _played(workers, seed, state.next, end):
            note(state, found)
            path.write_bytes(msgspec.json.encode(state))
    print(report(seed, state))  # noqa: T201  # the figures are what the run is for
    return 1 if state.faults else 0


def _played(workers: ProcessPoolExecutor, seed: int, first: int, end: float) -> Iterator[Found]:
    """Yield batches in their order, so that what is done has no gaps."""
    numbers = count(first)
    ahead = 2 * CORES if time.monotonic() < end else 0
    waiting = deque(workers.submit(batch, seed, next(numbers)) for _ in range(ahead))
    while waiting:
        yield waiting.popleft().result()
        if time.monotonic() < end:
            waiting.append(workers.submit(batch, seed, next(numbers)))


def cases(seed: int, number: int) -> dict[str, Case]:
    """Return the cases of a batch by their names: those of the table first, then those of the seed."""
    every = table()
    places = range(number * BATCH, (number + 1) * BATCH)
    listed = {f"table {at}": every[at] for at in places if at < len(every)}
    return listed | {f"{seed} {at}": case_of(f"{seed} {at}") for at in places if at >= len(every)}


def batch(seed: int, number: int) -> Found:
    """Play one batch, and return what came of it with its faults."""
    found = Found()
    for name, case in cases(seed, number).items():
        played = play(case)
        found.counts["cases"] += 1
        found.counts["starts"] += len(played.ends)
        found.counts.update(f"starts that ended: {end.value}" for end in played.ends)
        found.counts.update(f"calls with {kind}" for _, kind in played.struck)
        found.counts["starts from another home"] += sum(start.elsewhere for start in case.starts)
        found.faults += [f"{name}, {case.kind}: {wrong}" for wrong in played.wrong]
    return found


def note(state: State, found: Found) -> None:
    """Add a batch to what was reached."""
    state.next += 1
    state.counts = dict(sorted((Counter(state.counts) + found.counts).items()))
    state.faults += found.faults


def report(seed: int, state: State) -> str:
    """The figures of all runs of this seed, and the faults."""
    figures = [f"  {name}: {number:,}" for name, number in state.counts.items()]
    shown = [f"  FAULT {each}" for each in state.faults[:SHOWN]]
    return "\n".join([f"faults, seed {seed}", *figures, *shown, f"  {len(state.faults)} faults"])
