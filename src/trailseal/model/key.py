"""
KMS keys as DescribeKey, GetKeyPolicy, ListGrants, ListAliases and GetKeyRotationStatus describe them.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from trailseal.model.arn import Arn
from trailseal.model.unreadable import Unreadable


class KeyState(StrEnum):
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
    UNAVAILABLE = "Unavailable"
    UPDATING = "Updating"

    @property
    def is_usable(self) -> bool:
        """Whether Decrypt and GenerateDataKey work in this state."""
        return self in {KeyState.ENABLED, KeyState.UPDATING}


class Rotation(Struct, frozen=True, kw_only=True, tag="rotation"):
    """Automatic rotation and what is known of past rotations."""

    enabled: bool
    period_in_days: int = 0
    next_rotation: datetime | None = None
    on_demand_started: datetime | None = None
    past: tuple[tuple[datetime, str], ...] | Unreadable = ()
    """Time and type (`AUTOMATIC`, `ON_DEMAND`) of each past rotation, newest first."""


class Grant(Struct, frozen=True, kw_only=True, tag="grant"):
    """
    A grant: an allow for one principal, or for what AWS lists as a service.

    A service in `grantee_principal` may stand for users, roles and accounts that are not named; in
    `grantee_service_principal` it is that service alone.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
    """

    grant_id: str
    grantee_principal: str
    operations: tuple[str, ...]
    name: str = ""
    retiring_principal: str = ""
    issuing_account: str = ""
    encryption_context_equals: dict[str, str] | None = None
    """None is no such constraint; what an empty one lets through, AWS does not say."""
    encryption_context_subset: dict[str, str] = {}
    source_arn: str = ""
    grantee_service_principal: str = ""
    retiring_service_principal: str = ""


class KeyPolicies(Struct, frozen=True, kw_only=True, tag="policies"):
    """A key's policies as JSON text; `aws_ram` is "" where the key is not shared through RAM."""

    default: str = ""
    aws_ram: str = ""


class Tags(Struct, frozen=True, kw_only=True, tag="tags"):
    """A resource's tags. A dict of its own could not stand beside `Unreadable` in a document."""

    values: dict[str, str] = {}


class KmsKey(Struct, frozen=True, kw_only=True, tag="key"):
    """
    A key with its policies as JSON text, exactly as AWS stores them.
    """

    arn: str
    state: KeyState
    key_manager: str = "CUSTOMER"
    key_spec: str = "SYMMETRIC_DEFAULT"
    key_usage: str = "ENCRYPT_DECRYPT"
    origin: str = "AWS_KMS"
    multi_region: bool = False
    multi_region_key_type: str = ""
    """`PRIMARY` or `REPLICA`, "" for a key of one Region."""
    primary_key: str = ""
    """The ARN of a multi-Region key's primary, which may be itself."""
    created: datetime | None = None
    deletion_date: datetime | None = None
    valid_to: datetime | None = None
    description: str = ""
    aliases: tuple[str, ...] | Unreadable = ()
    policies: KeyPolicies | Unreadable = KeyPolicies()
    grants: tuple[Grant, ...] | Unreadable = ()
    rotation: Rotation | Unreadable | None = None
    """None where rotation does not apply: imported material, asymmetric keys, AWS managed keys."""
    tags: Tags | Unreadable = Tags()

    @property
    def account(self) -> str:
        """The account that owns the key."""
        return Arn.parse(self.arn).account

    @property
    def region(self) -> str:
        """The Region that the key lives in."""
        return Arn.parse(self.arn).region

    @property
    def is_symmetric(self) -> bool:
        """Whether CloudTrail can use a key of this kind at all."""
        return self.key_spec == "SYMMETRIC_DEFAULT" and self.key_usage == "ENCRYPT_DECRYPT"


class UnreadKey(Struct, frozen=True, kw_only=True, tag="unread_key"):
    """A key that a trail names and that could not be described. `reason.code` may be `NotFoundException`."""

    arn: str
    reason: Unreadable

    @property
    def is_missing(self) -> bool:
        """Whether AWS said that there is no such key, as against not letting us look."""
        return self.reason.code == "NotFoundException"
