"""What `check` says of the score, and of findings where there is little room."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from plan_estate import ACCOUNT, DENIED, HOME, KEY, NOW, TRAIL, key, other_trail, snapshot, trail
from trailseal.controls.catalogue import judge
from trailseal.controls.finding import Finding, Severity, Verdict
from trailseal.controls.hub import HubView
from trailseal.controls.score import Score
from trailseal.messages import message
from trailseal.model.key import KeyState
from trailseal.model.trail import Trail
from trailseal.run.check import CheckResult, CheckRow, Counts, TrailRow, check_snapshot
from trailseal.view.check import print_check
from trailseal.view.check_findings import COMMANDS, is_long, print_findings
from trailseal.view.check_score import scores_told
from trailseal.view.terminal import Terminal
from trailseal.view.words import when


def test_the_score_to_come_is_that_of_one_control_and_no_forecast_of_the_switch() -> None:
    out = io.StringIO()
    score = Score(
        standard="FSBP", arn="a", region="r", passed=17, failed=6, unknown=0, no_data=3, now=74, after=78
    )

    scores_told((score,), Terminal(file=out, width=120))

    told = "74% now, 17 of 23 controls passed; 78% if CloudTrail.2 alone turns to passed"
    assert told in " ".join(out.getvalue().split())


def test_what_would_be_lost_stands_before_everything_else() -> None:
    out = io.StringIO()
    held = key(state=KeyState.PENDING_DELETION, deletion_date=NOW)
    (found,) = judge(snapshot(trails=(trail(kms_key_id=KEY),), keys=(held,)), frozenset({"TS102"}))
    result = CheckResult(
        account="1", caller_arn="a", region="r", taken_at=NOW, scores=(), trails=(),
        counts=Counts(passed=0, failed=1, unknown=0, no_data=0),
        findings=(CheckRow(finding=found),), unreadable=(),
    )  # fmt: skip

    print_check(result, Terminal(file=out, width=1000))

    lines = [line.strip() for line in out.getvalue().splitlines() if line.strip()]
    assert lines[2].startswith(f"LOST FOR GOOD unless somebody acts: {KEY} is PendingDeletion")
    assert "KMS deletes it at 2026-11-23T12:00:00Z" in lines[2]
    assert lines[3] == f"Fix: let a plan bring it back: trailseal plan --trail {TRAIL}"


@pytest.mark.parametrize("detail", [False, True])
def test_where_a_fix_has_no_room_its_command_alone_stays_whole(detail: bool) -> None:  # noqa: FBT001 - a case
    result = check_snapshot(snapshot(trails=(trail(is_multi_region_trail=True),)))
    failed = [row.finding.remedy for row in result.findings if row.finding.verdict is Verdict.FAIL]
    shown = [each for each in failed if each and (detail or not is_long(each))]
    commands = {str(each.facts[name]) for each in shown for name in COMMANDS if name in each.facts}
    out = io.StringIO()
    print_findings(result.findings, Terminal(file=out, width=60), detail=detail)
    lines = [line.strip() for line in out.getvalue().splitlines()]

    wide = {line for line in lines if len(line) > 60}
    assert wide == {each for each in commands if len(each) > 60}
    assert wide


def test_on_a_narrow_terminal_a_finding_s_text_stands_under_its_name() -> None:
    out = io.StringIO()
    finding = Finding(
        check="CloudTrail.2", title=message("t"), severity=Severity.MEDIUM, verdict=Verdict.FAIL,
        subject="s", text=message("management-events names no KMS key"),
    )  # fmt: skip
    result = CheckResult(
        account="1", caller_arn="a", region="r", taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        scores=(), trails=(), counts=Counts(passed=0, failed=1, unknown=0, no_data=0),
        findings=(CheckRow(finding=finding),), unreadable=(),
    )  # fmt: skip

    print_check(result, Terminal(file=out, width=40))

    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert "  FAILED  CloudTrail.2  medium" in lines
    assert "    management-events names no KMS key" in lines


def shown(result: CheckResult, *, detail: bool = False, width: int = 1000) -> list[str]:
    out = io.StringIO()
    print_check(result, Terminal(file=out, width=width), detail=detail)
    return [line.strip() for line in out.getvalue().splitlines() if line.strip()]


def row(check: str, verdict: Verdict, hub: HubView | None = None, **facts: Any) -> CheckRow:
    given: dict[str, Any] = {"title": message("t"), "severity": Severity.MEDIUM, "subject": TRAIL}
    given |= {"trails": (TRAIL,), "text": message("{check} says it", check=check)}
    return CheckRow(finding=Finding(check=check, verdict=verdict, **{**given, **facts}), security_hub=hub)


def result_of(*rows: CheckRow, trails: tuple[Trail, ...] = (trail(),), **facts: Any) -> CheckResult:
    number = {verdict: sum(each.finding.verdict is verdict for each in rows) for verdict in Verdict}
    counts = Counts(
        passed=number[Verdict.PASS], failed=number[Verdict.FAIL], unknown=number[Verdict.UNKNOWN],
        no_data=number[Verdict.NO_DATA],
    )  # fmt: skip
    given: dict[str, Any] = {"unreadable": (), "scores": (), "region": HOME, "caller_arn": "a"}
    shown_trails = tuple(TrailRow(trail=each) for each in trails)
    return CheckResult(
        account=ACCOUNT, taken_at=NOW, counts=counts, trails=shown_trails, findings=rows, **{**given, **facts}
    )


def hub_view(status: str, updated: datetime = NOW, *, disagrees: bool = False) -> HubView:
    return HubView(
        status=status, severity="MEDIUM", region=HOME, updated=updated, workflow="NEW", disagrees=disagrees
    )


PASSED = [row(name, Verdict.PASS, hub_view("PASSED")) for name in ("CloudTrail.1", "CloudTrail.4", "TS108")]
NAMES = ("prefix", "organization trail")
LONG = message("do this: {command}", command="aws " + "x" * 300)
SHORT = message("plan the switch: {command}", command=f"trailseal plan --trail {TRAIL}")


def test_what_passed_is_a_count_and_a_list_with_detail() -> None:
    result = result_of(row("CloudTrail.2", Verdict.FAIL), *PASSED)

    folded, whole = shown(result), shown(result, detail=True)

    assert "3 passed (-v lists them)" in folded
    assert not any("CloudTrail.4" in line for line in folded)
    assert [line.split() for line in whole if line.startswith("passed")] == [
        ["passed", name, "medium", name, "says", "it"] for name in ("CloudTrail.1", "CloudTrail.4", "TS108")
    ]


def test_what_security_hub_says_otherwise_of_a_passed_check_is_not_folded() -> None:
    lines = shown(result_of(row("CloudTrail.2", Verdict.PASS, hub_view("FAILED", disagrees=True)), *PASSED))

    assert "Security Hub: FAILED; it looks again within 12-24 h and should then agree" in " ".join(lines)
    assert "3 passed (-v lists them)" in lines


@pytest.mark.parametrize("width", [80, 120])
def test_the_time_of_security_hub_stands_once(width) -> None:
    at = NOW - timedelta(hours=5)
    same = [row(str(number), Verdict.FAIL, hub_view("FAILED", at)) for number in range(5)]
    apart = [*same, row("6", Verdict.FAIL, hub_view("FAILED", at + timedelta(hours=1)))]

    (told,) = (line for line in shown(result_of(*same), width=width) if when(at) in line)
    (between,) = (line for line in shown(result_of(*apart), width=width) if when(at) in line)

    assert told == f"Security Hub's findings are of {when(at)}"
    assert between == f"{told} to {when(at + timedelta(hours=1))}"


def test_each_number_of_the_last_lines_is_shown_above() -> None:
    unread = (DENIED, structs.replace(DENIED, call="securityhub:GetFindings"))
    rows = [row("A", Verdict.UNKNOWN), row("B", Verdict.FAIL, remedy=SHORT), *PASSED]
    lines = shown(result_of(*rows, unreadable=unread))

    assert lines[-2] == "1 trail: 1 check failed, 1 is not known, 3 passed, 2 calls were not answered."
    assert sum(line.startswith("UNKNOWN") for line in lines) == 1
    assert sum(line.startswith(tuple(each.call for each in unread)) for line in lines) == 2


def test_what_concerns_two_trails_is_told_with_the_first_and_named_with_the_second() -> None:
    other = other_trail("other")
    both = (TRAIL, other.arn)
    rows = [row("CloudTrail.7", Verdict.FAIL, trails=both), row("CloudTrail.6", Verdict.PASS, trails=both)]

    lines = shown(result_of(*rows, trails=(trail(), other)))

    assert sum("CloudTrail.7 says it" in line for line in lines) == 1
    assert "FAILED  CloudTrail.7: as for management-events" in lines
    assert sum("1 passed" in line for line in lines[:-1]) == 1


@pytest.mark.parametrize(
    ("rows", "facts", "last"),
    [
        (
            [
                row("X", Verdict.FAIL, remedy=LONG),
                row("Y", Verdict.FAIL, remedy=SHORT, severity=Severity.HIGH),
            ],
            {},
            f"To fix first: Y (high): plan the switch: trailseal plan --trail {TRAIL}",
        ),
        (
            [
                row("A", Verdict.FAIL, severity=Severity.CRITICAL),
                row("B", Verdict.FAIL, remedy=SHORT, loses_history=True),
            ],
            {},
            f"To fix first: B (medium): plan the switch: trailseal plan --trail {TRAIL}",
        ),
        (
            [row("X", Verdict.FAIL, remedy=LONG)],
            {},
            "To fix first: X (medium); to see how: trailseal check --control X --verbose",
        ),
        ([row("X", Verdict.FAIL)], {}, "1 trail: 1 check failed, 0 passed."),
        (PASSED, {"unreadable": (DENIED,)}, "To know the rest: trailseal permissions check"),
        (
            [row("X", Verdict.UNKNOWN)],
            {},
            "To know the rest, look again: trailseal check",
        ),
        (
            PASSED,
            {"trails": (trail(kms_key_id=KEY),)},
            "Next, prove it on the delivered objects: trailseal verify",
        ),
        (PASSED, {}, "Next, see who can read the log files: trailseal who"),
        ([], {"trails": ()}, "0 trails: 0 checks failed, 0 passed."),
    ],
)  # fmt: skip
def test_the_last_line_is_what_to_do_first_with_the_command(rows, facts, last) -> None:
    assert shown(result_of(*rows, **facts))[-1] == last


def test_a_long_command_stands_whole_with_detail_alone() -> None:
    result = result_of(row("X", Verdict.FAIL, remedy=LONG))

    assert "do this: -v prints the command" in " ".join(shown(result))
    assert f"do this: {LONG.facts['command']}" in " ".join(shown(result, detail=True))


def test_prefix_and_organization_are_told() -> None:
    lines = shown(
        result_of(trails=(trail(s3_key_prefix="audit", is_organization_trail=True), other_trail("o")))
    )

    assert [line.split() for line in lines if line.startswith("prefix")] == [
        ["prefix", "audit"],
        ["prefix", "none"],
    ]
    assert [line.split()[-1] for line in lines if line.startswith("organization trail")] == ["yes", "no"]
