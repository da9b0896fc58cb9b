"""What a re-encryption is asked for, what it reaches, and what is known before it begins."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from trailseal.cost.amount import Range
from trailseal.cost.line import CostLine
from trailseal.history.rules.method import Target
from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.shut_out import CallerWalls
from trailseal.history.rules.summary import Summary, Verify
from trailseal.messages import Message
from trailseal.model.bucket import Bucket
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import Objects
from trailseal.run.events import Observer
from trailseal.run.ports import Clock


class WantedMethod(StrEnum):
    """How objects should be re-encrypted; `AUTO` copies where UpdateObjectEncryption cannot."""

    AUTO = "auto"
    UPDATE = "update"
    COPY = "copy"


class ReencryptOptions(Struct, frozen=True, kw_only=True):
    """What was asked for, whichever engine does it."""

    key: str = ""
    """The ARN of the KMS key, "" for the trail's."""
    method: WantedMethod = WantedMethod.AUTO
    context: bool = True
    """Whether copies get the trail's encryption context."""
    bucket_key: bool = False
    from_other_keys: bool = False
    verify: Verify = Verify.SAMPLE
    ledger: str = ""
    """Where the ledger is to lie, "" for beside the manifest."""
    retry_failed: bool = False
    dry_run: bool = False
    reader_plan: str | None = None
    """The file for the plan that keeps readers."""
    accept: tuple[str, ...] = ()


class BucketFacts(Protocol):
    """Tells what a re-encryption must know of a bucket and of the key."""

    def bucket(self, name: str) -> Bucket:
        """Return the settings that a change of the bucket's objects sets off."""
        ...

    def is_of_account(self, name: str, account: str) -> bool | Unreadable:
        """Return whether the bucket belongs to an account."""
        ...

    def walls(self, name: str) -> CallerWalls:
        """Return what stands over the caller in the bucket whatever his own policies allow."""
        ...

    def key_policy(self, key_arn: str) -> str | None:
        """Return the text of a key's policy, None when it may not be read."""
        ...


class CoursePorts(Struct, frozen=True, kw_only=True):
    """What the course reaches: the trail's place, its bucket and objects, and whoever is told and asked."""

    place: TrailPlace
    facts: BucketFacts
    objects: Callable[[], AbstractContextManager[Objects]]
    clock: Clock
    observe: Observer
    agree: Callable[[Message], bool]
    save: Callable[[Path, bytes], None]
    probe_name: str
    show: Callable[[Prepared], None]
    """Gets what will happen, before anybody is asked to agree."""


class Prepared(Struct, frozen=True, kw_only=True):
    """What will happen to the bucket's objects, and what it costs; `policy` is "" where it is not known."""

    target: Target
    outlook: Outlook
    policy: str
    cost: Range
    lines: tuple[CostLine, ...]


class Reencryption(Struct, frozen=True, kw_only=True):
    """What was said before the start, and how it went; None where it did not begin."""

    prepared: Prepared
    summary: Summary | None = None
