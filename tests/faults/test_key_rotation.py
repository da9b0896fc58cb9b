"""`key rotate` against each fault of each call: rotated once or not at all, and what was done is told."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import patch

import pytest

from faults.account import SmallAws
from faults.plans import account_of_kind
from faults.wire import ALWAYS, Fault, Line, session
from faults.wire import KINDS as FAULTS
from plan_estate import KEY
from trailseal.aws.key_service import AwsKeyService
from trailseal.errors import TrailsealError
from trailseal.run.key import rotate

DAYS = 200
COUNTS = (1, ALWAYS)
CALLS = {
    "DescribeKey": 2,
    "EnableKeyRotation": 1,
    "RotateKeyOnDemand": 1,
    "ListKeyRotations": 3,
    "GetKeyRotationStatus": 3,
}
"""With how often each is called."""


def rotated(aws: SmallAws, fault: Fault) -> TrailsealError | None:
    """Rotate the key once and every so many days, and return the error that it ends in."""
    wired = session()
    wired.lay(Line(aws, fault))
    try:
        with patch("botocore.endpoint.time", SimpleNamespace(sleep=aws.clock.sleep)):
            rotate(KEY, AwsKeyService(wired), aws.clock, days=DAYS, now=True)
    except TrailsealError as problem:
        return problem
    return None


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("operation", CALLS)
def test_a_key_is_rotated_once_at_most_and_what_was_done_is_told(operation: str, kind: str) -> None:
    for count in COUNTS:
        for skip in range(CALLS[operation]):
            aws = account_of_kind("an existing key that serves")
            problem = rotated(aws, Fault(kind=kind, operation=operation, skip=skip, count=count))
            held = aws.keys[KEY]

            assert held["rotated"] <= 1
            if problem is None:
                assert (held["rotated"], held["days"]) == (1, DAYS)
            else:
                said = f"{problem.what} {problem.hint}"
                assert (
                    not held["days"] or "trailseal key show" in said or "run the same command again" in said
                )
                assert (f"rotates every {DAYS} days" in said) <= (held["days"] == DAYS)
                assert ("was rotated, and" in said) <= (held["rotated"] == 1)
