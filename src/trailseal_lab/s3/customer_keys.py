"""
SSE-C: the key that an object was written with comes again with each part of it, each read and each copy.

That another key is AccessDenied is what users see; AWS's page does not tell the code, nor that of a part's.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from moto.s3.models import FakeKey

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

OWN = "x-amz-server-side-encryption-customer-"
OF_SOURCE = "x-amz-copy-source-server-side-encryption-customer-"
"""How the headers begin that bring the key of a copy's source."""
ALGORITHM = f"{OWN}algorithm"
KEY_BYTES = 32


def customer_key(call: Call, headers: str = OWN) -> str:
    """
    Return the MD5 of the key that a request brings, in base64; "" where it brings none.

    Raises:
        ApiError: InvalidArgument, where the key is no key for AES-256 or is not what its MD5 says.
    """
    algorithm, given = call.headers.get(f"{headers}algorithm"), call.headers.get(f"{headers}key")
    if algorithm is None and given is None:
        return ""
    try:
        key = base64.b64decode(given or "", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES or algorithm != "AES256":
        raise ApiError(
            "InvalidArgument", "The secret key was invalid for the specified algorithm.", status=400
        )
    digest = base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode()
    if call.headers.get(f"{headers}key-MD5", digest) != digest:
        text = "The calculated MD5 hash of the key did not match the hash that was provided."
        raise ApiError("InvalidArgument", text, status=400)
    return digest


def check_customer_key(call: Call, found: FakeKey, headers: str = OWN) -> None:
    """
    Return when an object is not under a customer's key, or the request brings that key.

    Raises:
        ApiError: InvalidRequest, InvalidArgument, AccessDenied.
    """
    stored = getattr(found, "lab_customer_key", "")
    if not stored:
        return
    given = customer_key(call, headers)
    if not given:
        text = (
            "The object was stored using a form of Server Side Encryption. "
            "The correct parameters must be provided to retrieve the object."
        )
        raise ApiError("InvalidRequest", text, status=400)
    if given != stored:
        raise ApiError("AccessDenied", "Access Denied", status=403)


def check_part(call: Call, stored: str) -> None:
    """
    Return when a part brings the key with which its upload began, or that began without.

    Raises:
        ApiError: InvalidRequest, InvalidArgument.
    """
    if stored and customer_key(call) != stored:
        text = (
            "The multipart upload initiate requested encryption. "
            "Subsequent part requests must include the appropriate encryption parameters."
        )
        raise ApiError("InvalidRequest", text, status=400)
