"""A trail's bucket with its owner, and its account's settings where they bear on it."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import structs

from trailseal.aws.bucket_owner import Membership, find_owner, likely_owners
from trailseal.aws.bucket_reader import (
    ACCOUNT_BLOCK,
    EFFECTS,
    OWNERSHIP,
    SETTINGS,
    account_matters,
    read_account_block,
    read_bucket,
)
from trailseal.aws.bucket_region import told_region
from trailseal.aws.errors import code_of, problem, stops, unreadable
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.aws.session import AwsSession
from trailseal.model.bucket import NO_BUCKET, Bucket, UnreadBucket
from trailseal.model.trail import Trail
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.run.ports import SnapshotScope


def look_at_bucket(
    session: AwsSession,
    name: str,
    *,
    account: str,
    trails: Sequence[Trail],
    organization: Membership,
    scope: SnapshotScope,
) -> Bucket | UnreadBucket:
    """
    Return a bucket as the caller, of `account`, sees it; `trails` and `organization` tell whose it may be.

    Raises:
        TrailsealError: S3 does not answer.
    """
    client = session.client("s3")
    owner = ""
    try:
        home = told_region(client.head_bucket(Bucket=name, ExpectedBucketOwner=account))
        owner = account
    except ClientError as error:
        if code_of(error) in NO_BUCKET:
            return UnreadBucket(name=name, reason=unreadable(error, call="s3:ListBucket", where=name))
        home = told_region(error.response)
    except NotAwsAnswerError:  # like a refusal a fact of this bucket, whose other answers may be S3's
        home = ""
    except BotoCoreError as error:
        if stops(error):
            raise problem(error, call="s3:ListBucket", where=name) from error
        return UnreadBucket(name=name, reason=unreadable(error, call="s3:ListBucket", where=name))
    s3 = session.client("s3", home or session.region)
    if not owner and scope.settings:
        owner = find_owner(s3, name, likely_owners(s3, name, trails, organization), not_of=account)
    found = read_bucket(s3, name, owner=owner, region=home, parts=_parts(scope))
    return _under_its_account(session, found, account) if scope.settings else found


def _parts(scope: SnapshotScope) -> frozenset[str]:
    """Return what is asked about a bucket beside its Region."""
    single = frozenset(scope.bucket_settings)
    if not scope.settings:
        return single
    effects = EFFECTS if scope.effects else frozenset()
    return single | SETTINGS | effects | ({OWNERSHIP} if scope.acls else frozenset())


def _under_its_account(
    session: AwsSession, bucket: Bucket | UnreadBucket, account: str
) -> Bucket | UnreadBucket:
    """Return the bucket with its account's Block Public Access, where that can matter."""
    if not isinstance(bucket, Bucket) or not account_matters(bucket):
        return bucket
    if bucket.account != account:
        block = Unreadable(call=ACCOUNT_BLOCK, code=NOT_ASKED, where=bucket.name)
        return structs.replace(bucket, account_block=block)
    asked = read_account_block(session.client("s3control"), account)
    return structs.replace(bucket, account_block=asked)
