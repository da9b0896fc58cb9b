"""CloudTrail.6: the bucket with the log files is not public."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import bucket_remedies
from trailseal.controls.estate import by_bucket, elsewhere, no_bucket, region_of
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="CloudTrail.6",
    title=N_("The bucket with the log files is not public"),
    severity=Severity.CRITICAL,
    what=N_(
        "Neither the policy nor the ACL of the bucket lets the public in. Block Public Access counts, of the "
        "bucket or of its account, whichever is stricter."
    ),
    why=N_("Log files show who works on what, from where, and which mistakes were made."),
    remedy=N_("block public access of the bucket"),
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
    ways = {
        "policy": _lets_in(bucket.policy_is_public, bucket.restricts_public_buckets, bucket),
        "ACL": _lets_in(bucket.acl_is_public, bucket.ignores_public_acls, bucket),
    }
    if public := [way for way, answer in ways.items() if answer is True]:
        text = message("{bucket} is public by its {ways}", bucket=bucket.name, ways=", ".join(public))
        command = bucket_remedies.shut(bucket.name, region_of(bucket))
        remedy = message("block public access of the bucket: {command}", command=command)
        return CHECK.failed(bucket.name, text, trails=trails, remedy=remedy)
    if missing := dict.fromkeys(
        each for answer in ways.values() if not isinstance(answer, bool) for each in answer
    ):
        return CHECK.unknown(bucket.name, *missing, trails=trails)
    return CHECK.passed(bucket.name, message("{bucket} is not public", bucket=bucket.name), trails=trails)


def _lets_in(
    public: bool | Unreadable,  # noqa: FBT001 - S3's own word, of the policy or of the ACL
    shut: bool | None,  # noqa: FBT001 - whether Block Public Access stands against it
    bucket: Bucket,
) -> bool | tuple[Unreadable, ...]:
    """Return whether a way lets the public in, or everything that would have to be known for it."""
    if public is False or shut:
        return False
    own = (public,) if isinstance(public, Unreadable) else ()
    levels = tuple(each for each in bucket.block_levels if isinstance(each, Unreadable))
    if shut is None:
        return (*own, *levels)
    return own or True
