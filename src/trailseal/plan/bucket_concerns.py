"""Concerns about the bucket: what it does with objects that arrive as SSE-KMS instead of SSE-S3."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.messages import message
from trailseal.model.arn import bucket_arn
from trailseal.model.bucket import Bucket, BucketEncryption, Replication, UnreadBucket
from trailseal.model.log_file import account_folder
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, Weight, unread

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
            yield _missing(bucket, trail)
        case Bucket(region=Unreadable() as reason) | UnreadBucket(reason=reason):
            yield _refuse_unread(trail, reason)
        case _:
            yield _refuse_unread(trail, Unreadable(call="s3:GetBucketLocation", code="NotRead"))


def _missing(bucket: UnreadBucket, trail: Trail) -> Concern:
    return Concern(
        code="bucket-missing",
        weight=Weight.REFUSED,
        subject=bucket.name,
        text=message(
            "there is no bucket {bucket}: {trail} delivers nothing, and whoever makes one of that name gets "
            "the log files",
            bucket=bucket.name,
            trail=trail.name,
        ),
        remedy=message("make the bucket, or name another one, before the key: aws cloudtrail update-trail"),
        trails=(trail.arn,),
    )


def _refuse_unread(trail: Trail, reason: Unreadable) -> Concern:
    return Concern(
        code="bucket-unreadable",
        weight=Weight.UNKNOWN,
        subject=trail.s3_bucket_name,
        text=message(
            "the Region of bucket {bucket} is not known ({code}), and the key must lie in it: "
            "{call} is needed",
            bucket=trail.s3_bucket_name,
            code=reason.code,
            call=reason.call,
        ),
        trails=(trail.arn,),
    )


def _owner(bucket: Bucket, trail: Trail, snapshot: Snapshot) -> Iterator[Concern]:
    if bucket.account in {"", snapshot.account}:
        return
    yield Concern(
        code="bucket-in-other-account",
        weight=Weight.WARNING,
        subject=bucket.name,
        text=message(
            "bucket {bucket} belongs to account {owner}: its readers there need kms:Decrypt in the key's "
            "policy and in their own account's IAM policies",
            bucket=bucket.name,
            owner=bucket.account,
        ),
        remedy=message(
            "trailseal who --plan PLAN shows who would read {trail} after the switch", trail=trail.name
        ),
    )


def _policy(bucket: Bucket, trail: Trail, *, key_arn: str, partition: str) -> Iterator[Concern]:
    if isinstance(bucket.policy, Unreadable):
        yield unread("bucket-policy", bucket.name, bucket.policy)
        return
    if not bucket.policy:
        return
    asked = _delivery(bucket, trail, key_arn, partition)
    answer = authorize(asked, Policies(resource=bucket.policy), stored=True)
    telling = {"deny", "unknown", "not decided"}
    statements = ", ".join(r.statement for r in answer.reasons if r.outcome in telling)
    if answer.effect is Effect.EXPLICITLY_DENIED:
        yield Concern(
            code="bucket-policy-denies",
            weight=Weight.REFUSED,
            subject=bucket.name,
            text=message(
                "the policy of bucket {bucket} denies deliveries as aws:kms under this key: {statements}",
                bucket=bucket.name,
                statements=statements,
            ),
            remedy=message("change that statement first; deliveries would stop with AccessDenied"),
            trails=(trail.arn,),
        )
    elif answer.effect is Effect.UNKNOWN:
        yield Concern(
            code="bucket-policy-undecided",
            weight=Weight.WARNING,
            subject=bucket.name,
            text=message(
                "whether the policy of bucket {bucket} lets deliveries in as aws:kms cannot be told: "
                "{statements}",
                bucket=bucket.name,
                statements=statements,
            ),
        )


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
            yield unread("bucket-replication", bucket.name, reason)
        case Replication(rules=rules):
            skipping = [rule.rule_id for rule in rules if rule.enabled and not rule.replicates_sse_kms]
            if skipping:
                yield Concern(
                    code="replication-skips-sse-kms",
                    weight=Weight.WARNING,
                    subject=bucket.name,
                    text=message(
                        "replication of bucket {bucket} silently skips SSE-KMS objects: rule {rules}",
                        bucket=bucket.name,
                        rules=", ".join(skipping),
                    ),
                    remedy=message(
                        "add SourceSelectionCriteria.SseKmsEncryptedObjects and a ReplicaKmsKeyID to the "
                        "rule, and kms:Decrypt on the key to its role"
                    ),
                )
        case _:
            return


def _bucket_key(bucket: Bucket) -> Iterator[Concern]:
    match bucket.encryption:
        case Unreadable() as reason:
            yield unread("bucket-encryption", bucket.name, reason)
        case BucketEncryption(bucket_key_enabled=True):
            yield Concern(
                code="bucket-key",
                weight=Weight.NOTE,
                subject=bucket.name,
                text=message(
                    "bucket {bucket} uses an S3 Bucket Key: far fewer KMS requests, but a tightened key "
                    "policy takes effect only as cached bucket keys expire, and CloudTrail itself needs "
                    "kms:Decrypt",
                    bucket=bucket.name,
                ),
            )
        case _:
            return
