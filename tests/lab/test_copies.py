"""Each copy of the events on the lab: found with who reads it, and what is refused named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from copies_of_events import ANALYST, with_copies
from labs import RunningLab

ACCOUNT = "123456789012"
REFUSALS = (
    ("logs", "DescribeLogGroups"),
    ("logs", "DescribeSubscriptionFilters"),
    ("cloudtrail", "ListEventDataStores"),
    ("cloudtrail", "GetEventDataStore"),
    ("cloudtrail", "GetResourcePolicy"),
    ("s3control", "ListAccessPoints"),
    ("s3control", "GetAccessPointPolicy"),
    ("s3", "GetBucketReplication"),
)


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    lab = fresh_lab("clean")
    with_copies(lab)
    return lab


def copies(lab: RunningLab) -> tuple[list[dict[str, Any]], int]:
    done = lab.trailseal("who", "--format", "json")
    assert done.returncode in {0, 4}, done.stderr
    return json.loads(done.stdout)["trails"][0]["copies"]["copies"], done.returncode


def test_who_and_check_name_each_copy_and_what_is_refused_is_told_by_its_action(lab: RunningLab) -> None:
    found, code = copies(lab)

    assert code == 0
    assert [copy["kind"] for copy in found] == [
        "log group",
        "Event history",
        "event data store",
        "replica",
        "access point",
    ]
    for copy in found:
        assert f"arn:aws:iam::{ACCOUNT}:user/operator" in {r["principal"] for r in copy["readers"]}
    assert ANALYST not in {r["principal"] for r in found[2]["readers"]}, "the store's key is not for others"

    for service, operation in REFUSALS:
        lab.fault("denied", service=service.replace("s3control", "s3-control"), operation=operation, count=1)
    found, code = copies(lab)

    assert code == 4
    told = {each["call"].partition(":")[2] for copy in found for each in copy["unread"]}
    assert told >= {"DescribeLogGroups", "ListEventDataStores", "ListAccessPoints"}
    assert told & {"GetReplicationConfiguration"}


def test_check_looks_for_copies_only_where_it_is_asked_to(lab: RunningLab) -> None:
    plain, asked = (lab.trailseal("check", "-v", *more) for more in ((), ("--copies",)))
    called = {
        name: set(re.findall(r"(logs:\w+|cloudtrail:\w*DataStores?|s3control:ListAccessPoints)", done.stderr))
        for name, done in {"plain": plain, "asked": asked}.items()
    }

    assert called["plain"] == set()
    assert len(called["asked"]) == 5
    assert "were not looked at" in plain.stdout
    assert "Copies of the events, with their own readers" in asked.stdout
