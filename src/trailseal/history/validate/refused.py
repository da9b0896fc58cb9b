"""What is said of a file that S3 did not give."""

from __future__ import annotations

from trailseal.history.rules.verdict import Validity
from trailseal.history.rules.walk import BadFile
from trailseal.model.unreadable import DENIED
from trailseal.objects.calls import TOO_LARGE, ObjectResponse

SAID = {
    "NoSuchKey": Validity.NOT_FOUND,
    "NoSuchBucket": Validity.NOT_FOUND,
    TOO_LARGE: Validity.TOO_LARGE,
}
GET, DECRYPT = "s3:GetObject", "kms:Decrypt"


def refused(answer: ObjectResponse) -> BadFile | None:
    """Return what an answer without the file says of it, None where the file came."""
    if not answer.error:
        return None
    if answer.error in SAID:
        return BadFile(verdict=SAID[answer.error])
    if answer.error not in DENIED:
        return BadFile(verdict=Validity.UNREADABLE, detail=f"{GET} {answer.error} {answer.message}".strip())
    lacks = DECRYPT if DECRYPT in answer.message else GET
    detail = f"{GET} {answer.error}" + (f": {DECRYPT}" if lacks == DECRYPT else "")
    return BadFile(verdict=Validity.UNREADABLE, detail=detail, lacks=lacks)
