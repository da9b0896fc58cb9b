"""Concerns about the bucket: what it does with objects that arrive as SSE-KMS instead of SSE-S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trailseal.access.cloudtrail.answers import CloudTrailAnswer, by_network
from trailseal.access.cloudtrail.trail_answers import bucket_answers
from trailseal.access.decision import Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.readers.from_snapshot import new_key_arn
from trailseal.model.arn import account_of
from trailseal.model.bucket import Bucket, BucketEncryption, Replication, UnreadBucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, concern, unread, why_unread
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.document import labels
from trailseal.plan.names import word

MOST_FOLDERS = 3
"""So many folders are named in one concern."""


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
            yield from _key_beside(bucket, snapshot, key_arn=key_arn)
            yield from _policy(bucket, trail, snapshot, key_arn=key_arn)
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


def _key_beside(bucket: Bucket, snapshot: Snapshot, *, key_arn: str) -> Iterator[Concern]:
    """
    Yield what follows where the key is of another account than the bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
    """
    account = account_of(key_arn) or snapshot.account
    if bucket.account not in {"", account}:
        facts = Details(bucket=bucket.name, owner=bucket.account, account=account)
        yield concern(Code.KEY_NOT_OF_BUCKET_OWNER, bucket.name, facts)


def _policy(bucket: Bucket, trail: Trail, snapshot: Snapshot, *, key_arn: str) -> Iterator[Concern]:
    """Yield what the bucket's policy has against deliveries after the switch, beside what it has today."""
    if isinstance(bucket.policy, Unreadable):
        yield unread(Code.BUCKET_POLICY, bucket.name, bucket.policy)
        return
    key = key_arn or new_key_arn(snapshot, trail)
    today = bucket_answers(trail, bucket.policy, snapshot, key_arn=trail.kms_key_id)
    tomorrow = bucket_answers(trail, bucket.policy, snapshot, key_arn=key)
    if denied := [each for each in tomorrow if each.is_denied]:
        works = not any(each.is_denied for each in today)
        yield _refused(bucket, bucket.policy, trail, denied, works_today=works)
    elif any(each.is_denied for each in today):
        facts = Details(bucket=bucket.name, trail=trail.name)
        yield concern(Code.DELIVERIES_NEED_THE_KEY, bucket.name, facts)
    if left_open := [each for each in tomorrow if not each.is_denied and each.effect is not Effect.ALLOWED]:
        names = tuple(dict.fromkeys(s for each in left_open for s in each.statements))
        yield _undecided(bucket, bucket.policy, names)


def _refused(
    bucket: Bucket, policy: str, trail: Trail, denied: list[CloudTrailAnswer], *, works_today: bool
) -> Concern:
    folders = tuple(dict.fromkeys(word(each.asked.folder) or "?" for each in denied if each.asked.folder))
    explicit = [each for each in denied if each.effect is Effect.EXPLICITLY_DENIED]
    if explicit:
        names = tuple(dict.fromkeys(s for each in explicit for s in each.statements))
        facts = _about(bucket, statements=labels(names, policy), folders=folders[:MOST_FOLDERS])
        return concern(Code.BUCKET_POLICY_DENIES, bucket.name, facts, trails=(trail.arn,))
    facts = _about(
        bucket,
        actions=tuple(dict.fromkeys(each.asked.request.action for each in denied)),
        folders=folders[:MOST_FOLDERS],
        works_today=works_today,
    )
    return concern(Code.BUCKET_POLICY_LACKS, bucket.name, facts, trails=(trail.arn,))


def _undecided(bucket: Bucket, policy: str, names: tuple[str, ...]) -> Concern:
    if network := by_network(policy, PolicyKind.BUCKET, names):
        facts = _about(bucket, statements=labels(network, policy))
        return concern(Code.BUCKET_POLICY_BY_NETWORK, bucket.name, facts)
    facts = Details(bucket=bucket.name, statements=labels(names, policy))
    return concern(Code.BUCKET_POLICY_UNDECIDED, bucket.name, facts)


def _about(bucket: Bucket, **facts: Any) -> Details:
    """Return the facts of a concern whose remedy puts a policy, in the Region where it is to be put."""
    region = bucket.region if isinstance(bucket.region, str) else ""
    return Details(bucket=bucket.name, bucket_region=region, **facts)


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
