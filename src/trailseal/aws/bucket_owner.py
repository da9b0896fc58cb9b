"""
Whose a bucket is: S3 does not tell, it only answers whether it is the account that one expects.

A refusal alone proves nothing, for who may not list the bucket is refused too. So the same request is sent
without an expectation.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, unreadable
from trailseal.model.unreadable import Unreadable

CALL = "s3:ListBucket"
REFUSED = frozenset({"403", "AccessDenied", "Forbidden"})


def is_owned_by(s3: Any, name: str, account: str) -> bool | Unreadable:
    """Return whether a bucket belongs to an account, `Unreadable` where this caller cannot be told."""
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except (ClientError, BotoCoreError) as error:
        if code_of(error) not in REFUSED:
            return unreadable(error, call=CALL, where=name)
    else:
        return True
    try:
        s3.head_bucket(Bucket=name)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call=CALL, where=name)
    return False
