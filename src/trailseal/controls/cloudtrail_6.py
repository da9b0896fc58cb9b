"""CloudTrail.6: the bucket with the log files is not public."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.estate import by_bucket, elsewhere, no_bucket
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.bucket import Bucket, PublicAccessBlock, UnreadBucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="CloudTrail.6",
    title=N_("The bucket with the log files is not public"),
    severity=Severity.CRITICAL,
    what=N_(
        "Neither the policy nor the ACL of the bucket lets the public in, block public access considered."
    ),
    why=N_("Log files tell who works on what, from where, and which mistakes were made."),
    remedy=N_("block public access of the bucket: aws s3api put-public-access-block"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-6",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per bucket that trails deliver to."""
    for bucket, trails in by_bucket(snapshot):
        if isinstance(bucket, UnreadBucket):
            yield no_bucket(CHECK, bucket, trails)
        else:
            yield elsewhere(CHECK, bucket, snapshot, trails) or _judge(bucket, trails)


def _judge(bucket: Bucket, trails: tuple[str, ...]) -> Finding:
    ways = {"policy": _by_policy(bucket), "ACL": _by_acl(bucket)}
    if public := [way for way, answer in ways.items() if answer is True]:
        text = message("{bucket} is public by its {ways}", bucket=bucket.name, ways=", ".join(public))
        return CHECK.failed(bucket.name, text, trails=trails)
    for answer in ways.values():
        if isinstance(answer, Unreadable):
            return CHECK.unknown(bucket.name, answer, trails=trails)
    return CHECK.passed(bucket.name, message("{bucket} is not public", bucket=bucket.name), trails=trails)


def _by_policy(bucket: Bucket) -> bool | Unreadable:
    """Whether the policy lets the public in; a block that is on settles it, one not known does not."""
    block = bucket.public_access_block
    if isinstance(block, PublicAccessBlock) and block.restrict_public_buckets:
        return False
    return _unless_not_known(block, public=bucket.policy_is_public)


def _by_acl(bucket: Bucket) -> bool | Unreadable:
    block = bucket.public_access_block
    if isinstance(block, PublicAccessBlock) and block.ignore_public_acls:
        return False
    return _unless_not_known(block, public=bucket.acl_is_public)


def _unless_not_known(
    block: PublicAccessBlock | Unreadable | None, *, public: bool | Unreadable
) -> bool | Unreadable:
    return block if public is True and isinstance(block, Unreadable) else public
