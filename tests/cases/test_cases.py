"""Every rule of AWS as a row: policies, a request, what AWS decides, by which statements, and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rows import each_row
from trailseal.access.conditions.families import OPERATORS
from trailseal.access.lines import answer_line

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.json"))
CONDITIONS = sorted(HERE.glob("conditions/*.json"))


def rows() -> list[Any]:
    """Return the cases of all topics, each named by its topic and its sentence."""
    return [
        pytest.param(case, id=f"{path.relative_to(HERE).with_suffix('')}: {case['name']}")
        for path in FILES
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


def told(reason: dict[str, str]) -> str:
    """Return a reason as the cases write it: outcome, layer, and what decided."""
    name = reason["statement"] or (reason["policy"] if reason["layer"] == "grant" else "")
    return " ".join(filter(None, (reason["outcome"], reason["layer"], name)))


@each_row("case", rows())
def test_the_engine_decides_as_aws_says(case: dict[str, Any]) -> None:
    line: dict[str, Any] = {key: case[key] for key in ("request", "policies", "derive") if key in case}
    line["unknown_context"] = case.get("unknown_context", "absent")

    answer = json.loads(answer_line(json.dumps(line).encode()))

    assert (answer["effect"], [told(r) for r in answer["reasons"]]) == (case["effect"], case["deciding"])
    assert answer["conditions"] == case.get("conditions", [])
    assert case["source"].startswith("https://docs.aws.amazon.com/")


def test_there_are_enough_cases_and_no_two_of_a_topic_share_a_name() -> None:
    names = [row.id for row in rows()]

    assert len(names) >= 1400
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_a_case(operator: str) -> None:
    assert any(f'"{operator}"' in path.read_text(encoding="utf-8") for path in CONDITIONS)
