"""What is said of a file that S3 did not give."""

from __future__ import annotations

from trailseal.history.rules.verdict import Validity
from trailseal.objects.calls import TOO_LARGE, ObjectResponse

SAID = {"NoSuchKey": Validity.NOT_FOUND, TOO_LARGE: Validity.TOO_LARGE}


def refused(answer: ObjectResponse) -> Validity | None:
    """Return what an answer without the file says of it, None where the file came."""
    return SAID.get(answer.error, Validity.UNREADABLE) if answer.error else None
