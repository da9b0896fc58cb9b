"""Under every condition key that AWS lists, on the key's policy: a row of `who` and the proof agree."""

from __future__ import annotations

import pytest

from estates.build import S3, Scene, X, opens_key, person, rows_of, verdict_of
from trailseal.access.keys.key import ConditionKey, SetBy, Travels, ValueType
from trailseal.access.keys.table import KEYS

AGREE = {
    "can read": {"REFUTED"},
    "unknown": {"REFUTED", "UNKNOWN"},
    "can fetch, cannot decrypt": {"PROVEN"},
}
"""What a proof may say of the one who is asked about, by his row."""
SAMPLES = {
    ValueType.STRING: ("StringEquals", "v"),
    ValueType.ARN: ("ArnLike", "arn:aws:iam::*:role/*"),
    ValueType.NUMBER: ("NumericLessThan", "5"),
    ValueType.INTEGER: ("NumericLessThan", "5"),
    ValueType.DATE: ("DateLessThan", "2030-01-01T00:00:00Z"),
    ValueType.BOOLEAN: ("Bool", "true"),
    ValueType.ADDRESS: ("IpAddress", "10.0.0.0/8"),
    ValueType.BINARY: ("BinaryEquals", "QUFB"),
}
NOT_PROMISED = tuple(
    row for row in KEYS if row.travels is Travels.UNVERIFIED and row.set_by is not SetBy.SESSION
)


def under(row: ConditionKey, operator: str, value: str) -> Scene:
    """Role x may fetch, and may decrypt under one test on the key."""
    name = f"{row.name}team" if row.family else row.name
    word = "ForAnyValue:" if row.many and operator != "Null" else ""
    return Scene(people=(person("role/x", S3),), key=(opens_key(X, {word + operator: {name: value}}),))


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.written)
def test_a_row_and_the_proof_agree(row: ConditionKey) -> None:
    for operator, value in (SAMPLES[row.values], ("Null", "true"), ("Null", "false")):
        scene = under(row, operator, value)
        assert verdict_of(scene) in AGREE[rows_of(scene)[X]]


@pytest.mark.parametrize("row", NOT_PROMISED, ids=lambda row: row.written)
def test_what_no_page_promises_in_the_call_to_kms_refutes_nothing(row: ConditionKey) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html"""
    scene = under(row, *SAMPLES[row.values])

    assert (rows_of(scene)[X], verdict_of(scene)) == ("unknown", "UNKNOWN")
