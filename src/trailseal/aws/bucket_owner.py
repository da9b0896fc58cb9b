"""
Whose a bucket is: S3 does not tell, it only answers whether it is the account that one expects.

A refusal alone proves nothing, for who may not list the bucket is refused too. So the same request is sent
without an expectation.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.delivered import Looker
from trailseal.aws.errors import code_of, unreadable
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

Membership = Organization | NoOrganization | Unreadable | None
CALL = "s3:ListBucket"
MOST_ASKED = 50
"""Accounts asked about for one bucket; S3 would refuse each request but one."""
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
    refused = _refusal(s3, name)
    return False if refused is None else refused


def find_owner(s3: Any, name: str, likely: Iterable[str], *, not_of: str = "") -> str:
    """Return which of these accounts a bucket belongs to, "" where none is said to."""
    if _refusal(s3, name) is not None:
        return ""  # whoever is expected would be refused as well
    others = dict.fromkeys(account for account in likely if account != not_of)
    asked = islice(others, MOST_ASKED)
    answers = ((account, is_owned_by(s3, name, account)) for account in asked)
    return next((account for account, owned in answers if owned is True), "")


def _refusal(s3: Any, name: str) -> Unreadable | None:
    try:
        s3.head_bucket(Bucket=name)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call=CALL, where=name)
    return None


def likely_owners(s3: Any, bucket: str, trails: Iterable[Trail], organization: Membership) -> Iterator[str]:
    """
    Yield who may own a bucket: its trails' accounts, the organization's administrators, its members.

    Members are those whose log files lie in the bucket: the account that keeps everybody's is one of them.
    """
    delivering = [trail for trail in trails if trail.s3_bucket_name == bucket]
    yield from dict.fromkeys(trail.account for trail in delivering)
    if isinstance(organization, Organization):
        yield from organization.administrators
    for trail in delivering:
        yield from (account for _, account in Looker(s3, bucket).accounts(trail, organization))
