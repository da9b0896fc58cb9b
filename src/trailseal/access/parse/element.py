"""
`Action`/`NotAction` and `Resource`/`NotResource`: lists of patterns, and which forms AWS takes of them.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.messages import message

ACTION = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[^:]+")
OF_ONE_SERVICE = re.compile(r"[A-Za-z0-9.-]+:[^:]+")
WITHOUT_ACTION = frozenset((PolicyKind.KEY,))
"""
KMS takes a statement without Action or Resource, which then has no effect.
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""
WITHOUT_RESOURCE = frozenset((PolicyKind.KEY, PolicyKind.TRUST, PolicyKind.RESOURCE))
"""The policies of some services, Amazon ECR for instance, mean their own resource and name none."""


class Element(Struct, frozen=True):
    """The patterns, and whether they are inverted."""

    patterns: tuple[str, ...]
    inverted: bool = False


ANYTHING = Element(("*",))


def read_action(raw: Mapping[str, Any], place: str, kind: PolicyKind) -> Element | None:
    """
    Return the actions of a statement; None where KMS lets there be none.

    A resource control policy has neither NotAction nor a lone `*`:
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html

    Raises:
        InvalidPolicyError: they are missing, or one is no action.
    """
    found = _read(raw, "Action", place)
    if found is None:
        if kind in WITHOUT_ACTION:
            return None
        raise InvalidPolicyError(
            f"{place}.Action", message("a policy of this kind needs {name}", name="Action or NotAction")
        )
    where = f"{place}.{'Not' * found.inverted}Action"
    if kind is PolicyKind.RCP and found.inverted:
        raise InvalidPolicyError(where, message("a policy of this kind has no {name}", name="NotAction"))
    for pattern in found.patterns:
        if not (OF_ONE_SERVICE if kind is PolicyKind.RCP else ACTION).fullmatch(pattern):
            raise InvalidPolicyError(
                where, message("`{action}` is not an action: write `service:Operation`", action=pattern)
            )
    return found


def read_resource(raw: Mapping[str, Any], place: str, kind: PolicyKind) -> Element | None:
    """
    Return the resources of a statement; None where a policy is for the resource that it hangs on.

    A trust policy has no Resource (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html).
    A service control policy may name some in an Allow too, since September 2025
    (https://aws.amazon.com/blogs/security/unlock-new-possibilities-aws-organizations-service-control-policy-now-supports-full-iam-language).

    Raises:
        InvalidPolicyError: they are missing, have no place here, or are no resources.
    """
    found = _read(raw, "Resource", place)
    if found is None:
        if kind in WITHOUT_RESOURCE:
            return None
        raise InvalidPolicyError(
            f"{place}.Resource", message("a policy of this kind needs {name}", name="Resource or NotResource")
        )
    where = f"{place}.{'Not' * found.inverted}Resource"
    if kind is PolicyKind.TRUST:
        raise InvalidPolicyError(where, message("a policy of this kind has no {name}", name="Resource"))
    return found


def _read(raw: Mapping[str, Any], name: str, place: str) -> Element | None:
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


def texts(value: object, place: str) -> tuple[str, ...]:
    """
    Return a text or a list of texts as a tuple.

    Raises:
        InvalidPolicyError: it is something else, or there is nothing in it.
    """
    many = value if isinstance(value, list | tuple) else (value,)
    found = tuple(each for each in many if isinstance(each, str))
    if len(found) != len(many):
        raise InvalidPolicyError(place, message("a text or a list of texts"))
    if not found or "" in found:
        raise InvalidPolicyError(place, message("an empty text or an empty list names nothing"))
    return found
