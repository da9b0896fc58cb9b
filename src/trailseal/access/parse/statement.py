"""
One statement, read strictly: an unknown element or operator is an error with its place.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.conditions.operator import Condition, read_conditions
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.messages import message

ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class Element(Struct, frozen=True):
    """`Action`/`NotAction` and `Resource`/`NotResource`: patterns, and whether they are inverted."""

    patterns: tuple[str, ...]
    inverted: bool = False


class PrincipalElement(Struct, frozen=True):
    """`Principal`/`NotPrincipal`. `"*"` alone is kept as type `*`."""

    named: dict[str, tuple[str, ...]]
    inverted: bool = False


class Statement(Struct, frozen=True, kw_only=True):
    """A statement as written. An absent element is None: KMS accepts it, and it then matches nothing."""

    sid: str
    index: int
    allows: bool
    principal: PrincipalElement | None
    action: Element | None
    resource: Element | None
    conditions: tuple[Condition, ...]
    has_variables: bool
    """Whether the document's Version lets `${...}` be replaced."""

    @property
    def label(self) -> str:
        """The Sid, or the position from 1 when there is none."""
        return self.sid or f"#{self.index + 1}"


def read_statement(raw: object, *, place: str, index: int, has_variables: bool) -> Statement:
    """
    Return the statement in `raw`.

    Raises:
        InvalidPolicyError: an element is misspelt, missing, doubled or of the wrong type.
    """
    if not isinstance(raw, Mapping):
        raise InvalidPolicyError(place, message("a statement is an object"))
    for name in raw:
        if name not in ELEMENTS:
            raise InvalidPolicyError(f"{place}.{name}", message("no such element"))
    sid = raw.get("Sid", "")
    if not isinstance(sid, str):
        raise InvalidPolicyError(f"{place}.Sid", message("a Sid is text"))
    effect = raw.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise InvalidPolicyError(f"{place}.Effect", message("Effect is Allow or Deny"))
    return Statement(
        sid=sid,
        index=index,
        allows=effect == "Allow",
        principal=_principal(raw, place),
        action=_element(raw, "Action", place),
        resource=_element(raw, "Resource", place),
        conditions=read_conditions(raw.get("Condition"), f"{place}.Condition"),
        has_variables=has_variables,
    )


def _element(raw: Mapping[str, Any], name: str, place: str) -> Element | None:
    both = [n for n in (name, f"Not{name}") if n in raw]
    if len(both) > 1:
        raise InvalidPolicyError(
            f"{place}.{both[1]}",
            message("{one} and {other} exclude each other", one=name, other=f"Not{name}"),
        )
    if not both:
        return None
    patterns = texts(raw[both[0]], f"{place}.{both[0]}")
    return Element(patterns, inverted=both[0].startswith("Not"))


def _principal(raw: Mapping[str, Any], place: str) -> PrincipalElement | None:
    both = [n for n in ("Principal", "NotPrincipal") if n in raw]
    if len(both) > 1:
        raise InvalidPolicyError(
            f"{place}.NotPrincipal",
            message("{one} and {other} exclude each other", one="Principal", other="NotPrincipal"),
        )
    if not both:
        return None
    name, inverted = both[0], both[0] == "NotPrincipal"
    value = raw[name]
    if value == "*":
        return PrincipalElement({"*": ("*",)}, inverted)
    if not isinstance(value, Mapping) or not value:
        raise InvalidPolicyError(
            f"{place}.{name}",
            message("a principal is `*` or an object of AWS, Service, Federated, CanonicalUser"),
        )
    for kind in value:
        if kind not in PRINCIPAL_TYPES:
            raise InvalidPolicyError(f"{place}.{name}.{kind}", message("no such type of principal"))
    return PrincipalElement({kind: texts(v, f"{place}.{name}.{kind}") for kind, v in value.items()}, inverted)


def texts(value: object, place: str) -> tuple[str, ...]:
    """
    Return a text or a list of texts as a tuple.

    Raises:
        InvalidPolicyError: it is something else.
    """
    many = value if isinstance(value, list | tuple) else (value,)
    found = tuple(each for each in many if isinstance(each, str))
    if len(found) != len(many):
        raise InvalidPolicyError(place, message("a text or a list of texts"))
    return found
