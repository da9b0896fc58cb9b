"""The page on other tools explains each control that fails where everything should pass."""

from __future__ import annotations

import json
import re
from pathlib import Path

from peers.night import counted, differences
from peers.programs import Told

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "peers.md").read_text()
RECORD = json.loads((ROOT / "tests" / "golden" / "peers.json").read_text())
EXCUSED = PAGE.partition("## What fails in `clean`")[2].partition("## What each says")[0]


def failing(moment: str) -> set[str]:
    return {
        control
        for told in RECORD[moment].values()
        for control, counts in told.items()
        if not counts.endswith("/0")
    }


def test_what_fails_in_the_clean_scenario_stands_on_the_page_with_its_reason() -> None:
    assert (
        failing("clean before")
        == failing("clean after")
        == set(re.findall(r"`([a-zA-Z0-9_-]{6,})`", EXCUSED))
    )


def test_a_switch_mends_what_is_asked_about_the_key_of_a_trail() -> None:
    asked = {"CloudTrail.2", "cloudtrail_kms_encryption_enabled", "cloudtrail-no-encryption-with-kms",
             "trail-without-kms"}  # fmt: skip

    assert asked <= failing("story before")
    assert not asked & failing("story after")


def test_things_are_counted_by_control() -> None:
    rows = [("a", "x", True), ("a", "y", False), ("b", "", True), ("b", "y", False), ("c", "", True)]

    found = counted([Told(control=name, thing=thing, passed=passed) for name, thing, passed in rows])

    assert found == {"a": "1/1", "b": "0/1", "c": "1/0"}


def test_what_differs_from_the_record_is_told() -> None:
    record = {"clean before": {"Prowler": {"a": "1/0", "b": "1/0"}}}
    now = {"clean before": {"Prowler": {"a": "1/0", "c": "0/1"}}}

    assert len(list(differences(record, now))) == 2
    assert not list(differences(record, record))
    assert list(differences({}, now)) == ["clean before: not on record"]
