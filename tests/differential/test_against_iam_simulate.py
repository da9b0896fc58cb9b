"""
Our engine beside an outside one, over generated requests and policies.

The witness runs as its own process. Where the two differ by a reading of AWS's documentation, the
difference stands in docs/access/differences.md, and a request that shows it is asked here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from differential.calls import ALL_TOLD, calls
from differential.generated import lines
from differential.told import Told
from trailseal.access.lines import answer_line
from witnesses import ROOT, absent, on_path

FOLDER = ROOT / "tests" / "witness" / "iam-simulate"
PAGE = ROOT / "docs" / "access" / "differences.md"
COUNT = 20_000 if os.environ.get("TRAILSEAL_NIGHTLY") else 1_000


def witness(asked: list[dict[str, Any]]) -> list[str]:
    """Return what the outside engine answers to each line."""
    node = on_path("node")
    if not (FOLDER / "node_modules").exists():
        absent("the witness `iam-simulate` is not installed: make witnesses")
    given_lines = "".join(json.dumps(line) + "\n" for line in asked)
    done = subprocess.run(
        [node, str(FOLDER / "decide.mjs")], input=given_lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line)["effect"] for line in done.stdout.splitlines()]


def ours(asked: list[dict[str, Any]]) -> list[str]:
    """Return what we answer to each line."""
    return [json.loads(answer_line(json.dumps(line).encode()))["effect"] for line in asked]


def generated(count: int) -> list[dict[str, Any]]:
    """Return that many lines, the same ones in each run."""
    found: list[dict[str, Any]] = []

    @seed(20261123)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        deadline=None,
    )
    @given(lines())
    def collect(line: dict[str, Any]) -> None:
        found.append(line)

    collect()
    return found


def test_calls_of_every_kind_of_caller_differ_only_where_the_page_tells_it() -> None:
    asked = list(calls())
    differing = [
        (line["request"]["principal"], line["request"]["action"], their, my)
        for line, their, my in zip(asked, witness(asked), ours(asked), strict=True)
        if their != my and not any(told.explains(line, their, my) for told in ALL_TOLD)
    ]
    assert differing == []


def test_both_engines_answer_generated_requests_alike() -> None:
    asked = generated(COUNT)

    theirs, mine = witness(asked), ours(asked)

    assert len(theirs) == len(asked) >= COUNT * 0.9
    assert {"allowed", "implicitly_denied", "explicitly_denied"} <= set(mine)
    differing = [
        (line, their, my)
        for line, their, my in zip(asked, theirs, mine, strict=True)
        if their != my and not any(told.explains(line, their, my) for told in ALL_TOLD)
    ]
    assert differing[:1] == []


@pytest.mark.parametrize(
    "told", ALL_TOLD, ids=[f"{told.anchor}-{number}" for number, told in enumerate(ALL_TOLD)]
)
def test_a_difference_that_is_told_is_one(told: Told) -> None:
    assert (witness([told.line]), ours([told.line])) == ([told.theirs], [told.ours])


def test_each_difference_stands_on_the_page_with_the_aws_page_that_decides_it() -> None:
    sections = re.split(r"^## ", Path(PAGE).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    anchors = {s.splitlines()[0].strip().lower().replace(" ", "-"): s for s in sections}

    assert {told.anchor for told in ALL_TOLD} <= set(anchors)
    assert all("https://docs.aws.amazon.com/" in anchors[told.anchor] for told in ALL_TOLD)
