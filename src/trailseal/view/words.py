"""Times, durations, numbers and kinds of objects as people read them: one form for each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.model.log_file import Delivered
from trailseal.model.moment import in_utc

KINDS = {Delivered.LOG_FILE: N_("log file"), Delivered.DIGEST_FILE: N_("digest file")}
SHOWN = 30
"""So many of a list are shown; the JSON has all."""


AWS_WORDS = {
    "Enabled": N_("Enabled"),
    "Disabled": N_("Disabled"),
    "PendingDeletion": N_("PendingDeletion"),
    "PendingImport": N_("PendingImport"),
    "PendingReplicaDeletion": N_("PendingReplicaDeletion"),
    "Creating": N_("Creating"),
    "Updating": N_("Updating"),
    "Unavailable": N_("Unavailable"),
    "AUTOMATIC": N_("AUTOMATIC"),
    "ON_DEMAND": N_("ON_DEMAND"),
    "ENCRYPT_DECRYPT": N_("ENCRYPT_DECRYPT"),
    "AWS_KMS": N_("AWS_KMS"),
}
"""Words of AWS's own enumerations that people read; in English they say what they mean."""


def aws_word(word: str) -> str:
    """Return a word of AWS's as AWS writes it, and beside it what it means where that is another word."""
    meant = translate(AWS_WORDS[word]) if word in AWS_WORDS else word
    return word if meant == word else word + aside(meant)


def aside(text: str) -> str:
    """Return a text in the parentheses of the language, with the blank before them where there is one."""
    return say(message(" ({aside})", aside=text))


def when(at: datetime | None, *, none: str = "-") -> str:
    """Return a time in UTC, or what is said where there is none."""
    return in_utc(at) if at else none


def duration(seconds: float) -> str:
    """Return a time that passes as h:mm:ss; whatever is not nothing is a second at least."""
    whole = max(1, round(seconds)) if seconds else 0
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def figure(count: int) -> str:
    """Return a number with its thousands parted."""
    return f"{count:,}"


def listed(parts: Iterable[str]) -> str:
    """Return names or phrases in a row, parted as the language parts them."""
    return translate(N_(", ")).join(parts)


def clauses(parts: Iterable[str]) -> str:
    """Return clauses that may hold rows of their own, parted as the language parts them."""
    return translate(N_("; ")).join(parts)
