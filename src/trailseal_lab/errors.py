"""An API error, and how each AWS protocol writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from trailseal_lab.call import Call


CBOR = "smithy-rpc-v2-cbor"


class ApiError(Exception):
    """
    An answer that is an error, in the words of the service's API.

    `extra` are further members of the modelled exception. Rendered in the caller's protocol.
    """

    def __init__(self, code: str, message: str, *, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra


def render_error(error: ApiError, call: Call | None, *, head: bool = False, request_id: str = "") -> Response:
    """Return `error` as the service of `call` would send it; S3's form where no call was understood."""
    protocol = call.protocol if call else "rest-xml"
    service = call.service if call else "s3"
    request_id = call.request_id if call else request_id
    if protocol in {"json", "rest-json"}:
        response = _json(error, protocol=protocol)
    elif protocol == CBOR:
        response = _cbor(error)
    elif protocol == "ec2":
        response = _ec2(error, request_id)
    elif service == "s3":
        response = _s3(error, call, request_id)
    else:
        response = _query(error, request_id)
    response.headers["x-amzn-RequestId"] = request_id
    if service == "s3":
        response.headers["x-amz-request-id"] = request_id
    if head:
        response.set_data(b"")
    return response


def unknown_operation(call: Call) -> ApiError:
    """Return the error for a request that is none of the service's operations."""
    if call.service == "s3":
        text = "The specified method is not allowed against this resource."
        return ApiError("MethodNotAllowed", text, status=405)
    if call.protocol == CBOR:
        return ApiError("NotImplemented", "The lab does not speak CBOR.", status=501)
    if call.protocol in {"query", "ec2"}:
        return ApiError("InvalidAction", "Could not find the operation that is asked for.", status=400)
    return ApiError("UnknownOperationException", "There is no such operation.", status=404)


def _json(error: ApiError, *, protocol: str) -> Response:
    body = {"__type": error.code, "message": error.message, "Message": error.message, **error.extra}
    kind = "application/x-amz-json-1.1" if protocol == "json" else "application/json"
    response = Response(json.dumps(body), status=error.status, content_type=kind)
    response.headers["x-amzn-ErrorType"] = error.code
    return response


def _cbor(error: ApiError) -> Response:
    """
    Return the error as a map of two texts.

    Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#operation-error-serialization
    """
    body = b"\xa2" + b"".join(map(_cbor_text, ("__type", error.code, "message", error.message)))
    response = Response(body, status=error.status, content_type="application/cbor")
    response.headers["smithy-protocol"] = "rpc-v2-cbor"
    return response


def _cbor_text(text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    return b"\x7a" + len(content).to_bytes(4, "big") + content


def _ec2(error: ApiError, request_id: str) -> Response:
    """
    Return the error in the form of EC2's own.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    """
    fields = {"Code": error.code, "Message": error.message, **error.extra}
    inner = f"<Errors><Error>{_elements(fields)}</Error></Errors><RequestID>{request_id}</RequestID>"
    body = f"<Response>{inner}</Response>"
    return Response(body, status=error.status, content_type="text/xml")


def _s3(error: ApiError, call: Call | None, request_id: str) -> Response:
    fields = {"Code": error.code, "Message": error.message, **error.extra}
    if call and call.params.get("Bucket"):
        fields["Resource"] = "/" + "/".join(
            str(call.params[k]) for k in ("Bucket", "Key") if call.params.get(k)
        )
    fields |= {"RequestId": request_id, "HostId": "trailseal-lab"}
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<Error>' + _elements(fields) + "</Error>"
    return Response(body, status=error.status, content_type="application/xml")


def _query(error: ApiError, request_id: str) -> Response:
    side = "Sender" if error.status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's own border
    fields = {"Type": side, "Code": error.code, "Message": error.message, **error.extra}
    body = (
        "<ErrorResponse><Error>"
        + _elements(fields)
        + f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(body, status=error.status, content_type="text/xml")


def _elements(fields: dict[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
