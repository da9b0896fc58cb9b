"""Who was seen reading a trail's log files, and where that was seen."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from trailseal.model.unreadable import Unreadable


class SeenReader(Struct, frozen=True, kw_only=True):
    """A principal (a session's role, for sessions) that fetched or decrypted log files."""

    principal: str
    source: str
    """`data events`, `KMS events` or `server access logs`."""
    count: int = 1
    last: datetime | None = None


class Activity(Struct, frozen=True, kw_only=True, tag="activity"):
    """
    What the sources showed. `sources` names those that exist and were read; empty when there is none.

    `complete` is false when a bound on files was reached before the whole time was covered.
    """

    trail: str
    sources: tuple[str, ...] = ()
    readers: tuple[SeenReader, ...] = ()
    complete: bool = True
    unreadable: tuple[Unreadable, ...] = ()
