"""
A bucket as re-encryption must know it, and the policy of a key; each part may be unreadable on its own.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html and its
neighbours for versioning, replication, lifecycle, Object Lock and object ownership.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.bucket_owner import is_owned_by
from trailseal.aws.bucket_reader import replication_in
from trailseal.aws.errors import code_of
from trailseal.aws.inventory import read_guardrails
from trailseal.aws.organization import read_organization
from trailseal.aws.session import AwsSession
from trailseal.history.rules.shut_out import CallerWalls
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import UNSUPPORTED

Part = TypeVar("Part")
ABSENT = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ReplicationConfigurationNotFoundError",
    }
)
TARGETS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}


class AwsHistoryBucket:
    """Reads what decides how a bucket's objects can be re-encrypted, and what it causes."""

    def __init__(self, session: AwsSession, *, region: str) -> None:
        self._session = session
        self._region = region

    def bucket(self, name: str) -> Bucket:
        """Return the bucket; what could not be read is `Unreadable` inside."""
        s3 = self._session.client("s3", self._region)
        return Bucket(
            name=name,
            region=self._region,
            versioning=_read(
                "s3:GetBucketVersioning", lambda: s3.get_bucket_versioning(Bucket=name).get("Status", ""), ""
            ),
            notifications=_read(
                "s3:GetBucketNotification",
                lambda: _targets(s3.get_bucket_notification_configuration(Bucket=name)),
                (),
            ),
            replication=_read(
                "s3:GetReplicationConfiguration",
                lambda: replication_in(s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]),
                None,
            ),
            lifecycle_rules=_read(
                "s3:GetLifecycleConfiguration",
                lambda: len(s3.get_bucket_lifecycle_configuration(Bucket=name).get("Rules", [])),
                0,
            ),
            object_lock=_object_lock(s3, name),
        )

    def has_acls(self, name: str) -> bool:
        """Return whether objects can have ACLs; true when nobody says that they cannot."""
        s3 = self._session.client("s3", self._region)
        rules: list[dict[str, str]] | Unreadable = _read(
            "s3:GetBucketOwnershipControls",
            lambda: s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"],
            [],
        )
        if isinstance(rules, Unreadable):
            return True
        return not any(rule["ObjectOwnership"] == "BucketOwnerEnforced" for rule in rules)

    def has_locks(self, name: str) -> bool:
        """Return whether objects can have Object Lock; true when nobody says that they cannot."""
        s3 = self._session.client("s3", self._region)
        found = _object_lock(s3, name)
        if isinstance(found, Unreadable):
            return found.code not in UNSUPPORTED
        return found

    def is_of_account(self, name: str, account: str) -> bool | Unreadable:
        """Return whether the bucket belongs to an account, `Unreadable` where S3 does not tell."""
        return is_owned_by(self._session.client("s3", self._region), name, account)

    def walls(self, name: str) -> CallerWalls:
        """
        Return what stands over the caller in the bucket: the organization's policies, and the bucket's own.

        What may not be read is left out: a probe shows then what is allowed.
        """
        account, caller = self._session.caller()
        organizations = self._session.client("organizations")
        membership = read_organization(organizations, administrators=False)
        scp, _, _ = read_guardrails(organizations, account=account, organization=membership)
        s3 = self._session.client("s3", self._region)
        policy: str | Unreadable = _read(
            "s3:GetBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name)["Policy"], ""
        )
        return CallerWalls(
            caller=caller, scp=scp, bucket_policy="" if isinstance(policy, Unreadable) else policy
        )

    def key_policy(self, key_arn: str) -> str | None:
        """Return the text of a key's policy, None when it may not be read."""
        kms = self._session.client("kms", Arn.parse(key_arn).region)
        found: str | Unreadable = _read(
            "kms:GetKeyPolicy", lambda: kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"], ""
        )
        return None if isinstance(found, Unreadable) else found


def _object_lock(s3: Any, name: str) -> bool | Unreadable:
    return _read(
        "s3:GetBucketObjectLockConfiguration",
        lambda: "ObjectLockConfiguration" in s3.get_object_lock_configuration(Bucket=name),
        default=False,
    )


def _read(call: str, ask: Callable[[], Part], default: Part) -> Part | Unreadable:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        code = code_of(error)
        return default if code in ABSENT else Unreadable(call=call, code=code)


def _targets(found: dict[str, Any]) -> tuple[str, ...]:
    named = [rule[arn] for kind, arn in TARGETS.items() for rule in found.get(kind, [])]
    return (*named, *(("events.amazonaws.com",) if "EventBridgeConfiguration" in found else ()))
