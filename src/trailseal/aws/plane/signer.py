"""
Signature Version 4 for S3, in an Authorization header: what the object plane does for each request.

botocore's signer is made for one request now and then: it takes the URL apart again, makes the signing key of
the day anew and logs each step: a fifth of the processor time of a request even with that key kept. Two tests
hold this one to botocore's, which signs everything else.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from msgspec import Struct

ALGORITHM = "AWS4-HMAC-SHA256"


class Frozen(Protocol):
    """Credentials as they are at one moment."""

    access_key: str
    secret_key: str
    token: str | None


class UnsignedRequest(Struct, frozen=True):
    """What is signed. Path and query are percent-encoded as they are sent."""

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Signer:
    """Signs with one set of credentials; make a new one when they change."""

    def __init__(self, credentials: Frozen, region: str) -> None:
        self.credentials = credentials
        self._region = region
        self._second = 0
        self._stamp = self._scope = ""
        self._key = b""

    def sign(self, request: UnsignedRequest, *, now: float | None = None) -> dict[str, str]:
        """Return the headers with date, content hash and signature; `now` is in seconds since 1970."""
        self._keep_time(int(time.time() if now is None else now))
        added = {"X-Amz-Date": self._stamp, "X-Amz-Content-SHA256": sha256(request.body).hexdigest()}
        if self.credentials.token:
            added["X-Amz-Security-Token"] = self.credentials.token
        headers = {**request.headers, **added}
        names, canonical = _canonical(request, headers)
        digest = sha256(canonical.encode(errors="surrogateescape")).hexdigest()
        text = f"{ALGORITHM}\n{self._stamp}\n{self._scope}\n{digest}"
        signature = hmac.digest(self._key, text.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"{ALGORITHM} Credential={self.credentials.access_key}/{self._scope}, SignedHeaders={names},"
            f" Signature={signature}"
        )
        return headers

    def _keep_time(self, second: int) -> None:
        if second == self._second:
            return
        day = self._stamp[:8]
        self._second, self._stamp = second, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        if day != self._stamp[:8]:
            self._begin_day(self._stamp[:8])

    def _begin_day(self, day: str) -> None:
        """Make the signing key, which is the same for a whole day."""
        parts = (day, self._region, "s3", "aws4_request")
        key = f"AWS4{self.credentials.secret_key}".encode()
        for part in parts:
            key = hmac.digest(key, part.encode(), "sha256")
        self._key, self._scope = key, "/".join(parts)


def _canonical(request: UnsignedRequest, headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the names of the signed headers, and the canonical request."""
    given = {**headers, "host": request.host}
    ordered, names = _ordered(tuple(given))
    lines = "".join([f"{name}:{' '.join(given[as_given].split())}\n" for name, as_given in ordered])
    query = _canonical_query(request.query) if request.query else ""
    return names, (
        f"{request.method}\n{request.path}\n{query}\n{lines}\n{names}\n{headers['X-Amz-Content-SHA256']}"
    )


@lru_cache(maxsize=256)
def _ordered(names: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return header names as they are signed, in order, each beside itself as given; and all in one line."""
    ordered = sorted({name.lower(): name for name in names}.items())
    return tuple(ordered), ";".join(lower for lower, _ in ordered)


def _canonical_query(query: str) -> str:
    pairs = sorted(part.partition("=")[::2] for part in query.split("&"))
    return "&".join([f"{name}={value}" for name, value in pairs])
