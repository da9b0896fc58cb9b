"""Verbs that look, against faults of each of their calls: nothing changes, and no fault makes a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from faults.looks import FAULTS, LOOKS, Replies, Said, claims_of, say, wrong_with
from faults.looks_night import State, note, of_lab, report, run
from labs import RunningLab

FEW = 4
"""Calls of each verb in the suite, each with one fault; all of them with each: `make nightly PART=looks`."""
FINDING = '"check": "c", "subject": "s", "account": "", "region": "", "verdict": "%s"'
PLAIN = f'{{"findings": [{{"finding": {{{FINDING}}}}}]}}'
SAID = Said(0, PLAIN % "pass", "", 1.0)


@pytest.fixture
def line(shared_lab: Callable[[str], RunningLab], tmp_path: Path) -> Iterator[Replies]:
    with of_lab(shared_lab("clean"), tmp_path) as found:
        yield found


def standing(lab: RunningLab) -> dict[str, Any]:
    """Return what a verb could have changed."""
    kms, trails = lab.client("kms"), lab.client("cloudtrail")
    names = [each["Name"] for each in trails.describe_trails()["trailList"]]
    found = {
        "trails": [trails.get_trail(Name=name)["Trail"] for name in names],
        "keys": sorted(each["KeyArn"] for each in kms.list_keys()["Keys"]),
        "aliases": sorted(each["AliasName"] for each in kms.list_aliases()["Aliases"]),
        "buckets": sorted(each["Name"] for each in lab.client("s3").list_buckets()["Buckets"]),
    }
    policies = [kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"] for arn in found["keys"]]
    return {**found, "policies": policies}


@pytest.mark.parametrize("verb", LOOKS)
def test_a_fault_of_one_call_makes_no_claim_and_changes_nothing(
    verb: str,
    line: Replies,
    shared_lab: Callable[[str], RunningLab],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words, before = LOOKS[verb].words, standing(shared_lab("clean"))
    usual = say(words, capsys.readouterr)
    calls = sorted(line.kinds)
    assert claims_of(verb, usual)
    first = list(LOOKS).index(verb)
    for number, call in enumerate(calls[first % 3 :: -(-len(calls) // FEW)]):
        kind, times = FAULTS[(5 * number + 2 * first) % len(FAULTS)]
        line.strike(call, kind, times)
        said = say(words, capsys.readouterr)

        assert wrong_with(verb, usual, said, fault=kind, lasts=times > 1) == "", (call, kind, times)
    line.strike("", "", 0)

    assert standing(shared_lab("clean")) == before


@pytest.mark.parametrize(
    ("said", "lasts", "wrong"),
    [
        (SAID, False, ""),
        (SAID._replace(fault="KeyError: 'x'"), True, "KeyError"),
        (SAID._replace(took=1e6), True, "1000000 s"),
        (SAID._replace(out=PLAIN % "fail"), True, "claims"),
        (SAID._replace(out=PLAIN % "unknown"), True, "without"),
        (SAID._replace(out=PLAIN % "unknown", code=4), True, ""),
        (SAID._replace(out=PLAIN % "unknown", code=4), False, "exit 4"),
        (SAID._replace(out="", code=1, err="error: no\nhint: x\n"), True, ""),
        (SAID._replace(out="", code=1, err="error: no\n"), False, "exit 1"),
        (SAID._replace(out="", code=1, err="no\n"), True, "exit 1"),
        (SAID._replace(code=3), True, "exit 3"),
    ],
)
def test_what_a_fault_may_not_do_is_seen(said: Said, lasts: bool, wrong: str) -> None:  # noqa: FBT001
    found = wrong_with("check", SAID, said, fault="", lasts=lasts)

    assert found.startswith(wrong) or wrong in found
    assert bool(found) == bool(wrong)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (SAID._replace(out=PLAIN % "fail", code=3), ""),
        (SAID._replace(out="", code=1, err="error: no\n"), ""),
        (SAID._replace(code=1, err="no\n"), "exit 1"),
        (SAID._replace(code=70), "exit 70"),
    ],
)
def test_a_lie_may_be_believed_and_no_more(said: Said, wrong: str) -> None:
    found = wrong_with("check", SAID, said, fault="another account", lasts=True)

    assert bool(found) == bool(wrong)
    assert found.startswith(wrong)


def test_a_long_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "nightly-looks-7.json"
    before = State(done={"check": ["GetTrail"]}, counts={"check: runs": 15})
    path.write_bytes(msgspec.json.encode(before))

    assert run(7, 0, tmp_path) == 0
    assert msgspec.json.decode(path.read_bytes(), type=State) == before


def test_what_a_run_found_is_told() -> None:
    state = State(faults=["check, GetTrail, cut once: exit 0"])
    note(state, "check", SAID)

    told = report(1, state)
    assert "check: ended with 0: 1" in told
    assert "FAULT check, GetTrail, cut once: exit 0" in told
