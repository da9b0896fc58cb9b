"""The Region of a bucket: S3's header first, whatever else is refused, then its location."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from trailseal.aws.bucket_region import bucket_region
from trailseal.aws.response_parsers import NotAwsAnswerError

REGION = {"x-amz-bucket-region": "eu-west-3"}


class S3:
    """Answers HeadBucket and GetBucketLocation: a place, or the status that refuses."""

    def __init__(self, head=200, headers=REGION, location=403):
        self._head, self._headers, self._location = head, headers, location

    def head_bucket(self, Bucket):  # noqa: N803 - botocore's name
        return self._answer(self._head, {}, str(self._head))

    def get_bucket_location(self, Bucket):  # noqa: N803 - botocore's name
        if isinstance(self._location, int):
            return self._answer(self._location, {}, "AccessDenied")
        return {} if self._location is None else {"LocationConstraint": self._location}

    def _answer(self, status, answer, code):
        metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": self._headers}
        if status == 200:
            return answer | {"ResponseMetadata": metadata}
        raise ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "HeadBucket")


def strange(**_):
    raise NotAwsAnswerError(status=200, lacking="", start="")


@pytest.mark.parametrize("status", [200, 301, 400, 403])
def test_the_header_tells_it_whatever_the_caller_may_do(status):
    assert bucket_region(S3(head=status), "b") == "eu-west-3"


@pytest.mark.parametrize(
    ("location", "region"),
    [(None, "us-east-1"), ("", "us-east-1"), ("EU", "eu-west-1"), ("ap-northeast-1", "ap-northeast-1")],
)
@pytest.mark.parametrize("status", [200, 403])
def test_without_the_header_the_location_tells_it_by_its_old_names_too(status, location, region):
    assert bucket_region(S3(head=status, headers={}, location=location), "b") == region


@pytest.mark.parametrize("location", [None, "eu-west-3", 403])
def test_a_head_that_is_none_of_s3s_leaves_it_to_the_location(location):
    s3: Any = S3(location=location)
    s3.head_bucket = strange

    if location == 403:
        with pytest.raises(ClientError, match="AccessDenied"):
            bucket_region(s3, "b")
    else:
        assert bucket_region(s3, "b") == (location or "us-east-1")


@pytest.mark.parametrize("headers", [{}, REGION])
def test_a_bucket_that_does_not_exist_has_none(headers):
    with pytest.raises(ClientError, match="404"):
        bucket_region(S3(head=404, headers=headers, location="eu-west-1"), "b")


def test_what_s3_tells_neither_way_is_an_error():
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket_region(S3(head=403, headers={}), "b")
