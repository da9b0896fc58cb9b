"""
A request's members, read as the operation's model says: the same for every service, whatever the protocol.

moto's parsers take what they are given, and JSON that they cannot read for nothing at all; so a JSON body is
looked at first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn
from xml.parsers import expat

from botocore.utils import parse_timestamp
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

UNREADABLE = (RequestParserError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What moto's parsers raise for parameters of the wrong shape."""
JSON = frozenset({"json", "rest-json"})
WIDTHS = {"byte": 7, "short": 15, "integer": 31, "long": 63}
DEEPEST = 200
"""Levels of a document; no model has as many, and Python reads no document that is deeper without end."""


def read_parameters(call: Call, uri_parameters: dict[str, Any]) -> dict[str, Any]:
    """
    Return the members of a call under their API names.

    Raises:
        ApiError: SerializationException, or what the protocol has in its place.
    """
    if call.operation_model is None:
        return {}
    try:
        if call.protocol in JSON:
            _check_json(call)
        elif call.protocol == "rest-xml" and call.body:
            _check_xml(call)
        return _parse(call, uri_parameters)
    except UNREADABLE as problem:
        raise _unreadable(call, problem) from problem


def _parse(call: Call, uri_parameters: dict[str, Any]) -> dict[str, Any]:
    parsed = PROTOCOL_PARSERS[call.protocol](call.operation_model).parse(
        {
            "method": call.request.method,
            "values": call.request.values,
            "headers": call.request.headers,
            "body": call.body,
            "url_path": call.request.path,
            "url_params": uri_parameters,
        }
    )
    return parsed or {}


def _unreadable(call: Call, problem: BaseException) -> ApiError:
    if call.service == "s3" and not call.body:
        return ApiError("InvalidArgument", "A parameter of the request has a value of the wrong type.")
    if call.protocol == "rest-xml":
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        return ApiError("MalformedXML", text)
    if call.protocol in JSON:
        said = str(problem) if isinstance(problem, _WrongTypeError) else "The request body cannot be read."
        return ApiError("SerializationException", said)
    return ApiError("MalformedInput", "A parameter of the request has a value of the wrong type.")


def _check_xml(call: Call) -> None:
    """Return when an XML body is well-formed, has the root that the operation wants, and no entities."""
    shape = call.operation_model.input_shape
    payload = shape and shape.serialization.get("payload")
    member = shape.members[payload] if payload else None
    if member is None or member.type_name != "structure" or member.serialization.get("eventstream"):
        return
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def begin(name: str, _: Any) -> None:
        names.append(name.rpartition(" ")[2])

    parser.StartElementHandler = begin
    parser.EntityDeclHandler = _no_entity
    try:
        parser.Parse(call.body, True)  # noqa: FBT003 - expat's own
    except expat.ExpatError as problem:
        raise ValueError(str(problem)) from problem
    if names[:1] != [str(member.serialization.get("name", member.name))]:
        raise ValueError(names[:1])


def _no_entity(*_: Any) -> NoReturn:
    raise ValueError("a document has no entities of its own")


class _WrongTypeError(ValueError):
    """A value of a type that the model does not have there."""


def _check_json(call: Call) -> None:
    """Return when the JSON body is of the types that the model has, and nothing else."""
    shape = call.operation_model.input_shape
    if shape is not None and (payload := shape.serialization.get("payload")):
        shape = shape.members[payload]
        if shape.type_name in {"blob", "string"}:
            return
    if not call.body or (call.protocol == "rest-json" and shape is None):
        return
    try:
        document = json.loads(call.body, parse_constant=_no_number)
    except ValueError as problem:
        raise _WrongTypeError("The request body is no JSON document.") from problem
    if shape is None:
        return
    if not isinstance(document, dict):
        raise _WrongTypeError("The request body must be a JSON object.")
    _check(shape, document, 0)


def _no_number(name: str) -> NoReturn:
    raise _WrongTypeError(f"{name} is no JSON number.")


def _check(shape: Any, value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise _WrongTypeError("The request body is nested too deeply.")
    CHECKS.get(shape.type_name, _anything)(shape, value, depth)


def _anything(shape: Any, value: Any, depth: int) -> None:
    del shape, value, depth


def _structure(shape: Any, value: Any, depth: int) -> None:
    if shape.is_document_type:
        return
    _need(isinstance(value, dict), value, "a structure")
    for name, member in shape.members.items():
        given = value.get(member.serialization.get("name", name))
        if given is not None and not member.is_not_bound_to_body:
            _check(member, given, depth + 1)


def _list(shape: Any, value: Any, depth: int) -> None:
    _need(isinstance(value, list), value, "a list")
    for each in value:
        _check(shape.member, each, depth + 1)


def _map(shape: Any, value: Any, depth: int) -> None:
    _need(isinstance(value, dict), value, "a map")
    for each in value.values():
        _check(shape.value, each, depth + 1)


def _string(shape: Any, value: Any, depth: int) -> None:
    del depth
    if "jsonvalue" not in shape.serialization:
        _need(isinstance(value, str), value, "a String")


def _boolean(shape: Any, value: Any, depth: int) -> None:
    del shape, depth
    _need(isinstance(value, bool), value, "a Boolean")


def _integer(shape: Any, value: Any, depth: int) -> None:
    del depth
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == math.floor(value)
    limit = 1 << WIDTHS[shape.type_name]
    _need(whole and -limit <= value < limit, value, f"a number of type {shape.type_name}")


def _float(shape: Any, value: Any, depth: int) -> None:
    del depth
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    named = value in ("NaN", "Infinity", "-Infinity")
    _need(is_number or named, value, f"a number of type {shape.type_name}")


def _is_number_or_text(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _timestamp(shape: Any, value: Any, depth: int) -> None:
    del shape, depth
    _need(_is_number_or_text(value), value, "a time")
    try:
        found: datetime = parse_timestamp(value)
    except (ValueError, OverflowError, OSError, RuntimeError):
        raise _WrongTypeError("A value of the request body is no time.") from None
    del found


def _need(is_right: bool, value: Any, wanted: str) -> None:  # noqa: FBT001 - the rule itself
    if not is_right:
        raise _WrongTypeError(f"{JSON_NAMES[type(value)]} can not be converted to {wanted}")


JSON_NAMES: dict[type, str] = {
    str: "STRING_VALUE",
    int: "NUMBER_VALUE",
    float: "DECIMAL_VALUE",
    bool: "BOOLEAN_VALUE",
    list: "START_LIST",
    dict: "START_OBJECT",
    type(None): "NULL_VALUE",
}
CHECKS: dict[str, Callable[[Any, Any, int], None]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "character": _string,
    "blob": _string,
    "boolean": _boolean,
    "byte": _integer,
    "short": _integer,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "timestamp": _timestamp,
}
