"""Fifteen realistic estates come out of the proof as a person judges them."""

from __future__ import annotations

import pytest

from estates.build import proof_of, verdict_of
from estates.fifteen import FIFTEEN, Row

ONLY_READ = tuple(row for row in FIFTEEN if row.open_world)


@pytest.mark.parametrize("row", FIFTEEN, ids=lambda row: row.name)
def test_a_realistic_estate_gets_the_verdict_of_a_person(row: Row) -> None:
    proof = proof_of(row.scene).proof

    found = (proof.verdict.value, proof.world.value if row.world else "")
    assert found == (row.verdict, row.world), (row.because, str(proof.why))


@pytest.mark.parametrize("row", ONLY_READ, ids=lambda row: row.name)
def test_what_rests_on_the_inventory_does_not_hold_in_the_open_world(row: Row) -> None:
    assert verdict_of(row.scene, open_world=True) == row.open_world
