"""Generated estates: no proof and no "cannot read" is broken by brute force, and ways in replay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from estates.judged import Judged, judge_proof, judge_who
from estates.outside import decide

CHUNKS = range(5)
PER_CHUNK = 20


def _judged(chunk: int, judge: Callable[[int], Judged]) -> Judged:
    total = Judged()
    for seed in range(chunk * PER_CHUNK, (chunk + 1) * PER_CHUNK):
        total.add(judge(seed))
    return total


@pytest.mark.parametrize("chunk", CHUNKS)
def test_no_proof_is_broken_and_every_way_in_replays(chunk: int) -> None:
    total = _judged(chunk, judge_proof)

    assert total.faults == []
    assert total.counts["PROVEN"] >= PER_CHUNK / 5


@pytest.mark.parametrize("chunk", CHUNKS)
def test_nobody_reads_whom_who_calls_shut_out(chunk: int) -> None:
    total = _judged(chunk, judge_who)

    assert total.faults == []


def test_an_outside_engine_lets_nobody_through_a_proof() -> None:
    pairs = _judged(0, judge_proof).pairs

    assert pairs
    read = [
        seed
        for (seed, pair), answers in zip(pairs, decide([p for _, p in pairs]), strict=True)
        if all(answers)
    ]
    assert read == []
