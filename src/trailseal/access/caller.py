"""
Who asks: the kinds of principal that AWS tells apart.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from trailseal.model.arn import Arn


class CallerKind(StrEnum):
    """A role that is asked about as such is any of its sessions."""

    USER = "user"
    ROLE = "role"
    SESSION = "session"
    FEDERATED = "federated"
    ROOT = "root"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


KEPT = 50_000


class Caller(Struct, frozen=True, kw_only=True, cache_hash=True):
    """
    A caller taken apart.

    `principal_arn` is what `aws:PrincipalArn` holds: for a session the role's ARN. A session's ARN
    does not tell its role's path, so `name` is compared where only the ARN of the session is known.
    """

    kind: CallerKind
    text: str
    partition: str = "aws"
    account: str = ""
    name: str = ""
    principal_arn: str = ""


ANONYMOUS = "anonymous"


@lru_cache(maxsize=KEPT)
def read_caller(text: str) -> Caller:
    """
    Return the caller that an ARN, a service name or `anonymous` stands for.

    Raises:
        ValueError: it is none of these.
    """
    if text == ANONYMOUS:
        return Caller(kind=CallerKind.ANONYMOUS, text=text)
    if not text.startswith("arn:"):
        if text.count(".") and all(text.split(".")) and " " not in text:
            return Caller(kind=CallerKind.SERVICE, text=text)
        raise ValueError(text)
    arn = Arn.parse(text)
    kind, name = _kind(arn)
    role = f"arn:{arn.partition}:iam::{arn.account}:role/{name}"
    return Caller(
        kind=kind,
        text=text,
        partition=arn.partition,
        account=arn.account,
        name=name.rpartition("/")[2],
        principal_arn=role if kind is CallerKind.SESSION else text,
    )


def _kind(arn: Arn) -> tuple[CallerKind, str]:
    kinds = {
        ("iam", "user"): CallerKind.USER,
        ("iam", "role"): CallerKind.ROLE,
        ("sts", "assumed-role"): CallerKind.SESSION,
        ("sts", "federated-user"): CallerKind.FEDERATED,
    }
    if (arn.service, arn.resource) == ("iam", "root"):
        return CallerKind.ROOT, "root"
    kind = kinds.get((arn.service, arn.resource_type))
    if kind is None or not arn.account or not arn.resource_name:
        raise ValueError(str(arn))
    name = arn.resource_name
    if kind is CallerKind.SESSION:
        role, slash, session = name.rpartition("/")
        if not (role and slash and session):
            raise ValueError(str(arn))
        name = role
    return kind, name
