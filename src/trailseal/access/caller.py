"""
Who asks: the kinds of principal that AWS tells apart.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.kleene import Kleene
from trailseal.access.match.wildcard import ONE_SEGMENT
from trailseal.access.service_name import is_service_name
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

    `name` is without its path: a session's ARN does not tell its role's. `session` is "" but for sessions,
    `role` the ARN of a session's role where something else tells it, `maker` that of the user, or root user,
    who made a federated user's session. `unique_id` is the user's, or the role's: None where it is not told,
    "" where it is none that anybody writes.
    """

    kind: CallerKind
    text: str
    partition: str = "aws"
    account: str = ""
    name: str = ""
    session: str = ""
    role: str = ""
    maker: str = ""
    unique_id: str | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """
        Patterns of the ARNs that the role of a session may have, () for any other caller.

        IAM lets a name stand once in an account, whatever its path. Roles of IAM Identity Center have a
        path of their own, with the Region or, where the identity source is in us-east-1, without.
        Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
        """
        if self.kind is not CallerKind.SESSION:
            return ()
        if self.role:
            return (self.role,)
        head = f"arn:{self.partition}:iam::{self.account}:role/"
        if self.name.startswith(IDENTITY_CENTER):
            head += IDENTITY_CENTER_PATH
            return (head + self.name, f"{head}{ONE_SEGMENT}/{self.name}")
        return (head + self.name, f"{head}*/{self.name}")

    @property
    def is_service_linked(self) -> Kleene:
        """
        Whether this is a service-linked role or a session of one: their roles lie in a path of their own.

        A session's ARN shows no path. Names that AWS's services give begin alike, so that any other name
        settles it.
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
        """
        if self.kind is CallerKind.SESSION and not self.role:
            return None if self.name.startswith(SERVICE_LINKED_NAME) else False
        return is_service_linked_role(self.role or self.text)


IDENTITY_CENTER = "AWSReservedSSO_"
IDENTITY_CENTER_PATH = "aws-reserved/sso.amazonaws.com/"
SERVICE_LINKED = "role/aws-service-role/"
SERVICE_LINKED_NAME = "AWSServiceRoleFor"
ANONYMOUS = "anonymous"
ANYBODY = "trailseal-anybody"
"""The name of whoever stands for all those whom no policy names."""
ID_OF = {CallerKind.USER: "AIDA", CallerKind.ROLE: "AROA", CallerKind.SESSION: "AROA"}
"""How unique IDs begin: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
NOBODYS = "000000000000"
"""An account that nobody has."""


def is_service_linked_role(arn: str) -> bool:
    """Whether an ARN is that of a service-linked role: their path begins so, and any other may hold it."""
    return arn.split(":", 5)[-1].startswith(SERVICE_LINKED)


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
        if is_service_name(text):
            return Caller(kind=CallerKind.SERVICE, text=text)
        raise ValueError(text)
    arn = Arn.parse(text)
    kind, name = _kind(arn)
    session = arn.resource_name.rpartition("/")[2] if kind is CallerKind.SESSION else ""
    return Caller(
        kind=kind,
        text=text,
        partition=arn.partition,
        account=arn.account,
        name=name.rpartition("/")[2],
        session=session,
    )


def caller_kind(arn: str) -> CallerKind | None:
    """Return what kind of caller has an ARN, None when no caller has."""
    try:
        return read_caller(arn).kind if arn.startswith("arn:") else None
    except ValueError:
        return None


def nobody_in(partition: str) -> str:
    """Return the ARN of a user whom nobody has, to ask as where the caller does not matter."""
    return f"arn:{partition}:iam::{NOBODYS}:user/{ANYBODY}"


def session_arn(role: str, name: str) -> str:
    """Return the ARN of a role's session with a name, which tells the role's name and not its path."""
    of = read_caller(role)
    return f"arn:{of.partition}:sts::{of.account}:assumed-role/{of.name}/{name}"


def is_session_of(session: str, role: str) -> bool:
    """
    Whether an ARN is that of a session of the role with another one.

    IAM lets a name stand once in an account, whatever its path:
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    if (caller_kind(session), caller_kind(role)) != (CallerKind.SESSION, CallerKind.ROLE):
        return False
    return session.startswith(session_arn(role, ""))


def role_arn(session: str) -> str:
    """Return the ARN of a session's role as if it had no path, "" for the ARN of anything else."""
    return without_path(session) if caller_kind(session) is CallerKind.SESSION else ""


def without_path(role: str) -> str:
    """Return the ARN of a role, or of a session's role, as if it had no path: all that a session tells."""
    of = read_caller(role)
    return f"arn:{of.partition}:iam::{of.account}:role/{of.name}"


@lru_cache(maxsize=KEPT)
def of_role(caller: Caller, role: str) -> Caller:
    """Return a session with the ARN of its role, path and all; any other caller as it is."""
    return replace(caller, role=role) if caller.kind is CallerKind.SESSION else caller


@lru_cache(maxsize=KEPT)
def of_id(caller: Caller, unique_id: str) -> Caller:
    """
    Return a user, a role or a session of one with the unique ID of the user or the role.

    Policies are kept with the IDs of those whom they name, and AWS shows an ARN in the place of each that
    it still finds. What it has not put an ARN for is held against the ID, as AWS holds it.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    return replace(caller, unique_id=unique_id)


def may_have_id(unique_id: str, caller: Caller) -> bool:
    """Whether a text is a unique ID of the caller's kind, whose own is not told."""
    return caller.unique_id is None and caller.kind in ID_OF and unique_id.startswith(ID_OF[caller.kind])


@lru_cache(maxsize=KEPT)
def made_by(caller: Caller, maker: str) -> Caller:
    """Return a federated user with the user who made its session; any other caller as it is."""
    return replace(caller, maker=maker) if caller.kind is CallerKind.FEDERATED else caller


def is_maker(user: str, caller: Caller) -> Kleene:
    """
    Whether a user made a federated user's session, which its ARN does not tell: then it may be any.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    if caller.kind is not CallerKind.FEDERATED:
        return False
    if caller.maker:
        return user == caller.maker
    same = user.startswith(f"arn:{caller.partition}:iam::{caller.account}:user/")
    return None if same and caller_kind(user) is CallerKind.USER else False


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
