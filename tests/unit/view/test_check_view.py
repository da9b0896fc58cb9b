"""What `check` says of the score."""

from __future__ import annotations

import io

from rich.console import Console

from trailseal.controls.score import Score
from trailseal.view.check import scores_told


def test_the_score_to_come_is_that_of_one_control_and_no_forecast_of_the_switch() -> None:
    out = io.StringIO()
    score = Score(
        standard="FSBP", arn="a", region="r", passed=17, failed=6, unknown=0, no_data=3, now=74, after=78
    )

    scores_told((score,), Console(file=out, width=120, color_system=None))

    assert "74 % (17 of 23 controls), 78 % if CloudTrail.2 alone turns to passed" in out.getvalue()
