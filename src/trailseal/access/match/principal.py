"""
The Principal element: whom a statement of a resource policy speaks of, and how.

Some elements do not tell: a canonical user ID stands for an account, and not which; a SAML provider for
some of the sessions of its account; a named session for one of its role's. Such an element *may* name the
caller. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.access.caller import Caller, CallerKind, is_maker, is_session_of
from trailseal.access.kleene import Kleene
from trailseal.access.parse.statement import PrincipalElement
from trailseal.access.service_name import names_service
from trailseal.model.arn import Arn, is_arn


class Named(StrEnum):
    """
    How an element names a caller. It decides what else the caller needs, and what limits it.

    `ACCOUNT` grants to nobody by itself: it delegates to that account's IAM policies.
    """

    NOT = "not"
    ACCOUNT = "account"
    ROLE = "role"
    """The caller is a session and its role is named, or the user who made it."""
    ITSELF = "itself"
    """The very user, session, federated user, service or root."""
    EVERYBODY = "everybody"


class Naming(Struct, frozen=True):
    """How an element names a caller, and whether that is certain."""

    way: Named
    certain: bool = True


STRONGEST = (Named.EVERYBODY, Named.ITSELF, Named.ROLE, Named.ACCOUNT)
NOT = Naming(Named.NOT)
SESSIONS = frozenset({CallerKind.SESSION, CallerKind.ROLE})


def named(
    element: PrincipalElement | None, caller: Caller, *, allows: bool, trust: bool
) -> tuple[Naming, ...]:
    """
    Return how the element of an Allow or a Deny names the caller, () where it does not.

    Two answers where one is certain and a stronger one is not. In a `trust` policy a federation names
    nobody who signs requests, and may name whoever comes with a token of its own.
    """
    if element is None:
        return ()
    namings = {
        _way(kind, value, caller, trust=trust) for kind, values in element.named.items() for value in values
    } - {NOT}
    if caller.kind is CallerKind.FEDERATED and not allows:
        namings = {_for_a_deny(naming) for naming in namings}
    if element.inverted:
        return _but_for(namings, element, caller, allows=allows)
    certain = _strongest(namings, certain=True)
    possible = _strongest(namings, certain=False)
    if certain is None or (allows and possible and _rank(possible) < _rank(certain)):
        return tuple(found for found in (certain, possible) if found)
    return (certain,)


def _for_a_deny(naming: Naming) -> Naming:
    """
    Return how a Deny names a federated user: that one on its maker reaches it AWS does not say.

    Of an Allow it says so, within the session policy and the boundary: the principal of the request is the
    federated user and not the user who made it.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    return Naming(Named.ROLE, certain=False) if naming.way is Named.ROLE else naming


def _strongest(namings: set[Naming], *, certain: bool) -> Naming | None:
    return min((n for n in namings if n.certain is certain), key=_rank, default=None)


def _rank(naming: Naming) -> int:
    return STRONGEST.index(naming.way)


def _way(kind: str, value: str, caller: Caller, *, trust: bool) -> Naming:
    if kind == "*" or (kind == "AWS" and value == "*"):
        return Naming(Named.EVERYBODY)
    if kind == "Service":
        covers = caller.kind is CallerKind.SERVICE and names_service(value, caller.text)
        return NOT if covers is False else Naming(Named.ITSELF, certain=covers is True)
    if kind == "Federated":
        return _federated(value, caller, trust=trust)
    if not caller.account:
        return NOT
    return Naming(_of_account(caller), certain=False) if kind == "CanonicalUser" else _aws(value, caller)


def _of_account(caller: Caller) -> Named:
    return Named.ITSELF if caller.kind is CallerKind.ROOT else Named.ACCOUNT


def _federated(value: str, caller: Caller, *, trust: bool) -> Naming:
    """
    Return how a federation names a caller, for certain never: which sessions it made, no ARN tells.

    A SAML provider makes sessions of roles in its own account. Whom a trust policy lets assume a role by a
    federation's token comes unsigned.
    """
    if trust:
        return Naming(Named.ITSELF, certain=False) if caller.kind is CallerKind.ANONYMOUS else NOT
    same = value == "*" or (is_arn(value) and Arn.parse(value).account == caller.account)
    return Naming(Named.ITSELF, certain=False) if same and caller.kind in SESSIONS else NOT


def _aws(value: str, caller: Caller) -> Naming:
    if value in account_names(caller):
        return Naming(_of_account(caller))
    if is_itself(value, caller):
        return Naming(Named.ROLE if caller.kind is CallerKind.ROLE else Named.ITSELF)
    if caller.kind is CallerKind.SESSION and is_role_of(value, caller):
        return Naming(Named.ROLE)
    if caller.kind is CallerKind.ROLE and is_session_of(value, caller.text):
        return Naming(Named.ITSELF, certain=False)
    if (made := is_maker(value, caller)) is not False:
        return Naming(Named.ROLE, certain=made is True)
    return NOT


def account_names(caller: Caller) -> tuple[str, str]:
    """Return how a policy names the caller's account."""
    return caller.account, f"arn:{caller.partition}:iam::{caller.account}:root"


def is_itself(value: str, caller: Caller) -> bool:
    """Whether an ARN, or the unique ID of a user or role, is that of the very caller."""
    by_id = value == caller.unique_id and caller.kind is not CallerKind.SESSION
    return by_id or value == caller.text


def is_role_of(value: str, caller: Caller) -> bool:
    """Whether a role's ARN, path and all, or its unique ID is of the role of a session."""
    if value == caller.unique_id:
        return True
    return value == caller.role if caller.role else is_session_of(caller.text, value)


def _but_for(
    namings: set[Naming], element: PrincipalElement, caller: Caller, *, allows: bool
) -> tuple[Naming, ...]:
    """
    Return how NotPrincipal names the caller: everybody who is not spared.

    AWS verifies an account, then its user, or its role and then the session, and says that a Deny may
    reach whom it lists while a parent is not listed. Of whom a federated user's maker spares it tells
    nothing. Of a session it advises to list its role and the
    account in one place, and the session too in another: unknown. With an Allow it is not supported.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if any(naming.way is Named.EVERYBODY for naming in namings):
        return ()
    spared = None if allows else _is_spared(namings, element, caller)
    return () if spared else (Naming(Named.EVERYBODY, certain=spared is False),)


def _is_spared(namings: set[Naming], element: PrincipalElement, caller: Caller) -> Kleene:
    listed = element.named.get("AWS", ())
    if caller.kind is CallerKind.SERVICE:
        return None if namings and not any(naming.certain for naming in namings) else bool(namings)
    itself = any(is_itself(value, caller) for value in listed)
    itself = itself or (caller.kind is CallerKind.ROOT and _has_account(listed, caller))
    has_role = (
        any(is_role_of(value, caller) for value in listed) if caller.kind is CallerKind.SESSION else True
    )
    if itself and caller.kind is not CallerKind.ROLE:
        return True if has_role and _has_account(listed, caller) else None
    doubtful = itself or any(not n.certain and n.way in {Named.ITSELF, Named.ROLE} for n in namings)
    return None if doubtful or (caller.kind is CallerKind.SESSION and has_role) else False


def _has_account(listed: tuple[str, ...], caller: Caller) -> bool:
    return any(name in listed for name in account_names(caller))
