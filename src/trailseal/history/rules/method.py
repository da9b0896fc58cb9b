"""
Which way each object is re-encrypted, and why: UpdateObjectEncryption, CopyObject in place, or not at all.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from trailseal.history.rules.manifest import Row
from trailseal.messages import N_
from trailseal.model.arn import Arn
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import time_in

COPY_LIMIT = 5 * 1024**3
FROZEN = frozenset({"GLACIER", "DEEP_ARCHIVE"})


class Method(StrEnum):
    """What is done with an object."""

    UPDATE = "UpdateObjectEncryption"
    COPY = "CopyObject"
    NOTHING = "nothing to do"
    SKIP = "skipped"


class MethodReason(StrEnum):
    """Why that method; each has a sentence in `SENTENCES`."""

    SEALED = "sealed"
    UPDATE = "update"
    CONTEXT_WANTED = "context-wanted"
    UPDATE_NOT_PROVEN = "update-not-proven"
    UPDATE_DENIED = "update-denied"
    KEY_ELSEWHERE = "key-elsewhere"
    WAS_NOT_ENCRYPTED = "was-not-encrypted"
    LOCKED_FOR_UPDATE = "locked-for-update"
    LOCK_ENDED = "lock-ended"
    OTHER_KEY = "other-key"
    KEY_NOT_NAMED = "key-not-named"
    COMPLIANCE = "compliance"
    DSSE = "dsse"
    SSE_C = "sse-c"
    ARCHIVED = "archived"
    TOO_LARGE = "too-large"
    OLDER_VERSION = "older-version"
    ACL_UNREAD = "acl-unread"
    LOCK_UNREAD = "lock-unread"
    UNKNOWN_ENCRYPTION = "unknown-encryption"
    PROBE = "probe"


SENTENCES = {
    MethodReason.SEALED: N_("is encrypted with the key already"),
    MethodReason.UPDATE: N_("moves no data; LastModified, ETag, metadata, storage class and version stay"),
    MethodReason.CONTEXT_WANTED: N_(
        "the encryption context of the trail is wanted, which only a copy can give"
    ),
    MethodReason.UPDATE_NOT_PROVEN: N_("UpdateObjectEncryption is not proven to work here"),
    MethodReason.UPDATE_DENIED: N_("a policy denies UpdateObjectEncryption here, whatever IAM allows"),
    MethodReason.KEY_ELSEWHERE: N_(
        "the key is not in the bucket's account, which UpdateObjectEncryption needs"
    ),
    MethodReason.WAS_NOT_ENCRYPTED: N_("has no encryption, which UpdateObjectEncryption refuses"),
    MethodReason.LOCKED_FOR_UPDATE: N_(
        "has Object Lock; the copy is a new version with the same lock, the old one stays"
    ),
    MethodReason.LOCK_ENDED: N_(
        "had a retention that has ended; the copy is a new version without it, the old one stays"
    ),
    MethodReason.OTHER_KEY: N_("is encrypted with another KMS key (`--from-other-keys` to include it)"),
    MethodReason.KEY_NOT_NAMED: N_(
        "is encrypted with a KMS key that the inventory does not name, and is asked about first"
    ),
    MethodReason.COMPLIANCE: N_("is locked in compliance mode"),
    MethodReason.DSSE: N_("is encrypted with DSSE-KMS"),
    MethodReason.SSE_C: N_("is encrypted with a key that the customer sends (SSE-C)"),
    MethodReason.ARCHIVED: N_("is archived and would have to be restored first, at a price"),
    MethodReason.TOO_LARGE: N_("is larger than 5 GB, more than one copy can hold"),
    MethodReason.OLDER_VERSION: N_("is an older version, which a copy would bring to the front"),
    MethodReason.ACL_UNREAD: N_("its ACL could not be read (s3:GetObjectAcl), and a copy would lose it"),
    MethodReason.LOCK_UNREAD: N_(
        "its lock could not be read (s3:GetObjectRetention, s3:GetObjectLegalHold), and a copy would lack it"
    ),
    MethodReason.UNKNOWN_ENCRYPTION: N_("its encryption is not known"),
    MethodReason.PROBE: N_("is trailseal's own probe"),
}


CERTAIN = frozenset(
    {MethodReason.PROBE, MethodReason.SSE_C, MethodReason.DSSE, MethodReason.SEALED, MethodReason.OTHER_KEY}
)
"""What even a bare row settles; the keys are of an S3 Metadata table, which names them."""


class Choice(Struct, frozen=True):
    """The method for one object, with its reason."""

    method: Method
    reason: MethodReason

    @property
    def acts(self) -> bool:
        """Whether anything is changed."""
        return self.method in {Method.UPDATE, Method.COPY}


class Target(Struct, frozen=True, kw_only=True):
    """
    What objects should become, and what is known to work.

    `update` is true only after a probe, `update_denied` where a policy forbids it; `context` is the JSON of
    the encryption context that copies carry, "" for none; `key_in_bucket_account` is what
    UpdateObjectEncryption asks for unless AWS Support has allowed other accounts' keys, and false only where
    it is known to be.
    """

    bucket: str
    key_arn: str
    bucket_key: bool = False
    update: bool = False
    update_denied: bool = False
    key_in_bucket_account: bool = True
    context: str = ""
    context_wanted: bool = False
    versioned: bool = False
    from_other_keys: bool = False
    acls: bool = False
    """Objects can have ACLs, which are asked for where a row is bare."""
    locks: bool = False
    """Objects can have Object Lock, which is asked for in the same way."""
    now: datetime | None = None
    """What ends before is over: a copy can be given no retention that has ended."""

    @property
    def partition(self) -> str:
        """The part of AWS that the key and the bucket are in: `aws`, `aws-cn`, `aws-us-gov`."""
        return Arn.parse(self.key_arn).partition


PROBE_PREFIX = ".trailseal-probe/"


def is_asked_first(row: Row, choice: Choice) -> bool:
    """Return whether S3 is asked about the object before the choice stands."""
    return row.bare and choice.reason not in CERTAIN and not _is_unnamed(row)


def choose(row: Row, target: Target) -> Choice:
    """
    Return what is done with an object. What cannot be done is skipped with its reason, never tried.

    For a bare row it is what is expected, and it is chosen again once S3 was asked.
    """
    if _is_unnamed(row):
        return Choice(Method.SKIP, MethodReason.OLDER_VERSION)
    if (settled := _settled(row, target)) is not None:
        return settled
    why_copy = _why_not_update(row, target)
    if why_copy is None:
        return Choice(Method.UPDATE, MethodReason.UPDATE)
    why_skip = _why_not_copy(row, target)
    if why_skip is not None:
        return Choice(Method.SKIP, why_skip)
    return Choice(Method.COPY, why_copy)


def _is_unnamed(row: Row) -> bool:
    """Whether it is an older version without an ID: a request would reach the newest instead."""
    return not row.latest and not row.version_id


def _settled(row: Row, target: Target) -> Choice | None:
    if row.key.startswith(PROBE_PREFIX):
        return Choice(Method.SKIP, MethodReason.PROBE)
    if row.customer_key:
        return Choice(Method.SKIP, MethodReason.SSE_C)
    match row.encryption:
        case "aws:kms":
            return _settled_kms(row, target)
        case "aws:kms:dsse":
            return Choice(Method.SKIP, MethodReason.DSSE)
        case "AES256" | "":
            return None
        case _:
            return Choice(Method.SKIP, MethodReason.UNKNOWN_ENCRYPTION)


def _settled_kms(row: Row, target: Target) -> Choice | None:
    if row.kms_key_id == target.key_arn:
        return Choice(Method.NOTHING, MethodReason.SEALED)
    if row.bare and not row.kms_key_id and not target.from_other_keys:
        return Choice(Method.NOTHING, MethodReason.KEY_NOT_NAMED)
    return None if target.from_other_keys else Choice(Method.SKIP, MethodReason.OTHER_KEY)


def _why_not_update(row: Row, target: Target) -> MethodReason | None:
    if not target.update:
        return _why_no_update(target)
    if not row.encryption:
        return MethodReason.WAS_NOT_ENCRYPTED
    if is_retained(row, target) or row.legal_hold or row.event_hold:
        return MethodReason.LOCKED_FOR_UPDATE
    if row.lock_mode:
        return MethodReason.LOCK_ENDED
    return MethodReason.CONTEXT_WANTED if target.context_wanted and row.latest else None


def _why_no_update(target: Target) -> MethodReason:
    if not target.key_in_bucket_account:
        return MethodReason.KEY_ELSEWHERE
    return MethodReason.UPDATE_DENIED if target.update_denied else MethodReason.UPDATE_NOT_PROVEN


def is_retained(row: Row, target: Target) -> bool:
    """Whether a retention is in force; one whose end is not understood is."""
    if not row.lock_mode:
        return False
    try:
        until = time_in(row.lock_until)
    except ForeignError:
        return True
    return target.now is None or until > target.now


def _why_not_copy(row: Row, target: Target) -> MethodReason | None:
    if not row.latest:
        return MethodReason.OLDER_VERSION
    if row.lock_mode == "COMPLIANCE" and is_retained(row, target):
        return MethodReason.COMPLIANCE
    if row.storage_class in FROZEN or row.archived:
        return MethodReason.ARCHIVED
    if row.size > COPY_LIMIT:
        return MethodReason.TOO_LARGE
    if row.lock_unread:
        return MethodReason.LOCK_UNREAD
    return MethodReason.ACL_UNREAD if row.acl_unread else None
