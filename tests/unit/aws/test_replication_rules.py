"""A bucket's replication rules as S3 tells them: the folder of each, in whichever form it stands."""

from __future__ import annotations

from typing import Any

import pytest

from trailseal.aws.bucket_reader import replication_in

TAGS = [{"Key": "a", "Value": "b"}]


@pytest.mark.parametrize(
    ("form", "prefix"),
    [
        ({"Prefix": "other/"}, "other/"),
        ({"Filter": {"Prefix": "other/"}}, "other/"),
        ({"Filter": {"And": {"Prefix": "other/", "Tags": TAGS}}}, "other/"),
        ({"Filter": {"And": {"Tags": TAGS}}}, ""),
        ({"Filter": {"Tag": TAGS[0]}}, ""),
        ({"Filter": {"Prefix": ""}}, ""),
        ({"Filter": {}}, ""),
        ({}, ""),
    ],
)
def test_a_rules_folder_is_read_in_every_form_of_it(form: dict[str, Any], prefix: str) -> None:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRuleFilter.html."""
    raw = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::r"}, **form}
    (rule,) = replication_in({"Role": "r", "Rules": [raw]}).rules

    assert (rule.prefix, rule.enabled, rule.destination) == (prefix, True, "arn:aws:s3:::r")
