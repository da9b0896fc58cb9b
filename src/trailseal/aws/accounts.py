"""
The accounts that one answer is about: that of the trails, and those that bucket and key may lie in.

Each is asked about what is its own. S3 does not tell whose a bucket is, it only answers whether it is the
account's that one expects.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trailseal.aws.bucket_owner import is_owned_by
from trailseal.aws.session import AwsSession


class AwsAccounts:
    """The session of the account in question, and those of further accounts."""

    def __init__(self, first: AwsSession, further: Sequence[AwsSession] = ()) -> None:
        self.first = first
        self.further = tuple(further)
        self._holding: dict[str, AwsSession] = {}

    def of(self, account: str) -> AwsSession:
        """
        Return the session of an account, the first where none is of it.

        Raises:
            TrailsealError: a further account's credentials are not usable.
        """
        return next((each for each in self.further if each.caller()[0] == account), self.first)

    def holding(self, bucket: str) -> AwsSession:
        """
        Return the session of the account that owns a bucket, the first where none is said to.

        Raises:
            TrailsealError: a further account's credentials are not usable.
        """
        if not self.further:
            return self.first
        if bucket not in self._holding:
            owners = (each for each in self.further if owns(each, bucket))
            self._holding[bucket] = next(owners, self.first)
        return self._holding[bucket]


def owns(session: AwsSession, bucket: str) -> bool:
    """
    Return whether a bucket is known to be of the session's account.

    Raises:
        TrailsealError: the credentials are not usable.
    """
    account, _ = session.caller()
    return is_owned_by(session.client("s3"), bucket, account) is True
