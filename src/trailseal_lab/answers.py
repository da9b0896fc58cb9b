"""
The registry of operations that the lab answers itself, before or instead of moto.

    @answers("cloudtrail", "UpdateTrail")
    def update_trail(world: World, call: Call, forward: Forward) -> Answer: ...

A handler returns a dict of the operation's output members, which is written in the caller's protocol,
or a finished response. `forward()` sends the call on to moto and returns its response, so a handler
can check before or amend after.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from moto.core.serialize import get_serializer_class
from werkzeug.wrappers import Response

from trailseal_lab.call import Call
from trailseal_lab.failures import alone, work_of

if TYPE_CHECKING:
    from trailseal_lab.world import World

Answer = Response | Mapping[str, Any]
Forward = Callable[[], Response]
Handler = Callable[["World", Call, Forward], Answer]
H = TypeVar("H", bound=Handler)
Observer = Callable[["World", Call, Response], None]

ROOTS = {"ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult"}
"""
Root elements that are not named as the shape in the model.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html
"""
HANDLERS: dict[tuple[str, str], Handler] = {}
OBSERVERS: list[Observer] = []


def answers(service: str, *operations: str) -> Callable[[H], H]:
    """Return the decorator that registers a handler for these operations; each may have only one."""

    def register(handler: H) -> H:
        for operation in operations:
            if HANDLERS.setdefault((service, operation), handler) is not handler:
                raise ValueError(f"{service}:{operation} is answered twice")
        return handler

    return register


def observes(observer: Observer) -> Observer:
    """Register a function that is told of every call with its response, refused ones included."""
    OBSERVERS.append(observer)
    return observer


def tell(world: World, call: Call, response: Response) -> None:
    """Tell every observer of a call; what one of them stumbles over is noted, and changes no answer."""
    for observer in OBSERVERS:
        with alone(world, work_of(observer)):
            observer(world, call, response)


def handler_of(call: Call) -> Handler | None:
    """Return what answers this call, None when moto does."""
    return HANDLERS.get((call.service, call.operation))


def render(answer: Answer, call: Call) -> Response:
    """Return a handler's answer as a response in the caller's protocol."""
    if isinstance(answer, Response):
        return answer
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=call.operation_model)
    written = serializer.serialize(dict(answer))
    body = _under_its_root(written["body"], call) if call.protocol == "rest-xml" else written["body"]
    return Response(body, status=written["status_code"], headers=dict(written["headers"]))


def _under_its_root(body: Any, call: Call) -> Any:
    """Return an XML body under the root that AWS gives it; moto's is the operation's name, as in Query."""
    shape = call.operation_model.output_shape
    if not isinstance(body, str) or shape is None:
        return body
    given, root = f"{call.operation}Response", ROOTS.get(call.operation, shape.name)
    return body.replace(f"<{given}", f"<{root}").replace(f"</{given}>", f"</{root}>")


def output_of(response: Response) -> dict[str, Any]:
    """Return a JSON response's members; {} when it has none or is not JSON."""
    try:
        document = json.loads(response.get_data() or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
