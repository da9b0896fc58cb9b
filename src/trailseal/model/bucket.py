"""Buckets that trails deliver to, as the S3 bucket configuration calls describe them."""

from __future__ import annotations

from msgspec import Struct

from trailseal.model.unreadable import NOT_ASKED, Unreadable

NO_BUCKET = frozenset({"NoSuchBucket", "404"})
"""How S3 says so; the answer to a HEAD has no body, so that its status is all there is."""


class BucketEncryption(Struct, frozen=True, kw_only=True, tag="encryption"):
    """Default encryption. Source: API_ServerSideEncryptionByDefault."""

    sse_algorithm: str = "AES256"
    kms_master_key_id: str = ""
    bucket_key_enabled: bool = False


class PublicAccessBlock(Struct, frozen=True, kw_only=True, tag="public_access_block"):
    """Source: API_PublicAccessBlockConfiguration."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


class ReplicationRule(Struct, frozen=True, kw_only=True):
    """What a replication rule does with SSE-KMS objects. Source: API_ReplicationRule."""

    rule_id: str
    enabled: bool
    prefix: str = ""
    destination: str = ""
    replicates_sse_kms: bool = False
    replica_kms_key_id: str = ""


class Replication(Struct, frozen=True, kw_only=True, tag="replication"):
    """The bucket's replication configuration."""

    role: str
    rules: tuple[ReplicationRule, ...]


class Bucket(Struct, frozen=True, kw_only=True, tag="bucket"):
    """
    A bucket's settings; each part may be unreadable on its own.

    `policy` is the JSON text and "" for none; `account` is "" when the owner is not known;
    `None` means that AWS says there is no such configuration.
    """

    name: str
    region: str | Unreadable
    account: str = ""
    policy: str | Unreadable = ""
    encryption: BucketEncryption | Unreadable = BucketEncryption()
    public_access_block: PublicAccessBlock | Unreadable | None = None
    account_block: PublicAccessBlock | Unreadable | None = None
    """Its account's own Block Public Access; asked for where the bucket's policy or ACL may be public."""
    policy_is_public: bool | Unreadable = False
    acl_is_public: bool | Unreadable = False
    object_ownership: str | Unreadable = Unreadable(call="s3:GetBucketOwnershipControls", code=NOT_ASKED)
    """`BucketOwnerEnforced` (ACLs are disabled), `BucketOwnerPreferred`, `ObjectWriter` or "" (never set)."""
    logging_target: str | Unreadable = ""
    """The bucket that gets server access logs, "" for none."""
    versioning: str | Unreadable = ""
    """`Enabled`, `Suspended` or "" (never set)."""
    replication: Replication | Unreadable | None = None
    notifications: tuple[str, ...] | Unreadable = ()
    """ARNs of topics, queues and functions told of new objects; `events.amazonaws.com` for EventBridge."""
    object_lock: bool | Unreadable = False
    lifecycle_rules: int | Unreadable = 0

    @property
    def restricts_public_buckets(self) -> bool | None:
        """Whether a public policy lets nobody in but the account and AWS services; None if not known."""
        return self._is_on("restrict_public_buckets")

    @property
    def ignores_public_acls(self) -> bool | None:
        """Whether a public ACL lets nobody in; None if not known."""
        return self._is_on("ignore_public_acls")

    @property
    def block_levels(self) -> tuple[PublicAccessBlock | Unreadable | None, ...]:
        """Block Public Access of the bucket and of its account, of which the stricter holds."""
        return self.public_access_block, self.account_block

    def _is_on(self, setting: str) -> bool | None:
        """
        Return whether either level has a setting on.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        """
        if any(isinstance(b, PublicAccessBlock) and getattr(b, setting) for b in self.block_levels):
            return True
        return None if any(isinstance(b, Unreadable) for b in self.block_levels) else False

    @property
    def has_acls(self) -> bool | None:
        """
        Whether an object's ACL can let somebody in; None when that is not known.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
        """
        if isinstance(self.object_ownership, Unreadable):
            return None
        return self.object_ownership != "BucketOwnerEnforced"


class UnreadBucket(Struct, frozen=True, kw_only=True, tag="unread_bucket"):
    """A bucket that a trail names and that cannot be looked at, or does not exist (`NoSuchBucket`)."""

    name: str
    reason: Unreadable

    @property
    def is_missing(self) -> bool:
        """Whether S3 has said that there is no such bucket: anybody may make one of that name."""
        return self.reason.code in NO_BUCKET
