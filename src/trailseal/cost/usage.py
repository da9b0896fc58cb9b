"""What an estimate starts from: counted in the account, or assumed and said to be."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.cost.amount import Range, exactly

LOG_FILES_A_DAY = 288
"""
24 hours of one file every 5 minutes: arithmetic, not a measurement.

An older AWS guide is quoted with it as "KMS requests a day per Region and account"; today's guide does
not have the number. A busy Region delivers more files, an idle one fewer.
"""
DIGEST_FILES_A_DAY = 24
BUCKET_KEY_SAVING = 0.99
"""AWS: "up to 99 percent". Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html"""


class Basis(StrEnum):
    """Where a figure comes from."""

    COUNTED = "counted"
    ASSUMED = "assumed"


class OlderObjects(Struct, frozen=True, kw_only=True):
    """Objects delivered before the switch that would be re-encrypted."""

    objects: int
    size: int = 0
    copied: int = 0
    """Of `objects`, those that need CopyObject; the others take UpdateObjectEncryption."""
    versioned: bool = False
    """Whether a copy leaves the old version behind, to be stored and paid for."""
    batch: bool = False
    asked_first: int = 0
    """Objects that S3 is asked about before, since an inventory does not tell enough."""


class Usage(Struct, frozen=True, kw_only=True):
    """
    One month of a trail, or of all of them.

    `log_files_day` and `digest_files_day` are totals over `places`, the pairs of account and Region that
    are delivered for. `reads_per_file` says how often a delivered file is read by all readers together.
    """

    places: int = 1
    log_files_day: Range = exactly(LOG_FILES_A_DAY)
    digest_files_day: Range = exactly(DIGEST_FILES_A_DAY)
    deliveries: Basis = Basis.ASSUMED
    days_counted: int = 0
    reads_per_file: Range = Range(1.0, 3.0)
    reads: Basis = Basis.ASSUMED
    new_keys: int = 1
    """Customer managed keys that SSE-KMS needs and that do not exist yet."""
    standing_keys: int = 0
    """Customer managed keys that the trails have already: each goes on costing its month."""
    replicas: int = 0
    rotates: bool = True
    history: OlderObjects | None = None


def assumed_usage(
    *, places: int, validation: bool = True, new_keys: int = 1, standing_keys: int = 0
) -> Usage:
    """Return the usage of `places` with one log file every 5 minutes each, nothing counted."""
    return Usage(
        places=places,
        log_files_day=exactly(LOG_FILES_A_DAY * places),
        digest_files_day=exactly(DIGEST_FILES_A_DAY * places if validation else 0),
        new_keys=new_keys,
        standing_keys=standing_keys,
    )
