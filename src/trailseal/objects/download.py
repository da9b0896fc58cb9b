"""Objects of any size written to files of this machine, in parts, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.foreign import ForeignError, TooLargeError
from trailseal.model.foreign_values import number_in
from trailseal.objects.calls import TOO_LARGE, ObjectRequest, ObjectResponse, Objects, head, one

PART = 8 * 1024**2
AT_ONCE = 8
LARGEST_OBJECT = 50 * 1024**4
"""S3's own limit. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingObjects.html"""


def download(objects: Objects, bucket: str, key: str, path: Path, *, most: int = LARGEST_OBJECT) -> None:
    """
    Write the object to a file; all its parts are of one and the same version.

    Raises:
        TrailsealError: it cannot be read, is larger than `most` bytes, or was written again meanwhile.
    """
    described = _good(one(objects, head(bucket, key)))
    size = _size(described, most=most)
    etag = described.headers.get("etag", "")
    with path.open("wb") as file:
        for start in range(0, size, PART * AT_ONCE):
            parts = _parts(bucket, key, etag, start, min(start + PART * AT_ONCE, size))
            for answer in objects.each(parts):
                first, length = answer.call.about
                file.seek(first)
                file.write(_good(answer, length).body)


def _size(described: ObjectResponse, *, most: int) -> int:
    try:
        size = number_in(described.headers.get("content-length", ""))
    except TooLargeError:
        size = most + 1
    except ForeignError:  # unknown is not empty
        raise _unread(described, "MissingContentLength") from None
    if size > most:
        raise _unread(described, TOO_LARGE)
    return size


def _parts(bucket: str, key: str, etag: str, start: int, end: int) -> Iterator[ObjectRequest]:
    for first in range(start, end, PART):
        length = min(PART, end - first)
        wanted = {"range": f"bytes={first}-{first + length - 1}"}
        if etag:
            wanted["if-match"] = etag
        yield ObjectRequest(method="GET", bucket=bucket, key=key, headers=wanted, about=(first, length))


def _good(answer: ObjectResponse, length: int | None = None) -> ObjectResponse:
    """Return an answer that is no error and, where that is given, of the length that was asked for."""
    error = answer.error or ("" if length in {None, len(answer.body)} else "IncompleteBody")
    if error:
        raise _unread(answer, error)
    return answer


def _unread(answer: ObjectResponse, error: str) -> TrailsealError:
    return TrailsealError(
        message(
            "s3://{bucket}/{key} cannot be read: {error}",
            bucket=answer.call.bucket,
            key=answer.call.key,
            error=error,
        ),
        message("allow s3:GetObject on it; for a table, s3tables:GetTableData"),
    )
