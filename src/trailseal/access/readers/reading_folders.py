"""
Where the events of reading a trail's log files lie: in the folders of those whose events they are.

S3 tells the caller's account and the bucket owner's of an object that was read, KMS the caller's and the key
owner's of a Decrypt. A trail of one account records that account's events alone.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-s3-bucket-policy-for-cross-account.html
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from trailseal.model.arn import account_of
from trailseal.model.bucket import Bucket
from trailseal.model.log_file import account_folder
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable


class ReadingFolders(Struct, frozen=True, kw_only=True):
    """The folders of accounts, below a bucket, whose events tell of reading."""

    needed: tuple[str, ...]
    """Without one of them somebody may have read and not be seen."""
    beside: tuple[str, ...] = ()
    """Members' own, where the bucket owner's has the same events."""
    unread: Unreadable | None = None
    """Why it is not known whose folders these are: of an organization of which nothing could be read."""


def reading_folders(snapshot: Snapshot, trail: Trail) -> ReadingFolders:
    """Return the folders that the events of reading a trail's log files lie in, where they are most first."""
    organization = snapshot.organization
    own = account_folder(prefix=trail.s3_key_prefix, organization="", account=trail.account)
    if trail.is_organization_trail and isinstance(organization, Unreadable):
        return ReadingFolders(needed=(own,), unread=organization)
    if not trail.is_organization_trail or not isinstance(organization, Organization):
        return ReadingFolders(needed=(own,))
    bucket = snapshot.bucket(trail.s3_bucket_name)
    owner = bucket.account if isinstance(bucket, Bucket) else ""
    first = dict.fromkeys(filter(None, (owner, account_of(trail.kms_key_id), trail.account)))
    members = [account for account in organization.accounts if account not in first]

    def folders(accounts: Iterable[str]) -> tuple[str, ...]:
        shared = organization.organization_id
        return tuple(
            account_folder(prefix=trail.s3_key_prefix, organization=shared, account=account)
            for account in accounts
        )

    if owner:
        return ReadingFolders(needed=folders(first), beside=folders(members))
    return ReadingFolders(needed=folders((*first, *members)))
