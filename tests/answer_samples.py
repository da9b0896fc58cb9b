"""Answers made from botocore's models, with every member, written as the service would write them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.session import Session

from trailseal.aws.answer_bodies import ROOTS

SERVICES = (
    "sts", "cloudtrail", "kms", "s3", "s3control", "organizations", "iam", "cloudformation", "securityhub",
    "logs",
)  # fmt: skip
TEXT = "arn:aws:kms:us-east-1:123456789012:key/k"
SCALARS = {"string": TEXT, "blob": "aGk=", "boolean": True, "timestamp": 1.5e9}
DEPTH, FEW = 3, 3


@cache
def _models() -> tuple[Any, ...]:
    """Read the models when the first is wanted, not by whoever collects tests."""
    session = Session()
    return tuple(session.get_service_model(name) for name in SERVICES)


@cache
def model_of(operation: str) -> tuple[str, Any]:
    """Return the protocol of an operation's service, and the shape of its answer."""
    service = next(model for model in _models() if operation in model.operation_names)
    return service.resolved_protocol, service.operation_model(operation).output_shape


def sample(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """
    Return a value of a shape with every member and one element in each list.

    What holds itself ends there, and what lies deeper than anything that is asked for has a few members.
    """
    if shape.type_name == "structure":
        members = [(n, m) for n, m in shape.members.items() if m.name not in above]
        kept = 1 if shape.is_tagged_union else FEW if len(above) >= DEPTH else None
        return {name: sample(member, (*above, shape.name)) for name, member in members[:kept]}
    if shape.type_name == "list":
        return [sample(shape.member, above)]
    if shape.type_name == "map":
        return {"k": sample(shape.value, above)}
    return SCALARS.get(shape.type_name, 3)


def written(operation: str, value: Any) -> bytes:
    """Return an answer as it comes over the wire."""
    protocol, shape = model_of(operation)
    if protocol in {"json", "rest-json"}:
        return json.dumps(value).encode()
    if protocol == "query":
        result = _xml(f"{operation}Result", shape, value)
        return f"<{operation}Response>{result}</{operation}Response>".encode()
    if payload := shape.serialization.get("payload"):
        return _xml(payload, shape.members[payload], value[payload]).encode() if payload in value else b""
    return _xml(ROOTS.get(operation, shape.name), shape, value).encode()


def _xml(name: str, shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        parts = (
            _xml(m.serialization.get("name", n), m, value[n])
            for n, m in shape.members.items()
            if n in value and not {"location", "xmlAttribute"} & m.serialization.keys()
        )
        return f"<{name}>{''.join(parts)}</{name}>"
    if shape.type_name == "list":
        own = shape.member.serialization.get("name")
        if shape.serialization.get("flattened"):
            return "".join(_xml(own or name, shape.member, each) for each in value)
        inner = "".join(_xml(own or "member", shape.member, each) for each in value)
        return f"<{name}>{inner}</{name}>"
    if shape.type_name == "map":
        return f"<{name}/>"
    text = {True: "true", 1.5e9: "2017-07-14T02:40:00Z"}.get(value, str(value))
    return f"<{name}>{escape(text)}</{name}>"
