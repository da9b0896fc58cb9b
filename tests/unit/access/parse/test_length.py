"""How long a policy may be: bytes for KMS and S3, characters elsewhere, and for IAM none that are blank."""

from __future__ import annotations

import pytest

from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.length import length_problem

K = PolicyKind


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (K.KEY, 32_768),
        (K.BUCKET, 20_480),
        (K.IDENTITY, 10_240),
        (K.BOUNDARY, 6_144),
        (K.SESSION, 2_048),
        (K.TRUST, 8_192),
        (K.SCP, 10_240),
        (K.RCP, 5_120),
        (K.ENDPOINT, 20_480),
    ],
)
def test_a_policy_may_be_as_long_as_aws_says(kind: PolicyKind, most: int) -> None:
    problem = length_problem("x" * (most + 1), kind)

    assert length_problem("x" * most, kind) is None
    assert problem is not None
    assert str(most) in str(problem)
    assert str(most + 1) in str(problem)


def test_bytes_count_where_aws_counts_bytes() -> None:
    assert length_problem("é" * 20_000, K.KEY) is not None
    assert length_problem("é" * 5_120, K.RCP) is None


def test_iam_counts_no_blanks_and_organizations_do() -> None:
    text = "x" * 5_000 + " \n\t" * 2_000

    assert length_problem(text, K.BOUNDARY) is None
    assert length_problem(text, K.SCP) is not None


def test_other_resources_have_limits_of_their_own() -> None:
    assert length_problem("x" * 100_000, K.RESOURCE) is None
