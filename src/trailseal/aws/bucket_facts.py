"""What a plan rests on of a bucket, read as it stands now."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.bucket_reader import read_encryption, read_policy
from trailseal.aws.bucket_region import told_region
from trailseal.aws.errors import AwsError, problem, stops, unreadable
from trailseal.aws.session import AwsSession
from trailseal.model.bucket import NO_BUCKET
from trailseal.model.unreadable import Unreadable
from trailseal.plan.facts import NOT_THERE, Fact, Facts, bucket_facts


def read_bucket_facts(session: AwsSession, name: str, *, account: str) -> Facts:
    """
    Return where the bucket lies, whether it is of `account`, its policy and its default encryption.

    Raises:
        TrailsealError: S3 does not answer.
    """
    owner, region = _whose(session, name, account)
    if isinstance(owner, Unreadable) and owner.code in NO_BUCKET:
        return NOT_THERE
    s3 = session.client("s3", region)
    return bucket_facts(
        name,
        account=owner,
        region=region or Unreadable(call="s3:ListBucket", code="UnexpectedAnswer", where=name),
        policy=read_policy(s3, name),
        encryption=read_encryption(s3, name),
    )


def _whose(session: AwsSession, name: str, account: str) -> tuple[Fact, str]:
    """Return `account` where the bucket is its, and the Region, which S3 tells with a refusal too."""
    try:
        return account, told_region(
            session.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=account)
        )
    except (ClientError, BotoCoreError) as error:
        if stops(error):
            raise problem(error, call="s3:ListBucket", where=name) from error
        return _refused(error, name)


def _refused(error: AwsError, name: str) -> tuple[Unreadable, str]:
    region = told_region(error.response) if isinstance(error, ClientError) else ""
    return unreadable(error, call="s3:ListBucket", where=name), region
