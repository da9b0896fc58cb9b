"""
The WSGI application: understand, known access key, faults, gate, handler or moto, observers, response.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from trailseal_lab import asks, control
from trailseal_lab.answers import handler_of, render, tell
from trailseal_lab.call import Call
from trailseal_lab.constraints import check_members
from trailseal_lab.credentials import identify
from trailseal_lab.documents import check_documents
from trailseal_lab.errors import ApiError, render_error, unknown_operation
from trailseal_lab.faults import LATER, DropConnection, Fault, FaultKind, Faults, spoil, strike
from trailseal_lab.held_calls import HeldCalls
from trailseal_lab.moto_app import send_to_moto
from trailseal_lab.region_list import check_known
from trailseal_lab.regions import check_region
from trailseal_lab.understand import understand
from trailseal_lab.world import World

LOG = logging.getLogger(__name__)
HOST = re.compile(r"(\d{12}\.)?([a-z0-9.-]+\.localhost|localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
FORBIDDEN = ("/moto-api", "/latest/", "/favicon.ico")
StartResponse = Callable[..., Any]


class Application:
    """The lab as a WSGI application; `stop` ends the server that runs it."""

    def __init__(self, world: World, stop: Callable[[], None]) -> None:
        self._world = world
        self._stop = stop

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one HTTP request."""
        return self.respond(environ)(environ, start_response)

    def respond(self, environ: dict[str, Any]) -> Response:
        """Return the response; a name that is not this machine's is refused, against DNS rebinding."""
        if not HOST.fullmatch(environ.get("HTTP_HOST", "")):
            return Response("the lab answers to 127.0.0.1 and localhost only\n", status=421)
        path = environ.get("PATH_INFO", "")
        if path.startswith(control.PREFIX):
            return control.control(self._world, Request(environ), self._stop)
        if path.startswith(FORBIDDEN):
            return Response(status=404)
        return self._answer(environ)

    def _answer(self, environ: dict[str, Any]) -> Response:
        head = environ["REQUEST_METHOD"] == "HEAD"
        call = None
        try:
            call = understand(environ, now=self._world.now())
            response = self._call(call)
        except ApiError as error:
            response = render_error(error, call, head=head)
        except DropConnection:
            raise ConnectionAbortedError from None
        except Exception:  # a bug in the lab must look like AWS's own 500, and be seen in the lab's log
            LOG.exception("the lab failed on %s", call and f"{call.service}:{call.operation}")
            failure = ApiError("InternalFailure", "The lab failed on this request; see its log.", status=500)
            response = render_error(failure, call, head=head)
        return response

    def _call(self, call: Call) -> Response:
        with self._world.lock:
            response, fault = self._guarded(call, lambda: self._admit(call))
            held = self._world.part(HeldCalls)
            releases = held.releases
        if fault is not None and fault.kind is FaultKind.SLOW:
            time.sleep(fault.seconds)  # outside the lock, as below: only this client waits
        if fault is not None and fault.kind is FaultKind.HOLD:
            held.hold(releases)
        if response is not None:
            return response
        with self._world.lock:
            response, _ = self._guarded(call, lambda: self._decide(call))
        assert response is not None  # noqa: S101 - `_decide` answers or raises
        if fault is not None and fault.kind is FaultKind.HOLD_AFTER:
            held.hold(releases)
        return spoil(fault, call, response)

    def _guarded(
        self, call: Call, part: Callable[[], Response | Fault | None]
    ) -> tuple[Response | None, Fault | None]:
        try:
            outcome = part()
        except ApiError as error:
            refused = render_error(error, call, head=call.request.method == "HEAD")
            return self._observed(call, refused), None
        return (None, outcome) if isinstance(outcome, Fault) else (outcome, None)

    def _admit(self, call: Call) -> Response | Fault | None:
        check_known(call)
        call.who = identify(self._world, call)
        check_region(self._world, call)
        return self._fault(call)

    def _fault(self, call: Call) -> Response | Fault | None:
        fault = self._world.part(Faults).take(call)
        if fault is None or fault.kind in LATER:
            return fault
        return strike(fault, call)

    def _decide(self, call: Call) -> Response:
        world = self._world
        if not call.operation:
            raise unknown_operation(call)
        if call.problem is not None:
            raise call.problem
        check_members(call)
        if not world.building:
            asks.check(call)
            check_documents(call)
        forward = partial(send_to_moto, call)
        handler = handler_of(call)
        response = render(handler(world, call, forward), call) if handler else forward()
        return self._observed(call, response)

    def _observed(self, call: Call, response: Response) -> Response:
        response.headers["x-amzn-RequestId"] = call.request_id
        if call.service in {"s3", "s3-control"}:
            response.headers["x-amz-request-id"] = call.request_id
            response.headers["x-amz-id-2"] = "trailseal-lab"
        if not self._world.building and call.who is not None:
            tell(self._world, call, response)
        return response
