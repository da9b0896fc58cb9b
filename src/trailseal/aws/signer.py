"""
botocore's own Signature Version 4 for S3, without the parts that cost most when signing thousands a second.

Only what surrounds the cryptography is replaced: header maps that keep duplicates (the object plane has
none), and the signing key, which is the same for a whole day. A test compares it with botocore's signer.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth


class LightRequest:
    """What the signer reads of a request, with plain dictionaries for headers."""

    params = None

    def __init__(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.url = url
        self.headers = dict(headers)
        self.body = body
        self.context: dict[str, Any] = {}
        self.signed: dict[str, str] = {}


_Signer: Any = S3SigV4Auth


class LightSigner(_Signer):  # type: ignore[misc]  # botocore's signer is typed for its own requests
    """Signs `LightRequest`s. Make a new one when the credentials change."""

    def __init__(self, credentials: Any, region: str) -> None:
        super().__init__(credentials, "s3", region)
        self._day = ""
        self._day_key = b""

    def sign(self, method: str, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        """Return the headers with date, content hash and signature."""
        request = LightRequest(method, url, headers, body)
        self.add_auth(request)
        return request.headers

    def headers_to_sign(self, request: LightRequest) -> dict[str, str]:
        """Return the headers by their lower-case names, in order."""
        if not request.signed:
            request.signed = {name.lower(): value for name, value in request.headers.items()}
            request.signed["host"] = urlsplit(request.url).netloc
            request.signed = dict(sorted(request.signed.items()))
        return request.signed

    def canonical_headers(self, headers_to_sign: dict[str, str]) -> str:
        """Return one line for each header, with runs of spaces made one."""
        return "\n".join([f"{name}:{' '.join(value.split())}" for name, value in headers_to_sign.items()])

    def signed_headers(self, headers_to_sign: dict[str, str]) -> str:
        """Return the names."""
        return ";".join(headers_to_sign)

    def signature(self, string_to_sign: str, request: LightRequest) -> str:
        """Return the signature under the key of the day."""
        day = request.context["timestamp"][:8]
        if day != self._day:
            key = f"AWS4{self.credentials.secret_key}".encode()
            for part in (day, self._region_name, self._service_name, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._day, self._day_key = day, key
        return hmac.new(self._day_key, string_to_sign.encode(), sha256).hexdigest()
