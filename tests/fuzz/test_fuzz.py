"""A few hundred inputs of the long run, the same ones each time."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.grown import grown
from fuzz.night import Counted, State, batch, input_of, note, report, run
from fuzz.readers import READERS
from fuzz.sizes import SECONDS, fault, inputs
from trailseal.errors import TrailsealError

SMALL, LARGE = 8_000, 300_000
MOST_LOST = 0.25
"""Of the inputs so many may end at their first byte; the others get further."""


QUICK = [name for name, reader in READERS.items() if not reader.is_slow]
SLOW = [name for name, reader in READERS.items() if reader.is_slow]


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_whatever_comes_is_a_value_or_an_error_of_the_house(name: str, seed: int) -> None:
    see(name, seed)


@pytest.mark.parametrize("name", SLOW)
@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_whatever_comes_to_a_database_is_a_value_or_an_error_of_the_house(name: str, seed: int) -> None:
    see(name, seed)


def see(name: str, seed: int) -> None:
    raw, began = input_of(name, seed), time.process_time()

    with suppress(TrailsealError, *READERS[name].ends):
        READERS[name].read(raw)

    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("name", READERS)
def test_good_inputs_are_read(name: str) -> None:
    for seed in READERS[name].seeds:
        READERS[name].read(seed)
        assert READERS[name].begins(seed)


@pytest.mark.parametrize("name", READERS)
def test_what_repeats_what_costs_most_ends(name: str) -> None:
    few = list(inputs(READERS[name], SMALL).items())[:: 8 if READERS[name].is_slow else 1]
    for shape, raw in few:
        began = time.process_time()
        with suppress(TrailsealError, *READERS[name].ends):
            READERS[name].read(raw)
        assert time.process_time() - began < SECONDS, shape


@pytest.mark.parametrize("name", READERS)
def test_good_inputs_of_which_one_part_is_large_end(name: str) -> None:
    parts = dict(grown(name, LARGE))
    chosen = [min(parts, key=lambda part: (not part.endswith(kind), len(part))) for kind in ("dict", "list")]

    assert [fault(name, part, parts[part]()) for part in dict.fromkeys(chosen)] == [""] * len(set(chosen))


@pytest.mark.parametrize("name", READERS)
def test_most_inputs_get_past_their_first_byte(name: str) -> None:
    begun = [READERS[name].begins(input_of(name, seed)) for seed in range(100)]

    assert sum(begun) >= len(begun) * (1 - MOST_LOST)


def test_a_long_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "nightly-fuzz-7.json"
    before = State(next=3, sized=list(READERS), counts={"toml": Counted(inputs=600, begun=540, good=60)})
    path.write_bytes(msgspec.json.encode(before))

    assert run(7, 0, tmp_path) == 0
    assert msgspec.json.decode(path.read_bytes(), type=State) == before


def test_a_batch_is_counted_and_its_faults_are_told() -> None:
    state = State()
    note(state, "toml", *batch("toml", 1, 0))
    note(state, "toml", Counted(inputs=1), ["toml 1 0: KeyError: x"])

    told = report(1, state)
    assert "toml" in told
    assert "FAULT toml 1 0: KeyError: x" in told
    assert state.counts["toml"].inputs == 201
