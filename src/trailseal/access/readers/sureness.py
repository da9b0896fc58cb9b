"""How sure it is that somebody can do something that would change the answer."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from trailseal.access.decision import DENIED, Effect


class Sureness(StrEnum):
    """Whether the way is open, or open under conditions that cannot be known."""

    OPEN = "open"
    UNKNOWN = "unknown"


class WayToRead(Struct, frozen=True, kw_only=True, order=True):
    """One thing a principal may do that can make a reader of somebody."""

    action: str
    sureness: Sureness


def sureness_of(effects: Iterable[Effect]) -> Sureness | None:
    """Return how sure it is that one of several requests gets through, None where all are denied."""
    found = set(effects)
    if Effect.ALLOWED in found:
        return Sureness.OPEN
    return Sureness.UNKNOWN if found - DENIED else None
