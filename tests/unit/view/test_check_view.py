"""What `check` says of the score, and of findings where there is little room."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from trailseal.controls.finding import Finding, Severity, Verdict
from trailseal.controls.score import Score
from trailseal.messages import message
from trailseal.run.check import CheckResult, CheckRow, Counts
from trailseal.view.check import print_check, scores_told
from trailseal.view.terminal import Terminal


def test_the_score_to_come_is_that_of_one_control_and_no_forecast_of_the_switch() -> None:
    out = io.StringIO()
    score = Score(
        standard="FSBP", arn="a", region="r", passed=17, failed=6, unknown=0, no_data=3, now=74, after=78
    )

    scores_told((score,), Terminal(file=out, width=120))

    assert "74 % (17 of 23 controls), 78 % if CloudTrail.2 alone turns to passed" in out.getvalue()


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
