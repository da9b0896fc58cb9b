"""Times, durations, numbers and kinds of objects as people read them: one form for each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trailseal.locale.language import translate
from trailseal.messages import N_, Duration
from trailseal.model.log_file import Delivered
from trailseal.model.moment import in_utc

KINDS = {Delivered.LOG_FILE: N_("log file"), Delivered.DIGEST_FILE: N_("digest file")}
SHOWN = 30
"""So many of a list are shown; the JSON has all."""


def when(at: datetime | None, *, none: str = "-") -> str:
    """Return a time in UTC, or what is said where there is none."""
    return in_utc(at) if at else none


def duration(seconds: float) -> str:
    """Return a time that passes as h:mm:ss; whatever is not nothing is a second at least."""
    whole = max(1, round(seconds)) if seconds else 0
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def passing(seconds: float) -> Duration:
    """Return a time that passes, as a fact of a sentence; whatever is not nothing is a second at least."""
    return Duration(max(1, round(seconds)) if seconds else 0)


def figure(count: int) -> str:
    """Return a number with its thousands parted."""
    return f"{count:,}"


def listed(parts: Iterable[str]) -> str:
    """Return names or phrases in a row, parted as the language parts them."""
    return translate(N_(", ")).join(parts)


def clauses(parts: Iterable[str]) -> str:
    """Return clauses that may hold rows of their own, parted as the language parts them."""
    return translate(N_("; ")).join(parts)
