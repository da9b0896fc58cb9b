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
    ],
)
def test_a_wildcard_that_has_to_pass_a_colon_is_not_certain(pattern, resource, expected):
    assert resource_matcher(pattern)(resource) is expected
