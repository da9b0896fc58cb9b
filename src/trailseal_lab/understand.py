"""
From an HTTP request to an API call: who signs it, for which service, and which operation with which members.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.core.request import Request

from trailseal_lab.call import Call, new_request_id
from trailseal_lab.errors import ApiError
from trailseal_lab.operations import Asked, find_operation
from trailseal_lab.parameters import read_parameters

CREDENTIAL = re.compile(r"Credential=([^/\s,]+)/(\d{8})/([^/\s,]*)/([^/\s,]+)/aws4_request")
SCOPE = re.compile(r"([^/]+)/(\d{8})/([^/]*)/([^/]+)/aws4_request")
MAX_BODY = 512 * 1024 * 1024


def understand(environ: dict[str, Any], *, now: datetime) -> Call:
    """
    Return the request as an API call.

    An operation that no model knows comes back with `operation` "". What is wrong with the members stands
    in `problem`: AWS asks first who calls.

    Raises:
        ApiError: the request is not signed, or too large.
    """
    body = _read(environ)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    request = Request(environ)
    access_key, region, service, token = _credential(request)
    _check_expiry(request, now)
    service = _service(service, request)
    asked = find_operation(service, request)
    call = Call(
        service=service,
        operation=asked.name,
        region=region,
        access_key_id=access_key,
        session_token=token,
        params={},
        request=request,
        protocol=asked.protocol,
        request_id=new_request_id(service),
        time=now,
        body=body,
        source_ip=environ.get("REMOTE_ADDR") or "127.0.0.1",
        operation_model=asked.operation,
    )
    _fill(call, asked)
    return call


def _fill(call: Call, asked: Asked) -> None:
    try:
        call.params = read_parameters(call, asked.uri_parameters)
    except ApiError as problem:
        call.problem = problem


def _read(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    if length:
        size = int(length)
        if size > MAX_BODY:
            raise ApiError("EntityTooLarge", "Your proposed upload exceeds the lab's limit.", status=400)
        return bytes(environ["wsgi.input"].read(size))
    return bytes(environ["wsgi.input"].read()) if environ.get("wsgi.input_terminated") else b""


def _credential(request: Request) -> tuple[str, str, str, str]:
    """Return access key, region, signing name and session token. The signature itself is not checked."""
    args = request.args
    found = CREDENTIAL.search(request.headers.get("Authorization", ""))
    token = request.headers.get("X-Amz-Security-Token", "")
    if found is None and "X-Amz-Credential" in args:
        found = SCOPE.fullmatch(unquote(args["X-Amz-Credential"]))
        token = args.get("X-Amz-Security-Token", "")
    if found is not None:
        return found[1], found[3], found[4], token
    if "AWSAccessKeyId" in args and "Signature" in args:  # an older presigned URL, S3 only
        return args["AWSAccessKeyId"], "us-east-1", "s3", args.get("x-amz-security-token", "")
    # S3 answers an unsigned request as an anonymous one; nothing in the lab is open to it.
    raise ApiError("AccessDenied", "Access Denied", status=403)


def _check_expiry(request: Request, now: datetime) -> None:
    """
    Return unless the request is a presigned URL whose time is over.

    Raises:
        ApiError: AccessDenied.
    """
    args = request.args
    try:
        if "X-Amz-Expires" in args:
            signed = datetime.strptime(args["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            until = signed.timestamp() + int(args["X-Amz-Expires"])
        else:
            until = float(args.get("Expires", "inf"))
    except (ValueError, KeyError) as problem:
        raise ApiError("AuthorizationQueryParametersError", "The presigned URL is malformed.") from problem
    if until < now.timestamp():
        raise ApiError("AccessDenied", "Request has expired", status=403)


def _service(signing_name: str, request: Request) -> str:
    if signing_name == "s3" and request.path.startswith("/v20180820/"):
        return "s3-control"
    return signing_name.lower()
