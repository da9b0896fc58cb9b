"""TS105: the key's policy lets CloudTrail in."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.controls.estate import described
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, message
from trailseal.model.arn import bucket_arn
from trailseal.model.bucket import Bucket, BucketEncryption
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.log_file import account_folder
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS105",
    title=N_("The key's policy lets CloudTrail encrypt for this trail"),
    severity=Severity.CRITICAL,
    what=N_(
        "The key's policy allows CloudTrail, with this trail as source and encryption context, to call "
        "kms:GenerateDataKey and kms:DescribeKey, and kms:Decrypt where the bucket uses an S3 Bucket Key."
    ),
    why=N_("If the policy shuts CloudTrail out, deliveries stop; they do not fall back to SSE-S3."),
    remedy=N_("let trailseal add what is missing, keeping what is there: trailseal plan --key KEY"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
)
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per trail whose key KMS describes."""
    for trail in described(snapshot):
        key = snapshot.key(trail.kms_key_id)
        if isinstance(key, KmsKey):
            yield _judge(trail, key, snapshot)


def _judge(trail: Trail, key: KmsKey, snapshot: Snapshot) -> Finding:
    if isinstance(key.policies, Unreadable):
        return CHECK.unknown(trail.arn, key.policies, trails=(trail.arn,))
    decided = {
        action: _decide(action, trail, key, key.policies, snapshot) for action in _needed(trail, snapshot)
    }
    refused = {a: d for a, d in decided.items() if d.effect not in {Effect.ALLOWED, Effect.UNKNOWN}}
    if refused:
        text = message(
            "the policy of {key} does not let CloudTrail call {actions}{why}",
            key=key.arn,
            actions=", ".join(refused),
            why=_denied_by(tuple(refused.values())),
        )
        return CHECK.failed(trail.arn, text, trails=(trail.arn,))
    if unknown := [decision for decision in decided.values() if decision.effect is Effect.UNKNOWN]:
        conditions = tuple(dict.fromkeys(each for decision in unknown for each in decision.conditions))
        text = message(
            "whether CloudTrail may use {key} depends on {conditions}",
            key=key.arn,
            conditions="; ".join(map(str, conditions)),
        )
        return CHECK.found(Verdict.UNKNOWN, trail.arn, text, trails=(trail.arn,))
    text = message("the policy of {key} lets CloudTrail in", key=key.arn)
    return CHECK.passed(trail.arn, text, trails=(trail.arn,))


def _needed(trail: Trail, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the actions that CloudTrail needs. A bucket key that is not known of is not asked for."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    encryption = bucket.encryption if isinstance(bucket, Bucket) else None
    with_bucket_key = isinstance(encryption, BucketEncryption) and encryption.bucket_key_enabled
    return ("kms:GenerateDataKey", "kms:DescribeKey", *(("kms:Decrypt",) if with_bucket_key else ()))


def _decide(action: str, trail: Trail, key: KmsKey, policies: KeyPolicies, snapshot: Snapshot) -> Decision:
    folder = account_folder(prefix=trail.s3_key_prefix, organization="", account=trail.account)
    context: dict[str, tuple[str, ...]] = {
        "aws:SourceArn": (trail.arn,),
        "aws:SourceAccount": (trail.account,),
    }
    if action != "kms:DescribeKey":
        s3 = bucket_arn(f"{trail.s3_bucket_name}/{folder}*", snapshot.partition)
        context |= {CONTEXT: (trail.arn,), "kms:EncryptionContext:aws:s3:arn": (s3,)}
    request = Request(
        principal=CLOUDTRAIL,
        action=action,
        resource=key.arn,
        resource_account=key.account,
        context=context,
    )
    shared = policies.aws_ram or None
    return authorize(request, Policies(resource=policies.default, resource_shared=shared), stored=True)


def _denied_by(refused: tuple[Decision, ...]) -> str:
    """Return the statements that deny, in brackets; "" where nothing allows."""
    named = [
        reason.statement for decision in refused for reason in decision.reasons if reason.outcome == "deny"
    ]
    return f" ({', '.join(dict.fromkeys(named))})" if named else ""
