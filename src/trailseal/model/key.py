"""
KMS keys as DescribeKey, GetKeyPolicy, ListGrants, ListAliases and GetKeyRotationStatus describe them.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from trailseal.model.arn import Arn
from trailseal.model.unreadable import Unreadable

MOST_TAGS = 1_000
"""A document that gives a resource more is none: AWS lets one have fifty of its user's."""


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

    @property
    def is_pending_deletion(self) -> bool:
        """Whether KMS will delete the key, and with it whatever opens what lies under it."""
        return self in {KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION}

    @property
    def can_be_brought_back(self) -> bool:
        """Whether calls on the key alone make it usable again, since nothing of it is lost."""
        return self is KeyState.DISABLED or self.is_pending_deletion


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

    values: Annotated[dict[str, str], Meta(max_length=MOST_TAGS)] = {}


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
    replica_keys: tuple[str, ...] = ()
    """The ARNs of a multi-Region key's replicas, which may be itself too."""
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
    def is_replica(self) -> bool:
        """Whether what is shared of it, such as rotation, is set on its primary."""
        return self.multi_region_key_type == "REPLICA"

    @property
    def is_symmetric(self) -> bool:
        """Whether CloudTrail can use a key of this kind at all."""
        return self.key_spec == "SYMMETRIC_DEFAULT" and self.key_usage == "ENCRYPT_DECRYPT"


class KeyMaterial(Struct, frozen=True, kw_only=True, tag="material"):
    """
    One material of a key, in AWS's words.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html
    """

    material_id: str
    state: str = ""
    """`CURRENT`, `NON_CURRENT`, `PENDING_ROTATION` or `PENDING_MULTI_REGION_IMPORT_AND_ROTATION`."""
    import_state: str = ""
    valid_to: datetime | None = None
    rotated: datetime | None = None


class KeyLastUse(Struct, frozen=True, kw_only=True, tag="use"):
    """
    The last cryptographic operation that a key was used for, as far as KMS has kept it.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
    """

    operation: str = ""
    """"" where KMS knows of none."""
    at: datetime | None = None
    tracked_since: datetime | None = None
    """Since when KMS has kept it; a key that is older may have been used before."""
    created: datetime | None = None
    user: str | Unreadable = ""
    """Who it was, as CloudTrail's Event history tells it; "" where that shows no such event."""


class UnreadKey(Struct, frozen=True, kw_only=True, tag="unread_key"):
    """A key that a trail names and that could not be described. `reason.code` may be `NotFoundException`."""

    arn: str
    reason: Unreadable

    @property
    def is_missing(self) -> bool:
        """Whether AWS said that there is no such key, as against not letting us look."""
        return self.reason.code == "NotFoundException"


def unread_key(arn: str) -> UnreadKey:
    """Return a key that nobody asked about: it is no more known than one that may not be described."""
    return UnreadKey(arn=arn, reason=Unreadable(call="kms:DescribeKey", code="NotRead", where=arn))
