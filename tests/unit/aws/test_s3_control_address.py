"""S3 Control by an address: the account in front of the host is for DNS, and only there."""

from __future__ import annotations

import pytest
from botocore.awsrequest import AWSRequest

from trailseal.aws.session import reach_by_address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://123456789012.127.0.0.1:4566/v20180820/jobs", "http://127.0.0.1:4566/v20180820/jobs"),
        ("http://123456789012.localhost:4566/v20180820/jobs", "http://localhost:4566/v20180820/jobs"),
        (
            "https://123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/jobs",
            "https://123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/jobs",
        ),
        ("https://123456789012.aws.example.com/v20180820/jobs", "https://123456789012.aws.example.com/v20180820/jobs"),
        ("https://123456789012.localhost.example.com/", "https://123456789012.localhost.example.com/"),
        ("https://123456789012.10.0.0.1.example.com/", "https://123456789012.10.0.0.1.example.com/"),
    ],
)  # fmt: skip
def test_the_account_goes_only_from_in_front_of_an_address(url, expected):
    request = AWSRequest(method="GET", url=url)

    reach_by_address(request)

    assert request.url == expected
