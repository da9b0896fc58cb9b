"""The same verdicts as `aws cloudtrail validate-logs`, on estates that were tampered with at random."""

from __future__ import annotations

from hour_estates import FROM
from labs import RunningLab
from same_verdicts import judge

ESTATES = 50


def test_the_aws_cli_says_the_same_of_every_file_that_it_judges(lab: RunningLab) -> None:
    assert judge(lab, range(FROM, FROM + ESTATES)) == []
