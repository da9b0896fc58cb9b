"""How the work on an object stands, in every ledger and summary."""

from __future__ import annotations

from enum import StrEnum

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
"""The codes that say so; HeadObject has no body, so S3 gives no other one there."""


class State(StrEnum):
    """How the work on an object stands in the ledger."""

    STARTED = "started"
    DONE = "done"
    NOTHING = "nothing to do"
    SKIPPED = "skipped"
    CHANGED = "changed since the census"
    GONE = "gone since the census"
    FAILED = "failed"
    DIFFERS = "differs after it"
