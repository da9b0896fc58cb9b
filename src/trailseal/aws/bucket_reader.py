"""A bucket's settings, each of which may be unreadable on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.bucket_region import bucket_region
from trailseal.aws.errors import code_of, unreadable
from trailseal.aws.threads import each
from trailseal.model.bucket import (
    NO_BUCKET,
    Bucket,
    BucketEncryption,
    PublicAccessBlock,
    Replication,
    ReplicationRule,
    UnreadBucket,
)
from trailseal.model.unreadable import NOT_ASKED, Unreadable

T = TypeVar("T")
NONE_SET = frozenset(
    {
        "NoSuchBucketPolicy",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchPublicAccessBlockConfiguration",
        "ReplicationConfigurationNotFoundError",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
        "OwnershipControlsNotFoundError",
    }
)
POLICY, ENCRYPTION = "s3:GetBucketPolicy", "s3:GetEncryptionConfiguration"
ACCOUNT_BLOCK = "s3:GetAccountPublicAccessBlock"
SETTINGS = frozenset(
    {"policy", "encryption", "public_access_block", "policy_is_public", "acl_is_public", "logging_target"}
)
OWNERSHIP = "object_ownership"
EFFECTS = frozenset({"versioning", "replication", "notifications", "object_lock", "lifecycle_rules"})
"""What a change of the objects sets off."""
PUBLIC = frozenset(
    {
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    }
)


def read_bucket(
    s3: Any, name: str, *, owner: str, region: str = "", parts: frozenset[str] = SETTINGS | EFFECTS
) -> Bucket | UnreadBucket:
    """
    Return the bucket as `s3`, a client of the bucket's Region, sees it.

    `owner` is "" when not known, `region` when it is to be asked for; settings that are not among `parts`
    are left unread.
    """
    ask = _Asker(name)
    home = region or ask("s3:GetBucketLocation", lambda: bucket_region(s3, name), none="")
    if isinstance(home, Unreadable) and home.code in NO_BUCKET:
        return UnreadBucket(name=name, reason=home)
    settings: dict[str, tuple[str, Callable[[], Any], Any]] = {
        "policy": (POLICY, lambda: _policy(s3, name), ""),
        "encryption": (ENCRYPTION, lambda: _encryption(s3, name), BucketEncryption()),
        "public_access_block": ("s3:GetBucketPublicAccessBlock", lambda: _block(s3, name), None),
        "policy_is_public": ("s3:GetBucketPolicyStatus", lambda: _policy_is_public(s3, name), False),
        "acl_is_public": ("s3:GetBucketAcl", lambda: _acl_is_public(s3, name), False),
        "logging_target": ("s3:GetBucketLogging", lambda: _logging(s3, name), ""),
        "versioning": ("s3:GetBucketVersioning", lambda: _versioning(s3, name), ""),
        "replication": ("s3:GetReplicationConfiguration", lambda: _replication(s3, name), None),
        "notifications": ("s3:GetBucketNotification", lambda: _notifications(s3, name), ()),
        "object_lock": ("s3:GetBucketObjectLockConfiguration", lambda: _object_lock(s3, name), False),
        "lifecycle_rules": ("s3:GetLifecycleConfiguration", lambda: _lifecycle_rules(s3, name), 0),
        OWNERSHIP: ("s3:GetBucketOwnershipControls", lambda: _ownership(s3, name), ""),
    }
    asked = {part: how for part, how in settings.items() if part in parts}
    answers = each(lambda part: ask(part[0], part[1], none=part[2]), asked.values())
    found = dict(zip(asked, answers, strict=True))
    unasked = {
        part: Unreadable(call=call, code=NOT_ASKED, where=name)
        for part, (call, *_) in settings.items()
        if part not in found
    }
    return Bucket(name=name, region=home, account=owner, **found, **unasked)


def read_policy(s3: Any, name: str) -> str | Unreadable:
    """Return the text of the bucket's policy, "" for none."""
    return _Asker(name)(POLICY, lambda: _policy(s3, name), none="")


def read_encryption(s3: Any, name: str) -> BucketEncryption | Unreadable:
    """Return the bucket's default encryption."""
    return _Asker(name)(ENCRYPTION, lambda: _encryption(s3, name), none=BucketEncryption())


def account_matters(bucket: Bucket) -> bool:
    """Whether its account's Block Public Access could shut out whom the bucket's own lets in."""
    by_policy = bucket.policy_is_public is not False and bucket.restricts_public_buckets is not True
    by_acl = bucket.acl_is_public is not False and bucket.ignores_public_acls is not True
    return by_policy or by_acl


def read_account_block(s3control: Any, account: str) -> PublicAccessBlock | Unreadable | None:
    """
    Return an account's Block Public Access, an organization's counted in; None where there is none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
    """

    def settings() -> PublicAccessBlock:
        return _settings(
            s3control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"]
        )

    return _Asker(account)(ACCOUNT_BLOCK, settings, none=None)


class _Asker:
    """Asks one thing after another about one bucket."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, call: str, ask: Callable[[], T], *, none: T) -> T | Unreadable:
        try:
            return ask()
        except (ClientError, BotoCoreError) as error:
            if code_of(error) in NONE_SET:
                return none
            return unreadable(error, call=call, where=self._name)


def _policy(s3: Any, name: str) -> str:
    return str(s3.get_bucket_policy(Bucket=name)["Policy"])


def _lifecycle_rules(s3: Any, name: str) -> int:
    return len(s3.get_bucket_lifecycle_configuration(Bucket=name).get("Rules", ()))


def _versioning(s3: Any, name: str) -> str:
    return str(s3.get_bucket_versioning(Bucket=name).get("Status", ""))


def _encryption(s3: Any, name: str) -> BucketEncryption:
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    rule = rules[0] if rules else {}
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    return BucketEncryption(
        sse_algorithm=default.get("SSEAlgorithm", "AES256"),
        kms_master_key_id=default.get("KMSMasterKeyID", ""),
        bucket_key_enabled=bool(rule.get("BucketKeyEnabled", False)),
    )


def _block(s3: Any, name: str) -> PublicAccessBlock:
    return _settings(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"])


def _settings(raw: dict[str, Any]) -> PublicAccessBlock:
    return PublicAccessBlock(
        block_public_acls=bool(raw.get("BlockPublicAcls")),
        ignore_public_acls=bool(raw.get("IgnorePublicAcls")),
        block_public_policy=bool(raw.get("BlockPublicPolicy")),
        restrict_public_buckets=bool(raw.get("RestrictPublicBuckets")),
    )


def _policy_is_public(s3: Any, name: str) -> bool:
    return bool(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"].get("IsPublic"))


def _acl_is_public(s3: Any, name: str) -> bool:
    grants = s3.get_bucket_acl(Bucket=name).get("Grants", ())
    return any(grant.get("Grantee", {}).get("URI") in PUBLIC for grant in grants)


def _ownership(s3: Any, name: str) -> str:
    rules = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    return str(rules[0]["ObjectOwnership"]) if rules else ""


def _logging(s3: Any, name: str) -> str:
    return str(s3.get_bucket_logging(Bucket=name).get("LoggingEnabled", {}).get("TargetBucket", ""))


def _replication(s3: Any, name: str) -> Replication | None:
    return replication_in(s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"])


def replication_in(raw: dict[str, Any]) -> Replication:
    """Return a replication configuration as S3 tells it."""
    return Replication(role=raw.get("Role", ""), rules=tuple(_rule(rule) for rule in raw.get("Rules", ())))


def _rule(raw: dict[str, Any]) -> ReplicationRule:
    selected = raw.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status")
    destination = raw.get("Destination", {})
    chosen = raw.get("Filter", {})
    prefixes = (part.get("Prefix", "") for part in (raw, chosen, chosen.get("And", {})))
    return ReplicationRule(
        rule_id=raw.get("ID", ""),
        enabled=raw.get("Status") == "Enabled",
        prefix=next(filter(None, prefixes), ""),
        destination=destination.get("Bucket", ""),
        replicates_sse_kms=selected == "Enabled",
        replica_kms_key_id=destination.get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID", ""),
    )


def _notifications(s3: Any, name: str) -> tuple[str, ...]:
    raw = s3.get_bucket_notification_configuration(Bucket=name)
    fields = (
        ("TopicConfigurations", "TopicArn"),
        ("QueueConfigurations", "QueueArn"),
        ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    )
    told = [entry[arn] for kind, arn in fields for entry in raw.get(kind, ())]
    return (*told, *(("events.amazonaws.com",) if "EventBridgeConfiguration" in raw else ()))


def _object_lock(s3: Any, name: str) -> bool:
    raw = s3.get_object_lock_configuration(Bucket=name).get("ObjectLockConfiguration", {})
    return str(raw.get("ObjectLockEnabled", "")) == "Enabled"
