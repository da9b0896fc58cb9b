"""Two checks side by side: nothing is lost between them, and what is the same is counted."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from msgspec import structs

from plan_estate import ACCOUNT, HOME, KEY, NOW, TRAIL, delivery, key, log_file, other_trail, snapshot, trail
from schema_fit import fits_schema
from trailseal.cli.main import run
from trailseal.controls.finding import Verdict
from trailseal.errors import ExitCode, UsageProblem
from trailseal.model.document import encode
from trailseal.model.securityhub import ControlState, HubFinding, SecurityHub, Standard
from trailseal.run.check import check_snapshot
from trailseal.run.compare import compare, seen_of
from trailseal.run.documents import check_in
from trailseal.view.brief.compare import compare_brief
from trailseal.view.check_compare import is_new, print_comparison, summary
from trailseal.view.json_document import json_document
from trailseal.view.terminal import Terminal


def hub(status: str) -> SecurityHub:
    controls = tuple(
        ControlState(control_id=name, status=found, enabled=True)
        for name, found in (("CloudTrail.2", status), ("A", "PASSED"))
    )
    said = HubFinding(
        finding_id="f", control_id="CloudTrail.2", account=ACCOUNT, region=HOME, resource=TRAIL,
        status=status, severity="MEDIUM", updated=NOW,
    )  # fmt: skip
    standard = Standard(arn="arn:fsbp", name="FSBP", controls=controls)
    return SecurityHub(region=HOME, standards=(standard,), findings=(said,))


BEFORE = snapshot(hubs=(hub("FAILED"),))
NEW = delivery(log_file=log_file(NOW, kms=KEY))
SWITCHED = snapshot(
    taken_at=NOW + timedelta(days=1),
    trails=(trail(kms_key_id=KEY),),
    keys=(key(),),
    deliveries=(NEW,),
    hubs=(hub("PASSED"),),
)
PAIRS = {
    "switched": (BEFORE, SWITCHED),
    "taken back": (SWITCHED, BEFORE),
    "the same": (BEFORE, BEFORE),
    "another trail": (BEFORE, structs.replace(BEFORE, trails=(trail(), other_trail("other")))),
    "a trail less": (structs.replace(BEFORE, trails=(trail(), other_trail("other"))), BEFORE),
    "nothing": (BEFORE, structs.replace(BEFORE, trails=(), deliveries=())),
    "no hub": (BEFORE, structs.replace(BEFORE, hubs=())),
    "first hub": (structs.replace(BEFORE, hubs=()), BEFORE),
}


def compared(name: str, **narrow):
    before, after = PAIRS[name]
    return compare(seen_of(check_snapshot(before)), check_snapshot(after, **narrow), **narrow)


def text(name: str, *, detail: bool = False, width: int = 1000) -> list[str]:
    out = io.StringIO()
    now = check_snapshot(PAIRS[name][1])
    print_comparison(compared(name), now, Terminal(file=out, width=width), detail=detail)
    return [line.strip() for line in out.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("name", PAIRS)
def test_each_finding_of_either_side_is_changed_or_counted_once(name):
    before, after = (check_snapshot(each) for each in PAIRS[name])
    found = compared(name)

    told = [change for each in found.trails for change in each.changed]
    same = sum(sum(structs.astuple(each.unchanged)) for each in found.trails)
    assert same + sum(change.after is not None for change in told) == len(after.findings)
    assert same + sum(change.before is not None for change in told) == len(before.findings)


@pytest.mark.parametrize("name", PAIRS)
def test_the_other_way_round_each_change_turns(name):
    def turned(found):
        return {(c.check, c.subject, c.before, c.after) for each in found.trails for c in each.changed}

    before, after = (check_snapshot(each) for each in PAIRS[name])
    back = compare(seen_of(after), before)

    assert turned(back) == {(check, what, b, a) for check, what, a, b in turned(compared(name))}


def test_the_switch_stands_before_and_now_with_the_score():
    lines = text("switched", width=100)

    assert lines[0] == f"Account {ACCOUNT}, before: 2026-11-23T12:00:00Z, now: 2026-11-24T12:00:00Z"
    row = next(line.split() for line in lines if line.startswith("CloudTrail.2"))
    assert row == ["CloudTrail.2", "FAILED", "passed", "Security", "Hub:", "FAILED", "→", "PASSED"]
    (new,) = (line for line in text("switched") if " new and passed: " in line)
    assert new.split(": ")[1].split(", ") == [
        change.check for change in compared("switched").trails[0].changed if is_new(change)
    ]
    assert "FSBP, ap-northeast-1: 50% before, 100% now" in lines
    assert any(" 1 fixed, " in f" {line}" for line in lines[-2:])


def test_what_is_worse_stands_first_with_its_reason():
    (changes, *_) = compared("taken back").trails
    lines = text("taken back")

    assert (changes.changed[0].check, changes.changed[0].after) == ("CloudTrail.2", Verdict.FAIL)
    row = next(line for line in lines if line.startswith("CloudTrail.2"))
    assert row.endswith("management-events names no KMS key, so CloudTrail delivers with SSE-S3")
    assert lines[-1].startswith("To fix first: CloudTrail.1 (high): let management-events record")


def test_what_is_new_and_passes_is_listed_with_detail():
    assert ["TS101", "-", "passed"] in [line.split()[:3] for line in text("switched", detail=True)]


def test_the_reasons_of_what_passes_are_shown_with_detail():
    assert not any("names key" in line for line in text("switched"))
    assert any("names key" in line for line in text("switched", detail=True))


@pytest.mark.parametrize("name", ["no hub", "first hub"])
def test_security_hub_that_was_asked_once_is_no_change(name):
    assert not [change for each in compared(name).trails for change in each.changed]


def test_in_brief_each_trail_has_a_line():
    lines = list(compare_brief(compared("another trail")))

    assert [line.partition(":")[0] for line in lines] == ["management-events", "other", f"account {ACCOUNT}"]
    assert "CloudTrail.2 - → FAILED" in lines[1]


def test_a_check_that_concerns_no_trail_leaves_each_line_something_to_say():
    found = compared("switched", only=("CloudTrail.1",))

    assert list(compare_brief(found)) == [
        "management-events: no changes",
        f"account {ACCOUNT}: 1 unchanged: 1 failed",
    ]


def test_what_was_not_judged_before_is_not_said_to_have_failed_since():
    """The earlier check may have been of other trails or of one control."""
    one = seen_of(check_snapshot(BEFORE, only=("CloudTrail.2",)))
    found = compare(one, check_snapshot(BEFORE))
    failed = [c for each in found.trails for c in each.changed if c.after is Verdict.FAIL]

    assert failed
    assert summary(found).startswith(f"{len(failed)} new and failed, ")
    assert "did not before" not in summary(found)
    assert "1 failed that did not before" in summary(compared("taken back"))


def test_both_sides_are_narrowed_alike():
    (only,) = compared("taken back", only=("CloudTrail.2",)).trails
    named = compared("a trail less", trails=("management-events",))

    assert [change.check for change in only.changed] == ["CloudTrail.2"]
    assert sum(structs.astuple(only.unchanged)) == 0
    assert [(each.trail, each.changed) for each in named.trails] == [(TRAIL, ())]


def test_checks_of_two_accounts_are_not_compared():
    before = structs.replace(seen_of(check_snapshot(BEFORE)), account="999999999999")

    with pytest.raises(UsageProblem, match="of account 999999999999, this check of account 123456789012"):
        compare(before, check_snapshot(BEFORE))


def test_a_snapshot_and_the_json_of_its_check_are_one(tmp_path):
    (tmp_path / "saved").write_bytes(encode(SWITCHED))
    (tmp_path / "printed").write_text(json_document(check_snapshot(SWITCHED)))

    assert check_in(tmp_path / "saved") == check_in(tmp_path / "printed") == seen_of(check_snapshot(SWITCHED))


@pytest.mark.parametrize("name", PAIRS)
def test_the_document_is_what_its_schema_says(name):
    assert fits_schema(json.loads(json_document(compared(name))), "check.compare")


def test_from_the_command_line_it_ends_as_the_check_does(tmp_path, capsys):
    (tmp_path / "before").write_bytes(encode(BEFORE))
    (tmp_path / "now").write_bytes(encode(SWITCHED))
    asked = ["check", "--snapshot", str(tmp_path / "now")]
    code = run(asked)
    capsys.readouterr()

    assert run([*asked, "--compare", str(tmp_path / "before")]) == code
    assert "CloudTrail.2" in capsys.readouterr().out
    assert run([*asked, "--compare", str(tmp_path / "before"), "--brief"]) == code
    assert len(capsys.readouterr().out.splitlines()) == 1 + (code is not ExitCode.CLEAN)
    assert run([*asked, "--compare", str(tmp_path / "before"), "--format", "json"]) == code
    assert json.loads(capsys.readouterr().out)["before"] == "2026-11-23T12:00:00Z"
