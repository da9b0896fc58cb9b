"""
One statement, read strictly: what AWS refuses of this kind of policy is an error with its place.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.conditions.operator import Condition, read_conditions
from trailseal.access.parse.element import Element, read_action, read_resource
from trailseal.access.parse.kind import IN_IAM, IN_ORGANIZATIONS, PolicyKind
from trailseal.access.parse.principal import PrincipalElement, read_principal
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.messages import Message, message

__all__ = [
    "ELEMENTS",
    "Element",
    "PrincipalElement",
    "Statement",
    "UndecidedForm",
    "read_effect",
    "read_names",
    "read_sid",
    "read_statement",
]

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
SID = re.compile(r"[A-Za-z0-9]*")
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
"""RCPFullAWSAccess, which AWS attaches by itself: the one Allow among resource control policies."""


class UndecidedForm(Struct, frozen=True):
    """A form that AWS took and that this reader refuses: what it is, and where it stands."""

    form: Message
    place: str


class Statement(Struct, frozen=True, kw_only=True):
    """
    A statement as written. An absent element is None: KMS accepts it, and it then matches nothing.

    An `undecided` one is of a policy that AWS holds, in a form that the strict reader refuses: it may
    match whatever its elements could be read to name, and so never allows or denies for certain.
    """

    sid: str
    index: int
    allows: bool
    principal: PrincipalElement | None
    action: Element | None
    resource: Element | None
    conditions: tuple[Condition, ...]
    has_variables: bool
    """Whether the document's Version lets `${...}` be replaced."""
    undecided: UndecidedForm | None = None

    @property
    def label(self) -> str:
        """The Sid, or the position from 1 when there is none."""
        return self.sid or f"#{self.index + 1}"


def read_statement(
    raw: object, *, place: str, index: int, has_variables: bool, kind: PolicyKind
) -> Statement:
    """
    Return the statement in `raw`.

    Raises:
        InvalidPolicyError: an element is misspelt, missing, doubled, or not what AWS takes of this kind.
    """
    given = read_names(raw, place)
    if kind is PolicyKind.RCP and {k: given[k] for k in given if k != "Sid"} == EVERYTHING:
        kind = PolicyKind.RESOURCE
    allows = read_effect(given, place, kind)
    return Statement(
        sid=read_sid(given, place, kind),
        index=index,
        allows=allows,
        principal=read_principal(given, place, kind, allows=allows),
        action=read_action(given, place, kind),
        resource=read_resource(given, place, kind),
        conditions=read_conditions(given.get("Condition", {}), f"{place}.Condition"),
        has_variables=has_variables,
    )


def read_names(raw: object, place: str) -> Mapping[str, Any]:
    """
    Return `raw` as the object that a statement is.

    Raises:
        InvalidPolicyError: it is something else, or has an element that no statement has.
    """
    if not isinstance(raw, Mapping):
        raise InvalidPolicyError(place, message("a statement is an object"))
    for name in raw:
        if name not in ELEMENTS:
            raise InvalidPolicyError(f"{place}.{name}", message("no such element"))
    return raw


def read_sid(raw: Mapping[str, Any], place: str, kind: PolicyKind) -> str:
    """
    Return the Sid. IAM takes letters and digits; KMS takes blanks too, and S3 any text.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html

    Raises:
        InvalidPolicyError: it is no text, or has other characters.
    """
    sid = raw.get("Sid", "")
    if not isinstance(sid, str):
        raise InvalidPolicyError(f"{place}.Sid", message("a Sid is text"))
    if kind in IN_IAM | IN_ORGANIZATIONS and not SID.fullmatch(sid):
        raise InvalidPolicyError(f"{place}.Sid", message("a Sid has the letters A-Z, a-z and digits only"))
    return sid


def read_effect(raw: Mapping[str, Any], place: str, kind: PolicyKind) -> bool:
    """
    Return whether the statement allows. A resource control policy of one's own only denies.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html

    Raises:
        InvalidPolicyError: the effect is missing or another.
    """
    effect = raw.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise InvalidPolicyError(f"{place}.Effect", message("Effect is Allow or Deny"))
    if kind is PolicyKind.RCP and effect == "Allow":
        raise InvalidPolicyError(f"{place}.Effect", message("a resource control policy only denies"))
    return bool(effect == "Allow")
