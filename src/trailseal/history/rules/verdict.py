"""What integrity validation says of each file, in the words of `aws cloudtrail validate-logs`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from trailseal.model.log_file import Delivered


class Validity(StrEnum):
    """
    `unreadable` is ours: the AWS CLI stops at the first file that it may not read.

    So are the reasons after `invalid format`: there the AWS CLI runs out of memory, or stops.
    """

    VALID = "valid"
    NOT_FOUND = "not found"
    HASH_MISMATCH = "hash value doesn't match"
    INVALID_FORMAT = "invalid format"
    TOO_LARGE = "invalid format: it is larger than anything that CloudTrail delivers"
    TOO_DEEP = "invalid format: it is nested too deeply"
    TRAILING_DATA = "unexpected data after end of compressed stream"
    BAD_SIGNATURE = "signature verification failed"
    MOVED = "has been moved from its original location"
    NO_PUBLIC_KEY = "public key not found"
    BAD_PUBLIC_KEY = "unable to load PKCS #1 key"
    UNREADABLE = "unreadable"

    @property
    def is_invalid(self) -> bool:
        """Whether the file fails; what could not be read neither passes nor fails."""
        return self not in {Validity.VALID, Validity.UNREADABLE}


class FileVerdict(Struct, frozen=True, kw_only=True):
    """One file and the time that it covers (for a missing file: as the digest that names it says)."""

    kind: Delivered
    bucket: str
    key: str
    verdict: Validity
    account: str
    region: str
    start: datetime | None = None
    end: datetime | None = None
    backfill: bool = False
    detail: str = ""
