"""
What a client says of the content that it sends, held against what came.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
and https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.crc import crc32c, crc64nvme

MD5_BYTES = 16
HEX = re.compile(r"[0-9a-f]{64}")
DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
    "crc32c": crc32c,
    "crc64nvme": crc64nvme,
    "sha1": lambda content: hashlib.sha1(content, usedforsecurity=False).digest(),
    "sha256": lambda content: hashlib.sha256(content).digest(),
}


def check_content(call: Call) -> None:
    """
    Return when the content of an upload is what its headers and trailers say.

    Raises:
        ApiError: InvalidDigest, BadDigest, InvalidRequest, XAmzContentSHA256Mismatch, IncompleteBody.
    """
    content, trailers = _content(call)
    _check_md5(call.headers.get("Content-MD5"), content)
    for name, digest in DIGESTS.items():
        header = f"x-amz-checksum-{name}"
        given = trailers.get(header) or call.headers.get(header)
        if given is not None:
            _check_digest(header, given, digest(content))
    signed = call.headers.get("x-amz-content-sha256", "")
    if HEX.fullmatch(signed) and signed != hashlib.sha256(call.body).hexdigest():
        text = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise ApiError("XAmzContentSHA256Mismatch", text, status=400)


def _check_md5(given: str | None, content: bytes) -> None:
    if given is None:
        return
    decoded = _decoded(given)
    if decoded is None or len(decoded) != MD5_BYTES:
        raise ApiError("InvalidDigest", "The Content-MD5 you specified was invalid.", status=400)
    if decoded != hashlib.md5(content, usedforsecurity=False).digest():
        text = "The Content-MD5 you specified did not match what we received."
        raise ApiError("BadDigest", text, status=400)


def _check_digest(header: str, given: str, computed: bytes) -> None:
    decoded = _decoded(given)
    if decoded is None or len(decoded) != len(computed):
        raise ApiError("InvalidRequest", f"Value for {header} header is invalid.", status=400)
    if decoded != computed:
        name = header.rpartition("-")[2].upper()
        raise ApiError(
            "BadDigest", f"The {name} you specified did not match the calculated checksum.", status=400
        )


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _content(call: Call) -> tuple[bytes, dict[str, str]]:
    """Return the content without the frames in which SDKs send it, and the trailers after it."""
    if not call.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return call.body, {}
    parts: list[bytes] = []
    rest = call.body
    while True:
        head, _, rest = rest.partition(b"\r\n")
        size = _size(head)
        if not size:
            break
        if len(rest) < size:
            raise ApiError("IncompleteBody", "The request body ended too early.", status=400)
        parts.append(rest[:size])
        rest = rest[size:].removeprefix(b"\r\n")
    lines = (line.partition(b":") for line in rest.split(b"\r\n") if b":" in line)
    trailers = {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, _, value in lines}
    return b"".join(parts), trailers


def _size(head: bytes) -> int:
    number = head.partition(b";")[0]
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", number):
        raise ApiError("IncompleteBody", "A chunk of the request body has no size.", status=400)
    return int(number, 16)
