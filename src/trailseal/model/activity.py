"""Who was seen reading a trail's log files, and where that was seen."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from trailseal.model.unreadable import Unreadable


class SeenReader(Struct, frozen=True, kw_only=True):
    """A principal (a session's role, for sessions) that fetched or decrypted log files."""

    principal: str
    """An ARN, a service or `anonymous`; "" where only an account, or an ID of AWS's, is told."""
    source: str
    """`data events`, `KMS events` or `server access logs`."""
    account: str = ""
    unique_id: str = ""
    """A principal's unique ID, or a canonical user ID, where no principal is told."""
    count: int = 1
    last: datetime | None = None


class Activity(Struct, frozen=True, kw_only=True, tag="activity"):
    """
    What the sources showed. `sources` names those that exist and were read; empty when there is none.

    `unreadable` is why somebody may have read and not be among the readers.
    """

    trail: str
    sources: tuple[str, ...] = ()
    readers: tuple[SeenReader, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
