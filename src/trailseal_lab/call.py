"""
One understood API request.

moto carries botocore's service models with a router and a parser for every AWS protocol; a request is
matched and parsed with them, so that a handler sees the same parameters whatever the protocol.
"""

from __future__ import annotations

import io
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from trailseal_lab.errors import ApiError

if TYPE_CHECKING:
    from trailseal_lab.caller import SigningPrincipal

CREDENTIAL = re.compile(r"Credential=([^/\s,]+)/(\d{8})/([^/\s,]*)/([^/\s,]+)/aws4_request")
SCOPE = re.compile(r"([^/]+)/(\d{8})/([^/]*)/([^/]+)/aws4_request")
MODELS = {"s3-control": "s3control", "monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
"""Our names (mostly the signing names) where botocore's model has another."""
UNROUTABLE = (
    HTTPException,
    NotImplementedError,
    LookupError,
    OperationNotFoundError,
    AttributeError,
    ValueError,
)
"""What moto's routers raise for a request that is none of the service's operations."""
UNREADABLE = (RequestParserError, ValueError, LookupError, TypeError, AttributeError)
"""What moto's parsers raise for parameters of the wrong shape."""
MAX_BODY = 512 * 1024 * 1024


@dataclass(kw_only=True)
class Call:
    """
    What a client asks for.

    `params` are the operation's members under their API names, "" operations have none. For S3 they
    hold Bucket, Key, VersionId and the modelled headers. `resources` and `encryption_contexts` are notes that
    handlers leave for the recorder; `notes` is free for `additionalEventData` and `responseElements`.
    """

    service: str
    operation: str
    region: str
    access_key_id: str
    session_token: str
    params: dict[str, Any]
    request: Request
    protocol: str
    request_id: str
    time: datetime
    body: bytes
    source_ip: str = "127.0.0.1"
    operation_model: Any = None
    who: SigningPrincipal | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def caller(self) -> SigningPrincipal:
        """The authenticated principal; only unset before the access key was looked up."""
        if self.who is None:
            raise ApiError("IncompleteSignature", "the caller is not known yet")
        return self.who

    def derive(
        self, *, service: str, operation: str, region: str, who: SigningPrincipal, params: dict[str, Any]
    ) -> Call:
        """Return a call that AWS itself makes because of this one, KMS's for S3's objects for instance."""
        return Call(
            service=service,
            operation=operation,
            region=region,
            access_key_id="",
            session_token="",
            params=params,
            request=self.request,
            protocol=self.protocol,
            request_id=_request_id(service),
            time=self.time,
            body=b"",
            source_ip=self.source_ip,
            who=who,
        )

    def replace_json(self, **members: Any) -> None:
        """Change members of the JSON body that is sent on."""
        self.body = json.dumps({**json.loads(self.body or b"{}"), **members}).encode()

    def set_header(self, name: str, value: str | None) -> None:
        """Change a header of the request that is sent on; None takes it away."""
        key = "HTTP_" + name.upper().replace("-", "_")
        if value is None:
            self.request.environ.pop(key, None)
        else:
            self.request.environ[key] = value

    @property
    def headers(self) -> Headers:
        """The request's headers, case-insensitive."""
        return self.request.headers

    @property
    def environ(self) -> dict[str, Any]:
        """A WSGI environment to send on, with the body readable again."""
        environ = dict(self.request.environ)
        environ["wsgi.input"] = io.BytesIO(self.body)
        environ["CONTENT_LENGTH"] = str(len(self.body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("werkzeug.request", None)
        return environ


def understand(environ: dict[str, Any], *, now: datetime) -> Call:
    """
    Return the request as an API call.

    An operation that no model knows comes back with `operation` "", for moto to answer.

    Raises:
        ApiError: the request is not signed, or its parameters cannot be read.
    """
    body = _read(environ)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    request = Request(environ)
    access_key, region, service, token = _credential(request)
    _check_expiry(request, now)
    service = _service(service, request)
    call = Call(
        service=service,
        operation="",
        region=region,
        access_key_id=access_key,
        session_token=token,
        params={},
        request=request,
        protocol=_protocol(service, request),
        request_id=_request_id(service),
        time=now,
        body=body,
        source_ip=environ.get("REMOTE_ADDR") or "127.0.0.1",
    )
    _parse(call)
    return call


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


def _model(service: str) -> Any:
    name = MODELS.get(service, service)
    try:
        return get_service_model(name)
    except UnknownServiceError:
        return None


def _protocol(service: str, request: Request) -> str:
    model = _model(service)
    if model is None:
        return "json" if "json" in (request.content_type or "") else "query"
    try:
        return determine_request_protocol(model, request.content_type)
    except NotImplementedError:
        return str(model.protocol)


def _parse(call: Call) -> None:
    if _model(call.service) is None:
        return
    try:
        operation, uri_params = get_service_router(MODELS.get(call.service, call.service)).match(call.request)
    except UNROUTABLE:
        return
    call.operation, call.operation_model = str(operation.name), operation
    parser = PROTOCOL_PARSERS[call.protocol](operation)
    try:
        parsed = parser.parse(
            {
                "method": call.request.method,
                "values": call.request.values,
                "headers": call.request.headers,
                "body": call.body,
                "url_path": call.request.path,
                "url_params": uri_params,
            }
        )
    except UNREADABLE as problem:
        code = "MalformedXML" if call.protocol == "rest-xml" else "SerializationException"
        raise ApiError(code, f"The request could not be read: {type(problem).__name__}").of(call) from problem
    call.params = parsed or {}


def _request_id(service: str) -> str:
    if service == "s3":
        return secrets.token_hex(8).upper()
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
