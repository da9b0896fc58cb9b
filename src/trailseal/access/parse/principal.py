"""
The Principal element as it is written: which forms AWS takes of which kind of policy.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.parse.element import texts
from trailseal.access.parse.kind import WITHOUT_PRINCIPAL, PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.service_name import is_service_name
from trailseal.messages import Message, message

PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
NAMES = ("Principal", "NotPrincipal")
NO_NOT_PRINCIPAL = frozenset((PolicyKind.TRUST, PolicyKind.RCP))
WILDCARD = re.compile(r"[*?]")
LASTING = (
    r"arn:[a-z0-9-]+:iam::\d{12}:root"
    r"|arn:[a-z0-9-]+:iam::\d{12}:(?:user|role)/(?:[!-.0-~]*/)*[\w+=,.@-]+"
    r"|arn:[a-z0-9-]+:sts::\d{12}:federated-user/[\w+=,.@-]+"
    r"|arn:[a-z0-9-]+:iam::cloudfront:user/CloudFront Origin Access Identity \w+"
)
"""
The ARN of a root, user, role or federated user, or of the one special user of CloudFront.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""
SESSION = r"arn:[a-z0-9-]+:sts::\d{12}:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+"
AWS = re.compile(rf"\d{{12}}|A(?:IDA|ROA)[A-Z0-9]+|{LASTING}|{SESSION}", re.ASCII)
"""An account, the unique ID that AWS shows for a deleted user or role, or one of those with an ARN."""
SAML = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:saml-provider/.+", re.ASCII)


class PrincipalElement(Struct, frozen=True):
    """`Principal`/`NotPrincipal`. `"*"` alone is kept as type `*`."""

    named: dict[str, tuple[str, ...]]
    inverted: bool = False


ANYBODY = PrincipalElement({"*": ("*",)})


def read_principal(
    raw: Mapping[str, Any], place: str, kind: PolicyKind, *, allows: bool
) -> PrincipalElement | None:
    """
    Return the statement's principals; None in policies that name none.

    Raises:
        InvalidPolicyError: the element is missing, has no place in this kind, or names nobody there is.
    """
    both = [n for n in NAMES if n in raw]
    _check_place(both, place, kind, allows=allows)
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
    for one in value:
        if one not in PRINCIPAL_TYPES:
            raise InvalidPolicyError(f"{place}.{name}.{one}", message("no such type of principal"))
    named = {one: texts(given, f"{place}.{name}.{one}") for one, given in value.items()}
    for one, values in named.items():
        _check_named(one, values, f"{place}.{name}.{one}", kind)
    return PrincipalElement(named, inverted)


def _check_place(both: list[str], place: str, kind: PolicyKind, *, allows: bool) -> None:
    """Principal belongs to policies on resources, and NotPrincipal to their denies alone."""
    if len(both) > 1:
        raise InvalidPolicyError(
            f"{place}.NotPrincipal",
            message("{one} and {other} exclude each other", one="Principal", other="NotPrincipal"),
        )
    if kind in WITHOUT_PRINCIPAL:
        if both:
            raise InvalidPolicyError(
                f"{place}.{both[0]}", message("a policy of this kind has no {name}", name=both[0])
            )
        return
    if not both:
        raise InvalidPolicyError(
            f"{place}.Principal", message("a policy of this kind needs {name}", name="Principal")
        )
    if both[0] == "NotPrincipal":
        if kind in NO_NOT_PRINCIPAL:
            raise InvalidPolicyError(
                f"{place}.NotPrincipal", message("a policy of this kind has no {name}", name="NotPrincipal")
            )
        if allows:
            raise InvalidPolicyError(
                f"{place}.NotPrincipal", message("NotPrincipal goes with Deny only, not with Allow")
            )


def _check_named(one: str, values: tuple[str, ...], place: str, kind: PolicyKind) -> None:
    for value in values:
        if problem := _problem(one, value, kind):
            raise InvalidPolicyError(place, problem)


def _problem(one: str, value: str, kind: PolicyKind) -> Message | None:
    """Return what is wrong with one principal, None when nothing is."""
    if kind is PolicyKind.RCP and (one, value) != ("AWS", "*"):
        return message("a resource control policy names nobody but `*`")
    if one == "CanonicalUser" and kind in {PolicyKind.KEY, PolicyKind.TRUST}:
        return message("canonical user IDs are for bucket policies")
    if value == "*" and one in {"AWS", "Federated"}:
        return None
    return _form_problem(one, value, kind)


def _form_problem(one: str, value: str, kind: PolicyKind) -> Message | None:
    if WILDCARD.search(value):
        return message("`{value}`: a wildcard cannot replace a part of a principal", value=value)
    if one == "Federated" and kind is not PolicyKind.TRUST and not SAML.fullmatch(value):
        return message("`{value}`: OpenID Connect providers are for trust policies only", value=value)
    is_one = {"AWS": AWS.fullmatch(value) is not None, "Service": is_service_name(value)}
    if not is_one.get(one, True):
        return message("`{value}` is not a principal of type {type}", value=value, type=one)
    return None
