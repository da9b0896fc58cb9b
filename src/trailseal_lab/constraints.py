"""
What a request's members must keep to by the operation's model: required, length, range, set of values.

Patterns are left to the handlers and to moto, but for names in IAM. Which error tells is the service's own:
the first of the model's errors that is about input, ValidationException where it has none.
Source: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from moto.core.parse import UNDEFINED

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

OF_INPUT = (
    "ValidationException",
    "InvalidInputException",
    "InvalidParameterException",
    "InvalidParameterValueException",
    "InvalidRequestException",
    "BadRequestException",
)
OF_MEMBER = {"maxResults": "InvalidMaxResultsException"}
"""
Errors that are about one member.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""
BEYOND_THE_MODEL = {"BucketCannedACL": ("log-delivery-write",)}
"""
Values that a service takes and its model does not list.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""
NAMES = frozenset(
    (
        "existingUserNameType",
        "groupNameType",
        "instanceProfileNameType",
        "policyNameType",
        "roleNameType",
        "userNameType",
    )
)
"""
Strings of IAM's whose pattern is looked at: an ARN is made of each.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
MEASURED = frozenset({"string", "blob", "list", "map"})
NUMBERS = frozenset({"byte", "short", "integer", "long", "float", "double"})
SHOWN = 200


def check_members(call: Call) -> None:
    """
    Return when the call has every member that it must, each within its bounds.

    Raises:
        ApiError: ValidationException, or what the service has in its place.
    """
    shape = call.operation_model.input_shape
    if shape is None:
        return
    broken = tuple(_structure(shape, call.params, ""))
    if broken:
        raise _refusal(call, broken)


Broken = tuple[str, str]
"""The place of a member and the sentence about it."""


def _refusal(call: Call, broken: tuple[Broken, ...]) -> ApiError:
    many = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
    return ApiError(_code(call, broken), many + "; ".join(text for _, text in broken))


def _code(call: Call, broken: tuple[Broken, ...]) -> str:
    if call.service == "s3":
        return _of_s3(call, broken)
    if call.protocol == "query":
        return "ValidationError"
    if call.protocol == "ec2":
        return "MissingParameter" if "must not be null" in broken[0][1] else "InvalidParameterValue"
    modelled = {str(shape.name) for shape in call.operation_model.error_shapes}
    of_member = OF_MEMBER.get(broken[0][0], "")
    return next((code for code in (of_member, *OF_INPUT) if code in modelled), OF_INPUT[0])


def _of_s3(call: Call, broken: tuple[Broken, ...]) -> str:
    """
    Return S3's code: what is missing of a document, or is not in it, is not of S3's schema.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    payload = str(call.operation_model.input_shape.serialization.get("payload", ""))
    if not payload or not broken[0][0].startswith(_lower(payload)):
        return "InvalidArgument"
    return "MalformedXML" if call.body else "MissingRequestBodyError"


def _structure(shape: Any, given: dict[str, Any], place: str) -> Iterator[Broken]:
    if shape.is_document_type:
        return
    payload = shape.serialization.get("payload")
    for name, member in shape.members.items():
        value, where = given.get(name), f"{place}{_lower(name)}"
        if value is not None and value is not UNDEFINED:
            yield from _value(member, value, where)
        elif name in shape.required_members and not (name == payload and member.type_name != "structure"):
            yield _broken(None, where, "Member must not be null")


def _value(shape: Any, value: Any, place: str) -> Iterator[Broken]:
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            yield from _structure(shape, value, f"{place}.")
        case "list" if isinstance(value, list):
            for number, each in enumerate(value, 1):
                yield from _value(shape.member, each, f"{place}.{number}.member")
        case "map" if isinstance(value, dict):
            for name, each in value.items():
                yield from _value(shape.key, name, f"{place}.{name}")
                yield from _value(shape.value, each, f"{place}.{name}.member")
    yield from _bounds(shape, value, place)


def _bounds(shape: Any, value: Any, place: str) -> Iterator[Broken]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.name in NAMES and not re.fullmatch(shape.metadata["pattern"], value, re.ASCII):
        yield _broken(
            value, place, f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"
        )
    if shape.type_name in MEASURED and (least is not None or most is not None):
        yield from _within(value, len(value), place, ("have length", least, most))
    elif shape.type_name in NUMBERS:
        yield from _within(value, value, place, ("have value", least, most))
    elif allowed := shape.metadata.get("enum"):
        yield from _one_of(value, (*allowed, *BEYOND_THE_MODEL.get(str(shape.name), ())), place)


def _within(value: Any, size: float, place: str, rule: tuple[str, Any, Any]) -> Iterator[Broken]:
    what, least, most = rule
    if least is not None and size < least:
        yield _broken(value, place, f"Member must {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _broken(value, place, f"Member must {what} less than or equal to {most}")


def _one_of(value: Any, allowed: Iterable[str], place: str) -> Iterator[Broken]:
    if value not in allowed:
        yield _broken(value, place, f"Member must satisfy enum value set: [{', '.join(allowed)}]")


def _broken(value: Any, place: str, rule: str) -> Broken:
    shown = "null" if value is None else f"'{str(value)[:SHOWN]}'"
    return place, f"Value {shown} at '{place}' failed to satisfy constraint: {rule}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
