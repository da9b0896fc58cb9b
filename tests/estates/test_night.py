"""The long run keeps count over its parts, so that it goes on where it stopped."""

from __future__ import annotations

from collections import Counter

import msgspec

from estates.judged import Judged
from estates.night import BATCH, State, note, report


def test_what_is_done_is_added_up_and_survives_being_written() -> None:
    state = State()
    note(state, Judged(counts=Counter({"PROVEN": 3})))
    again = msgspec.json.decode(msgspec.json.encode(state), type=State)
    note(again, Judged(counts=Counter({"PROVEN": 2, "UNKNOWN": 1}), faults=["seed 7: wrong"]))

    assert again == State(next=2 * BATCH, counts={"PROVEN": 5, "UNKNOWN": 1}, faults=["seed 7: wrong"])


def test_the_report_tells_the_count_reached_and_what_is_missing() -> None:
    few = report(1, State(next=1_000, counts={"PROVEN decided by iam-simulate too": 7}))
    enough = report(
        1, State(next=9_000, counts={"PROVEN decided by iam-simulate too": 500}, faults=["seed 3"])
    )

    assert few.splitlines() == [
        "proof, seed 1: 1,000 estates",
        "  PROVEN decided by iam-simulate too: 7",
        "  fewer than 500 decided by iam-simulate: run on",
    ]
    assert enough.splitlines()[-1] == "seed 3"
