"""Faults on demand: throttling, 500, 503, slow answers, dropped connections, access denied."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError


class FaultKind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    INTERNAL = "500"
    UNAVAILABLE = "503"
    SLOW = "slow"
    DROP = "drop"
    DENIED = "denied"


class DropConnection(Exception):
    """The connection is to be closed without an answer."""


@dataclass(kw_only=True)
class Fault:
    """A fault for the next `count` matching calls; `*` matches every service or operation."""

    service: str
    operation: str
    kind: FaultKind
    count: int = 1
    seconds: float = 2.0
    skip: int = 0
    """Matching calls to let through first."""

    def matches(self, call: Call) -> bool:
        """Whether this call is one of those it is meant for."""
        return self.service in {"*", call.service} and self.operation in {"*", call.operation}


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


def strike(fault: Fault, call: Call) -> None:
    """
    Let the fault happen; a slow one only returns, after which the caller waits outside the lock.

    Raises:
        ApiError: as AWS words it for the service.
        DropConnection: no answer at all.
    """
    match fault.kind:
        case FaultKind.THROTTLE:
            raise _throttled(call)
        case FaultKind.INTERNAL:
            raise ApiError(
                _internal_code(call), "We encountered an internal error. Please try again.", status=500
            )
        case FaultKind.UNAVAILABLE:
            short = call.protocol in {"query", "rest-xml"}
            code = "ServiceUnavailable" if short else "ServiceUnavailableException"
            raise ApiError(code, "Service is unable to handle request.", status=503)
        case FaultKind.DENIED:
            text = f"User: {call.caller.arn} is not authorized to perform: {call.service}:{call.operation}"
            raise ApiError(denied_code(call), text, status=denied_status(call))
        case FaultKind.DROP:
            raise DropConnection
        case FaultKind.SLOW:
            return


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
