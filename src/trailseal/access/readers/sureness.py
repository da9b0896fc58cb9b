"""How sure it is that somebody can do something that would change the answer."""

from __future__ import annotations

from enum import StrEnum


class Sureness(StrEnum):
    """Whether the way is open, or open under conditions that can not be known."""

    OPEN = "open"
    UNKNOWN = "unknown"
