"""
The long run over every reader of foreign bytes: inputs made of good ones until the minutes are over.

It goes on where the last run of the same seed stopped: a state file tells which inputs are done. Of each
reader the shapes that cost most are read once too, ten megabytes of each.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path

import msgspec

from fuzz.readers import READERS
from fuzz.sizes import MB, SECONDS, faults
from trailseal.errors import TrailsealError

BATCH = 200
CORES = os.cpu_count() or 2
SIZE = 10 * MB
SHOWN = 50


class Counted(msgspec.Struct):
    """Inputs of one reader: how many, how many got past their first byte, how many were read as good."""

    inputs: int = 0
    begun: int = 0
    good: int = 0
    slowest: float = 0.0


class State(msgspec.Struct):
    """What was reached: the next round, the readers whose large inputs are done, and every fault found."""

    next: int = 0
    sized: list[str] = []
    counts: dict[str, Counted] = {}
    faults: list[str] = []


def run(seed: int, minutes: float, folder: Path) -> int:
    """Read inputs for so many minutes; return 1 if any fault is known, now or from before."""
    path = folder / f"nightly-fuzz-{seed}.json"
    state = msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()
    end = time.monotonic() + minutes * 60
    with ProcessPoolExecutor(CORES) as workers:
        for number in count(state.next):
            if time.monotonic() >= end:
                break
            jobs = [(name, workers.submit(batch, name, seed, number)) for name in READERS]
            for name, job in jobs:
                note(state, name, *job.result())
            for name in _to_size(state, number):
                state.faults += workers.submit(faults, name, SIZE).result()
                state.sized.append(name)
            state.next = number + 1
            path.write_bytes(msgspec.json.encode(state))
    print(report(seed, state))  # noqa: T201  # the figures are what the run is for
    return 1 if state.faults else 0


def _to_size(state: State, number: int) -> Iterator[str]:
    """Yield a reader whose large inputs are still to be read, one in a round."""
    left = [name for name in READERS if name not in state.sized]
    yield from left[: 1 if number % 2 == 0 else 0]


def input_of(name: str, seed: int | str) -> bytes:
    """Return the input of a reader that belongs to a seed."""
    chance = random.Random(f"{name} {seed}")  # noqa: S311 - a seeded input
    return READERS[name].mutate(chance.choice(READERS[name].seeds), chance)


def batch(name: str, seed: int, number: int) -> tuple[Counted, list[str]]:
    """Read one batch, and return what came of it with its faults."""
    found, wrong = Counted(), []
    for at in range(number * BATCH, (number + 1) * BATCH):
        raw, began = input_of(name, f"{seed} {at}"), time.monotonic()
        ends: tuple[type[Exception], ...] = (TrailsealError, *READERS[name].ends)
        found.inputs += 1
        found.begun += READERS[name].begins(raw)
        try:
            READERS[name].read(raw)
            found.good += 1
        except ends:
            pass
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the fault that is looked for
            wrong.append(f"{name} {seed} {at}: {type(problem).__name__}: {str(problem)[:200]}")
        took = time.monotonic() - began
        found.slowest = max(found.slowest, took)
        if took > SECONDS:
            wrong.append(f"{name} {seed} {at}: {took:.0f} s")
    return found, wrong


def note(state: State, name: str, found: Counted, wrong: list[str]) -> None:
    """Enter what came of a batch."""
    kept = state.counts.setdefault(name, Counted())
    kept.inputs += found.inputs
    kept.begun += found.begun
    kept.good += found.good
    kept.slowest = max(kept.slowest, found.slowest)
    state.faults += wrong


def report(seed: int, state: State) -> str:
    """Return the figures of all runs of a seed."""
    lines = [f"fuzz, seed {seed}: inputs, past the first byte, read as good, slowest"]
    for name, found in state.counts.items():
        begun, good = found.begun / max(found.inputs, 1), found.good / max(found.inputs, 1)
        lines.append(f"  {name:20} {found.inputs:9,} {begun:7.1%} {good:7.1%} {found.slowest:6.2f} s")
    inputs, begun = (
        sum(getattr(each, what) for each in state.counts.values()) for what in ("inputs", "begun")
    )
    lines.append(f"  {'all':20} {inputs:9,} {begun / max(inputs, 1):7.1%}")
    lines.append(f"  ten megabytes of each shape: {len(state.sized)} of {len(READERS)} readers")
    lines += [f"  FAULT {each}" for each in state.faults[:SHOWN]]
    return "\n".join([*lines, f"  {len(state.faults)} faults"])
