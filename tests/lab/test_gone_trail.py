"""A trail that was deleted: its files are looked at all the same, and nothing is asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from labs import RunningLab

TRAIL = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/management-events"
BUCKET = "example-cloudtrail-logs"


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    lab = fresh_lab("story")
    lab.client("cloudtrail").delete_trail(Name=TRAIL)
    return lab


def test_its_history_and_its_costs_are_told(lab: RunningLab) -> None:
    place = ("--trail", TRAIL, "--s3-bucket", BUCKET)
    valid = lab.trailseal("history", "validate", *place, "--format", "json", "-v")
    census = lab.trailseal("history", "census", *place, "--format", "json")
    cost = lab.trailseal("cost", *place, "--format", "json")
    nameless = lab.trailseal("history", "validate", "--trail", TRAIL)

    found = json.loads(valid.stdout)
    assert (found["problems"], found["hours"]["proven"], found["hours"]["not_proven"]) == ([], 48, 0)
    assert "GetTrail" not in valid.stderr
    assert json.loads(census.stdout)["rows"], census.stderr
    assert json.loads(cost.stdout)["usage"]["deliveries"] == "counted", cost.stderr
    assert nameless.returncode == 2
