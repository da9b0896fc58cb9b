"""Faults on demand: throttling, 500, 503, slow, held, lost or strange answers, denied, expired."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from werkzeug.wrappers import Response

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError


class FaultKind(StrEnum):
    """Kind of fault."""

    THROTTLE = "throttle"
    INTERNAL = "500"
    UNAVAILABLE = "503"
    SLOW = "slow"
    HOLD = "hold"
    """The call waits until it is released; AWS has not been asked."""
    HOLD_AFTER = "hold-after"
    """AWS acts, and its answer waits until it is released."""
    DROP = "drop"
    DENIED = "denied"
    EXPIRED = "expired"
    HTML = "html"
    """A page of something in between, with status 200; AWS has not been asked."""
    DROP_AFTER = "dropped-after"
    """AWS acts, and the connection is closed before its answer."""
    INTERNAL_AFTER = "500-after"
    """AWS acts, and says that it failed."""
    CUT = "cut"
    """AWS acts, and half of its answer arrives."""


EXPIRED = "The security token included in the request is expired"
PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
LATER = frozenset(
    {
        FaultKind.SLOW,
        FaultKind.HOLD,
        FaultKind.HOLD_AFTER,
        FaultKind.DROP_AFTER,
        FaultKind.INTERNAL_AFTER,
        FaultKind.CUT,
    }
)
"""Faults of calls that are answered all the same."""

HOLDING = frozenset({FaultKind.HOLD, FaultKind.HOLD_AFTER})


class DropConnection(Exception):
    """The connection is to be closed without an answer."""


@dataclass(kw_only=True)
class Fault:
    """A fault for the next `count` matching calls; `*` matches every service, operation or Region."""

    service: str
    operation: str
    kind: FaultKind
    count: int = 1
    seconds: float = 2.0
    skip: int = 0
    """Matching calls to let through first."""
    region: str = "*"

    def matches(self, call: Call) -> bool:
        """Whether this call is one of those it is meant for."""
        is_there = self.region in {"*", call.region}
        return is_there and self.service in {"*", call.service} and self.operation in {"*", call.operation}


@dataclass
class Faults:
    """The faults that wait, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, call: Call) -> Fault | None:
        """Return the fault for this call and count it down, None when there is none."""
        for fault in self.waiting:
            if not fault.matches(call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.count -= 1
            if fault.count <= 0:
                self.waiting.remove(fault)
            return fault
        return None


def strike(fault: Fault, call: Call) -> Response | None:
    """
    Let a fault happen before AWS acts, and return what something else answers instead; None to go on.

    Raises:
        ApiError: as AWS words it for the service.
        DropConnection: no answer at all.
    """
    match fault.kind:
        case FaultKind.THROTTLE:
            raise _throttled(call)
        case FaultKind.INTERNAL:
            raise _failed(call)
        case FaultKind.UNAVAILABLE:
            short = call.protocol in {"query", "rest-xml"}
            code = "ServiceUnavailable" if short else "ServiceUnavailableException"
            raise ApiError(code, "Service is unable to handle request.", status=503)
        case FaultKind.DENIED:
            text = f"User: {call.caller.arn} is not authorized to perform: {call.service}:{call.operation}"
            raise ApiError(denied_code(call), text, status=denied_status(call))
        case FaultKind.EXPIRED:
            code = "ExpiredToken" if call.protocol in {"query", "rest-xml"} else "ExpiredTokenException"
            raise ApiError(code, EXPIRED, status=400 if call.service == "s3" else denied_status(call))
        case FaultKind.DROP:
            raise DropConnection
        case FaultKind.HTML:
            return Response(PAGE, content_type="text/html")
        case _:
            return None


def spoil(fault: Fault | None, call: Call, response: Response) -> Response:
    """
    Return what arrives of an answer to a call that was carried out.

    Raises:
        ApiError: AWS says that it failed.
        DropConnection: nothing arrives.
    """
    match fault.kind if fault else None:
        case FaultKind.DROP_AFTER:
            raise DropConnection
        case FaultKind.INTERNAL_AFTER:
            raise _failed(call)
        case FaultKind.CUT:
            body = response.get_data()
            return Response(body[: len(body) // 2], status=response.status, headers=_without_length(response))
        case _:
            return response


def _without_length(response: Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers if name.lower() != "content-length"]


def _failed(call: Call) -> ApiError:
    return ApiError(_internal_code(call), "We encountered an internal error. Please try again.", status=500)


def _throttled(call: Call) -> ApiError:
    if call.service == "s3":
        return ApiError("SlowDown", "Please reduce your request rate.", status=503)
    code = "Throttling" if call.protocol == "query" else "ThrottlingException"
    return ApiError(code, "Rate exceeded", status=400)


def _internal_code(call: Call) -> str:
    return {"s3": "InternalError", "kms": "KMSInternalException"}.get(call.service, "InternalFailure")


def denied_code(call: Call) -> str:
    """Return the code that a refusal carries: S3, IAM and STS leave out `Exception`."""
    return "AccessDenied" if call.protocol in {"query", "rest-xml"} else "AccessDeniedException"


def denied_status(call: Call) -> int:
    """Return the HTTP status of a refusal; JSON services answer 400, but for those with REST routes."""
    return 400 if call.protocol == "json" else 403
