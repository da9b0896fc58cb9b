"""Operators by keys by principals by places: where somebody reads none is PROVEN, where nobody, REFUTED."""

from __future__ import annotations

import pytest

from estates.judged import judge_table
from estates.table import KEYS, OPERATORS, PLACES, SIZE, STEP

CHUNKS = range(4)
PER_CHUNK = 20


def test_the_walk_comes_by_every_cell() -> None:
    assert len(KEYS) * len(OPERATORS) * len(PLACES) == SIZE
    assert len({number * STEP % SIZE for number in range(SIZE)}) == SIZE


@pytest.mark.parametrize("chunk", CHUNKS)
def test_no_cell_of_the_table_gets_a_wrong_verdict(chunk: int) -> None:
    assert judge_table(chunk * PER_CHUNK, PER_CHUNK).faults == []
