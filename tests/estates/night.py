"""
The long run over generated estates: proofs and rows attacked until the minutes are over.

It goes on where the last run of the same seed stopped: a state file tells which estates are done.
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

from estates.judged import Judged, judge_proof, judge_table, judge_who
from estates.outside import decide

BATCH = 25
CORES = os.cpu_count() or 2
STRIDE = 10_000_000
"""Estates of one SEED never meet those of another."""
WANTED_OUTSIDE = 500


class State(msgspec.Struct):
    """What was reached: the next estate, the figures, and every fault found."""

    next: int = 0
    counts: dict[str, int] = {}
    faults: list[str] = []


def run(seed: int, minutes: float, folder: Path) -> int:
    """Judge estates for so many minutes; return 1 if any fault is known, now or from before."""
    path = folder / f"nightly-proof-{seed}.json"
    state = msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()
    end = time.monotonic() + minutes * 60
    with ProcessPoolExecutor(CORES) as workers:
        for found in _judged(workers, seed * STRIDE + state.next, end):
            note(state, found)
            path.write_bytes(msgspec.json.encode(state))
    print(report(seed, state))  # noqa: T201  # the figures are what the run is for
    return 1 if state.faults else 0


def _judged(workers: ProcessPoolExecutor, first: int, end: float) -> Iterator[Judged]:
    """Yield batches in their order, so that what is done is a run of estates without gaps."""
    starts = count(first, BATCH)
    waiting = deque(workers.submit(_batch, next(starts)) for _ in range(2 * CORES))
    while waiting:
        yield waiting.popleft().result()
        if time.monotonic() < end:
            waiting.append(workers.submit(_batch, next(starts)))


def _batch(start: int) -> Judged:
    found = Judged()
    for seed in range(start, start + BATCH):
        found.add(judge_proof(seed, most=24))
        found.add(judge_who(seed, most=12))
    found.add(judge_table(start, BATCH))
    _ask_outside(found)
    found.pairs.clear()
    return found


def _ask_outside(found: Judged) -> None:
    """Let the outside engine decide the pairs that were kept; a pair that it allows is a fault."""
    answers = decide([pair for _, pair in found.pairs])
    decided = {seed for seed, _ in found.pairs}
    for (seed, pair), (fetched, decrypted) in zip(found.pairs, answers, strict=True):
        if fetched and decrypted:
            found.faults.append(f"seed {seed}: PROVEN, but iam-simulate lets {pair.who.arn} read")
    found.counts["PROVEN decided by iam-simulate too"] += len(decided)
    found.counts["pairs decided by iam-simulate"] += len(found.pairs)


def note(state: State, found: Judged) -> None:
    """Add a batch to what was reached."""
    state.next += BATCH
    state.counts = dict(sorted((Counter(state.counts) + found.counts).items()))
    state.faults += found.faults


def report(seed: int, state: State) -> str:
    """The figures of all runs of this seed, and the faults."""
    figures = [f"  {name}: {number:,}" for name, number in state.counts.items()]
    outside = state.counts.get("PROVEN decided by iam-simulate too", 0)
    short = (
        []
        if outside >= WANTED_OUTSIDE
        else [f"  fewer than {WANTED_OUTSIDE} decided by iam-simulate: run on"]
    )
    return "\n".join([f"proof, seed {seed}: {state.next:,} estates", *figures, *short, *state.faults])
