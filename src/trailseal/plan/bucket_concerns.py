"""Concerns about the bucket: what it does with objects that arrive as SSE-KMS instead of SSE-S3."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.arn import bucket_arn
from trailseal.model.bucket import Bucket, BucketEncryption, Replication, UnreadBucket
from trailseal.model.log_file import account_folder
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, concern, unread, why_unread
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.document import labels
from trailseal.plan.names import word

ALGORITHM = "s3:x-amz-server-side-encryption"
KEY_ID = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def bucket_concerns(
    bucket: Bucket | UnreadBucket | None, trail: Trail, snapshot: Snapshot, *, key_arn: str
) -> Iterator[Concern]:
    """
    Yield what stands against SSE-KMS in the bucket that `trail` delivers to.

    `key_arn` is "" while the key has yet to be made.
    """
    match bucket:
        case Bucket(region=str()):
            yield from _owner(bucket, trail, snapshot)
            yield from _policy(bucket, trail, key_arn=key_arn, partition=snapshot.partition)
            yield from _replication(bucket)
            yield from _bucket_key(bucket)
        case UnreadBucket(is_missing=True):
            facts = Details(bucket=bucket.name, trail=trail.name)
            yield concern(Code.BUCKET_MISSING, bucket.name, facts, trails=(trail.arn,))
        case Bucket(region=Unreadable() as reason) | UnreadBucket(reason=reason):
            yield _refuse_unread(trail, reason)
        case _:
            yield _refuse_unread(trail, Unreadable(call="s3:GetBucketLocation", code="NotRead"))


def _refuse_unread(trail: Trail, reason: Unreadable) -> Concern:
    facts = why_unread(reason, Details(bucket=trail.s3_bucket_name))
    return concern(Code.BUCKET_UNREADABLE, trail.s3_bucket_name, facts, trails=(trail.arn,))


def _owner(bucket: Bucket, trail: Trail, snapshot: Snapshot) -> Iterator[Concern]:
    if bucket.account not in {"", snapshot.account}:
        facts = Details(bucket=bucket.name, owner=bucket.account, trail=trail.name)
        yield concern(Code.BUCKET_ELSEWHERE, bucket.name, facts)


def _policy(bucket: Bucket, trail: Trail, *, key_arn: str, partition: str) -> Iterator[Concern]:
    if isinstance(bucket.policy, Unreadable):
        yield unread(Code.BUCKET_POLICY, bucket.name, bucket.policy)
        return
    if not bucket.policy:
        return
    asked = _delivery(bucket, trail, key_arn, partition)
    answer = authorize(asked, Policies(resource=bucket.policy), stored=True)
    telling = {"deny", "unknown", "not decided"}
    names = tuple(r.statement for r in answer.reasons if r.outcome in telling)
    facts = Details(bucket=bucket.name, statements=labels(names, bucket.policy))
    if answer.effect is Effect.EXPLICITLY_DENIED:
        yield concern(Code.BUCKET_POLICY_DENIES, bucket.name, facts, trails=(trail.arn,))
    elif answer.effect is Effect.UNKNOWN:
        yield concern(Code.BUCKET_POLICY_UNDECIDED, bucket.name, facts)


def _delivery(bucket: Bucket, trail: Trail, key_arn: str, partition: str) -> Request:
    folder = account_folder(prefix=trail.s3_key_prefix, organization="", account=trail.account)
    key = key_arn or f"arn:{partition}:kms:{bucket.region}:{trail.account}:key/yet-to-be-made"
    return Request(
        principal=CLOUDTRAIL,
        action="s3:PutObject",
        resource=bucket_arn(f"{bucket.name}/{folder}CloudTrail/{trail.home_region}/log.json.gz", partition),
        resource_account=bucket.account or trail.account,
        context={
            "aws:SourceArn": (trail.arn,),
            "aws:SourceAccount": (trail.account,),
            "aws:SecureTransport": ("true",),
            "s3:x-amz-acl": ("bucket-owner-full-control",),
            ALGORITHM: ("aws:kms",),
            KEY_ID: (key,),
        },
    )


def _replication(bucket: Bucket) -> Iterator[Concern]:
    match bucket.replication:
        case Unreadable() as reason:
            yield unread(Code.BUCKET_REPLICATION, bucket.name, reason)
        case Replication(rules=rules):
            skipping = tuple(
                word(rule.rule_id) or f"#{position}"
                for position, rule in enumerate(rules, 1)
                if rule.enabled and not rule.replicates_sse_kms
            )
            if skipping:
                facts = Details(bucket=bucket.name, rules=skipping)
                yield concern(Code.REPLICATION_SKIPS, bucket.name, facts)
        case _:
            return


def _bucket_key(bucket: Bucket) -> Iterator[Concern]:
    match bucket.encryption:
        case Unreadable() as reason:
            yield unread(Code.BUCKET_ENCRYPTION, bucket.name, reason)
        case BucketEncryption(bucket_key_enabled=True):
            yield concern(Code.BUCKET_KEY, bucket.name, Details(bucket=bucket.name))
        case _:
            return
