"""A fault is shown as it waits: nothing that was asked of it is left out of the document."""

from __future__ import annotations

import json

import pytest

GIVEN = {
    "service": "kms",
    "operation": "Decrypt",
    "region": "us-east-1",
    "kind": "slow",
    "count": 7,
    "skip": 3,
    "seconds": 0.5,
}


@pytest.fixture
def waiting():
    """One fault, as the control page answers it."""
    from trailseal_lab.control import _add_fault
    from trailseal_lab.world import World

    return lambda **more: _add_fault(World(), {**GIVEN, **more}, lambda: None)


def test_the_document_has_all_that_was_asked(waiting, capsys):
    from trailseal_lab.verbs.shown import show_faults

    show_faults(waiting(), as_json=True)

    found = json.loads(capsys.readouterr().out)
    assert (found["faults"], found["held"]) == ([GIVEN], 0)


@pytest.mark.parametrize(
    ("region", "line"),
    [
        ("*", "kms Decrypt: slow, next 7 calls"),
        ("us-east-1", "kms Decrypt in us-east-1: slow, next 7 calls"),
    ],
)
def test_the_line_names_the_region_where_there_is_one(waiting, capsys, region, line):
    from trailseal_lab.verbs.shown import show_faults

    show_faults(waiting(region=region), as_json=False)

    assert capsys.readouterr().out.strip() == line
