"""The tests' own labs: what a scenario says of its start is true of each lab that is handed out."""

from __future__ import annotations

import pytest

from labs import Nursery


@pytest.fixture
def nursery_of(forked):
    """Nurseries whose scenarios serve for so many seconds."""
    opened: list[Nursery] = []

    def open_one(young: float) -> Nursery:
        opened.append(Nursery(forked, young))
        return opened[-1]

    yield open_one
    for nursery in opened:
        nursery.close()


def made(lab) -> list[str]:
    """Return when a scenario's keys were made, to the millisecond: names are the same in each world."""
    kms = lab.client("kms")
    keys = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    return [str(kms.describe_key(KeyId=key)["KeyMetadata"]["CreationDate"]) for key in keys]


def test_a_scenario_that_grew_old_is_built_anew_and_its_labs_go_on(nursery_of, tmp_path):
    nursery = nursery_of(0)
    first = nursery.start_lab(tmp_path / "first", "clean")
    before = made(first)

    second = nursery.start_lab(tmp_path / "second", "clean")

    assert not set(made(second)) & set(before)
    assert made(first) == before


def test_a_young_scenario_serves_for_many_labs(nursery_of, tmp_path):
    nursery = nursery_of(600)

    first, second = (nursery.start_lab(tmp_path / name, "clean") for name in ("first", "second"))

    assert made(first) == made(second) != []
