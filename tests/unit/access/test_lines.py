"""One line in, one line out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import trailseal
from trailseal.access.lines import answer_line

ALICE = "arn:aws:iam::123456789012:user/alice"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/k"
SCHEMAS = Path(trailseal.__file__).parent / "schemas"


def ask(**more: Any) -> dict[str, Any]:
    """Return the answer to a line about a key whose policy names alice, as changed."""
    document = {
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "kms:*", "Resource": "*"}
    }
    request = {"principal": ALICE, "action": "kms:Decrypt", "resource": KEY}
    line = {"id": 7, "request": request, "policies": {"identity": [], "resource": document}} | more
    answer: dict[str, Any] = json.loads(answer_line(json.dumps(line).encode()))
    return answer


def test_an_answer_has_the_id_the_effect_and_the_reasons() -> None:
    assert ask() == {
        "id": 7,
        "effect": "allowed",
        "reasons": [
            {
                "layer": "resource",
                "outcome": "allow",
                "policy": "resource[0]",
                "statement": "#1",
                "detail": "",
            }
        ],
        "conditions": [],
    }


def test_an_id_comes_back_as_it_is() -> None:
    assert ask(id={"a": [1, None]})["id"] == {"a": [1, None]}


def test_context_values_may_be_truth_values_numbers_and_lists() -> None:
    conditions = {
        "Bool": {"aws:SecureTransport": "true"},
        "NumericEquals": {"s3:max-keys": "5"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
    }
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions}
    context = {"aws:SecureTransport": True, "s3:max-keys": 5, "aws:TagKeys": ["a"]}

    answer = ask(
        request={
            "principal": ALICE,
            "action": "s3:ListBucket",
            "resource": "arn:aws:s3:::b",
            "context": context,
        },
        policies={"identity": [{"Statement": statement}]},
    )

    assert answer["effect"] == "allowed"


def test_a_document_may_be_a_text() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}

    assert (
        ask(policies={"identity": [], "resource": json.dumps({"Statement": statement})})["effect"]
        == "allowed"
    )


def test_null_is_no_layer_but_a_null_document_is_invalid() -> None:
    assert ask(policies={"identity": None, "scp": None})["effect"] == "implicitly_denied"
    assert ask(policies={"identity": [None]})["effect"] == "invalid"


def test_a_misspelt_field_of_the_line_is_invalid_and_keeps_the_id() -> None:
    answer = ask(polices={})

    assert (answer["id"], answer["effect"]) == (7, "invalid")
    assert "polices" in answer["reasons"][0]["detail"]


def test_the_place_of_a_mistake_is_told() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}}

    answer = ask(policies={"scp": [[], [{"Version": "2012-10-17", "Statement": [statement]}]]})

    assert answer["reasons"] == [
        {
            "layer": "scp",
            "outcome": "invalid",
            "policy": "",
            "statement": "[1][0].Statement[0].Condition.StringEqual",
            "detail": "no such operator",
        }
    ]


def test_a_line_that_is_not_json_has_no_id() -> None:
    assert json.loads(answer_line(b"{"))["id"] is None


def test_the_published_schemas_name_the_fields_that_are_read_and_written() -> None:
    line = json.loads((SCHEMAS / "simulate.line.json").read_text())
    answer = json.loads((SCHEMAS / "simulate.answer.json").read_text())

    assert set(line["properties"]) == {"id", "request", "policies", "derive", "unknown_context"}
    assert set(answer["properties"]) == set(ask())
    assert set(answer["properties"]["reasons"]["items"]["properties"]) == set(ask()["reasons"][0])
