"""
The Region of a bucket, which S3 tells in a header of HeadBucket whatever the caller may do.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
and https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from trailseal.aws.errors import code_of
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.model.bucket import NO_BUCKET

LOCATIONS = {"": "us-east-1", "EU": "eu-west-1"}
"""Location constraints that are no Region's name."""


def bucket_region(s3: Any, bucket: str) -> str:
    """
    Return the Region of a bucket.

    Raises:
        ClientError: there is no such bucket, or S3 tells neither way.
        BotoCoreError: S3 does not answer.
    """
    try:
        told = told_region(s3.head_bucket(Bucket=bucket))
    except ClientError as error:
        if code_of(error) in NO_BUCKET:
            raise
        told = told_region(error.response)
    except NotAwsAnswerError:  # an answer with a body may get through what answers a HEAD itself
        told = ""
    if told:
        return told
    place = str(s3.get_bucket_location(Bucket=bucket).get("LocationConstraint") or "")
    return LOCATIONS.get(place, place)


def told_region(answer: Mapping[str, Any]) -> str:
    """Return the Region in the headers of an answer to HeadBucket, which may be a refusal; "" for none."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get("x-amz-bucket-region", ""))
