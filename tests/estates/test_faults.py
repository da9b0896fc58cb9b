"""The faults that the proof once had, and their kin, judged by AWS's pages."""

from __future__ import annotations

import random

import pytest

from estates.attack import attack
from estates.build import verdict_of
from estates.faults import READS, SHUT, Fault, faults

ALL = tuple(faults())


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_the_proof_says_nothing_that_awss_page_does_not(fault: Fault) -> None:
    assert fault.page.startswith("https://docs.aws.amazon.com/")
    assert verdict_of(fault.scene) in fault.right


def test_brute_force_agrees_with_what_a_person_wrote() -> None:
    """Somebody is found wherever it is written that somebody reads, and nowhere else."""
    odd = {"PROVEN", "REFUTED", "UNKNOWN"}
    wrong = []
    for fault in ALL:
        if "stored_forms" in fault.name or set(fault.right) == odd:
            continue
        found = attack(fault.scene, random.Random(1), open_world=False, most=48).broken  # noqa: S311  # no secret
        if (found is None and fault.right == READS) or (found is not None and fault.right == SHUT):
            wrong.append((fault.name, fault.right, found and found.who.arn))
    assert wrong == []
