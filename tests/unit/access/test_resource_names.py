"""Wildcards of a Resource stand within a segment of an ARN: past a colon they are not certain."""

from __future__ import annotations

import pytest

from trailseal.access.match.resource import resource_matcher

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1111"
OBJECT = "arn:aws:s3:::logs/a/b:c"


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", KEY, True),
        ("arn:aws:kms:*", KEY, True),
        ("arn:aws:kms:eu-*", KEY, True),
        ("arn:*", KEY, True),
        ("arn:aws:kms:*:123456789012:key/*", KEY, True),
        ("arn:aws:kms:eu-?est-1:*:key/1*", KEY, True),
        ("arn:aws*:kms:*:*:*", KEY, True),
        ("arn:aws:s3:::logs/*", OBJECT, True),
        ("arn:aws:s3:::logs/a*c", OBJECT, True),
        ("arn:aws:s3:::*", OBJECT, True),
        ("arn:aws:kms:us-*:123456789012:key/*", KEY, False),
        ("arn:aws:kms:*2222", KEY, False),
        ("arn:aws:s3:::l?gz/*", OBJECT, False),
        ("arn:aws:kms:*1111", KEY, None),
        ("arn:aws:kms:e*1", KEY, None),
        ("arn:aws?kms?eu-west-1:123456789012:key/1111", KEY, None),
        ("arn:aws:kms:e*key/1111", KEY, None),
        ("arn:aws:kms:*?key/1111", KEY, None),
        ("arn:aws:km?:eu-west-1:123456789012:key/1111", KEY, None),
        ("arn:aws:*:*:*:*", KEY, None),
        ("arn:aws:s3?::logs/a/b:c", OBJECT, None),
        ("arn:aws:s3*logs/*", OBJECT, None),
        ("a*1111", KEY, None),
        ("a*:aws:kms:eu-west-1:123456789012:key/1111", KEY, None),
    ],
)
def test_a_wildcard_that_has_to_pass_a_colon_is_not_certain(pattern, resource, expected):
    assert resource_matcher(pattern)(resource) is expected


@pytest.mark.parametrize("fields", range(1, 6))
@pytest.mark.parametrize("whole", [KEY, OBJECT])
def test_an_arn_with_segments_missing_may_name_all_that_they_can_be(whole, fields):
    """In an identity-based policy AWS adds a `*` for each; of other policies it does not tell."""
    short = ":".join(whole.split(":")[:fields])

    assert resource_matcher(short)(whole) is None
    assert resource_matcher(f"{short}:")(whole) is not True
    assert resource_matcher(short)("arn:aws:sqs:us-east-1:999999999999:q") is (None if fields < 3 else False)


@pytest.mark.parametrize(
    "pattern", ["arn:aws:kms:?u-west-1", "arn:aws:kms:*:?23456789012", "arn:aws:kms:eu-west-1"]
)
def test_a_short_arn_with_wildcards_is_completed_too(pattern):
    assert resource_matcher(pattern)(KEY) is None
    assert resource_matcher(pattern)(KEY.replace("eu-west-1", "us-east-1").replace("123", "999")) is False
