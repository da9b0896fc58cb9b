"""What lint has to say about a statement, and the table of its rules."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.messages import Message


class LintSeverity(StrEnum):
    """An error is something AWS refuses or that does the opposite of what it says."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class LintFinding(Struct, frozen=True, kw_only=True):
    """One finding; `statement` is a Sid, a position (`#2`) or "" for the whole policy."""

    rule: str
    severity: LintSeverity
    statement: str
    text: Message
    remedy: Message
