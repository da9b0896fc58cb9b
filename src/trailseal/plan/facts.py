"""
What stands in AWS, as names and texts: keys, trails and buckets, in the words of the API.

What a plan rests on and what a step changes are compared by these, one by one. A fact that could not be
read is `Unreadable`; of what is not there, `Arn` is "" and nothing else is known.
"""

from __future__ import annotations

import hashlib

from msgspec import json

from trailseal.model.bucket import BucketEncryption
from trailseal.model.key import Grant, KeyPolicies, KmsKey, Rotation, Tags, UnreadKey
from trailseal.model.trail import EventSelection, Trail, TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.document import meaning
from trailseal.plan.intent import USUAL_ROTATION
from trailseal.plan.names import WORD
from trailseal.plan.scope import TAG

Fact = str | Unreadable
Facts = dict[str, Fact]
ARN = "Arn"
POLICY, SHARED_POLICY = "Policy", "SharedPolicy"
FINGERPRINT = "sha256:"
NOT_THERE: Facts = {ARN: ""}
NO_TRAIL = "TrailNotFoundException"


def key_facts(key: KmsKey | UnreadKey) -> Facts:
    """Return what is known of a key."""
    if isinstance(key, UnreadKey):
        return NOT_THERE if key.is_missing else {ARN: key.reason}
    policies = key.policies
    return {
        ARN: key.arn,
        "AWSAccountId": key.account,
        "KeyManager": key.key_manager,
        "KeyState": key.state.value,
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
        "Origin": key.origin,
        "MultiRegionKeyType": key.multi_region_key_type,
        "PrimaryKey": key.primary_key,
        "Description": key.description,
        POLICY: policies.default if isinstance(policies, KeyPolicies) else policies,
        SHARED_POLICY: policies.aws_ram if isinstance(policies, KeyPolicies) else policies,
        "Grants": key.grants if isinstance(key.grants, Unreadable) else grants_text(key.grants),
        "RotationPeriodInDays": _rotation(key.rotation),
        "Tag": key.tags.values.get(TAG, "") if isinstance(key.tags, Tags) else key.tags,
    }


def trail_facts(trail: Trail, status: TrailStatus | Unreadable | None) -> Facts:
    """Return what is known of a trail; `status` is its home Region's."""
    found: Facts = {
        ARN: trail.arn,
        "HomeRegion": trail.home_region,
        "S3BucketName": trail.s3_bucket_name,
        "S3KeyPrefix": trail.s3_key_prefix,
        "KmsKeyId": trail.kms_key_id,
        "IsMultiRegionTrail": _yes(yes=trail.is_multi_region_trail),
        "IsOrganizationTrail": _yes(yes=trail.is_organization_trail),
        "IncludeGlobalServiceEvents": _yes(yes=trail.include_global_service_events),
        "LogFileValidationEnabled": _yes(yes=trail.log_file_validation_enabled),
        "CloudWatchLogsLogGroupArn": trail.cloud_watch_logs_log_group_arn,
        "CloudWatchLogsRoleArn": trail.cloud_watch_logs_role_arn,
        "SnsTopicARN": trail.sns_topic_arn,
    }
    if isinstance(trail.events, EventSelection):
        found["EventSelectors"] = json.encode(trail.events, order="deterministic").decode()
    elif isinstance(trail.events, Unreadable):
        found["EventSelectors"] = trail.events
    if status is not None:
        found["IsLogging"] = status if isinstance(status, Unreadable) else _yes(yes=status.is_logging)
    return found


def bucket_facts(
    name: str, *, account: Fact, region: Fact, policy: Fact, encryption: BucketEncryption | Unreadable
) -> Facts:
    """Return what is known of a bucket: whose it is, where, who may write to it, its default encryption."""
    known = encryption if isinstance(encryption, BucketEncryption) else None
    unread = encryption if isinstance(encryption, Unreadable) else None
    return {
        ARN: name,
        "AccountId": account,
        "Region": region,
        POLICY: policy,
        "SSEAlgorithm": unread or (known.sse_algorithm if known else ""),
        "KMSMasterKeyID": unread or (known.kms_master_key_id if known else ""),
        "BucketKeyEnabled": unread or _yes(yes=bool(known and known.bucket_key_enabled)),
    }


def fact_of(seen: Facts, name: str) -> Fact:
    """Return a fact, "" where there is none; of what could not be described at all, nothing is known."""
    about = seen.get(ARN, "")
    return about if isinstance(about, Unreadable) else seen.get(name, "")


def in_words(facts: Facts) -> Facts:
    """
    Return the facts as a plan holds them: what is no single word, and every policy, by its fingerprint.

    So that a plan says in no place of it what somebody liked to write there.
    """
    return {
        name: fact if isinstance(fact, Unreadable) else _in_words(name, fact) for name, fact in facts.items()
    }


def _in_words(name: str, fact: str) -> str:
    is_policy = name in {POLICY, SHARED_POLICY}
    if not fact or (not is_policy and WORD.fullmatch(fact)):
        return fact
    meant = meaning(fact) if is_policy else fact
    return FINGERPRINT + hashlib.sha256(meant.encode()).hexdigest()


def grants_text(grants: tuple[Grant, ...]) -> str:
    """Return what grants allow, without their ids, in an order that means nothing."""
    return "; ".join(sorted(_grant(each) for each in grants))


def _grant(grant: Grant) -> str:
    limits = {
        "EncryptionContextEquals": grant.encryption_context_equals,
        "EncryptionContextSubset": grant.encryption_context_subset,
        "SourceArn": grant.source_arn,
    }
    kept = {name: value for name, value in limits.items() if value not in ({}, "", None)}
    whose = grant.grantee_principal or grant.grantee_service_principal
    bounds = " " + json.encode(kept, order="deterministic").decode() if kept else ""
    return f"{whose}: {', '.join(sorted(grant.operations))}{bounds}"


def _rotation(rotation: Rotation | Unreadable | None) -> Fact:
    if isinstance(rotation, Unreadable):
        return rotation
    if rotation is None or not rotation.enabled:
        return "0"
    return str(rotation.period_in_days or USUAL_ROTATION)


def _yes(*, yes: bool) -> str:
    return "true" if yes else "false"
