"""
Sessions of federated users: nobody keeps a list of them, and they are there as soon as a user makes one.

Without a session policy it may do nothing, with one no more than its maker, in both cases besides what a
policy gives it by its own ARN. It is asked as one whose session policy leaves it all that its maker may.
Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from trailseal.access.decision import DENIED, Decision
from trailseal.access.readers.classes import Kinds
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.questions import in_iam
from trailseal.access.readers.subject import KINDS, Knowledge, Subject, SubjectKind, subject_of
from trailseal.model.arn import account_of

MAKE = "sts:GetFederationToken"
MAKERS = frozenset({SubjectKind.USER, SubjectKind.ROOT})
"""A role's sessions cannot make any."""
Permissions = tuple[tuple[str, ...], str | None]


def makers(session: str, estate: Estate, *, but: frozenset[str] = frozenset()) -> tuple[Subject, ...]:
    """
    Return the session as each user who may make it, with that user's policies; users alike once.

    Users in `but` are left out. `arn` is the maker's. One who may be able to make it, and may not, is
    taken for one whose policies are not known, so that nothing is certain of it; it is left out where
    somebody with the same policies certainly can.
    """
    found: dict[Permissions, Subject] = {}
    for user in _users(account_of(session), estate, but):
        before = found.get(permissions_of(user))
        if before is not None and before.knowledge is Knowledge.READ:
            continue
        decision = may_make(user, session, estate)
        if decision.is_allowed or (before is None and decision.effect not in DENIED):
            found[permissions_of(user)] = _as_session(user, session, estate, certain=decision.is_allowed)
    return tuple(found.values())


def may_make(user: Subject, session: str, estate: Estate) -> Decision:
    """Return whether a user may make a federated user's session."""
    return in_iam(estate, user, MAKE, session)


def permissions_of(user: Subject) -> Permissions:
    """Return all that a user's session can do by it: equal for users whose sessions are alike."""
    return user.documents, user.boundary


def _users(account: str, estate: Estate, but: frozenset[str]) -> Iterator[Subject]:
    """
    Yield the users of an account, one of each kind that a decision on making a session can tell apart.

    Equal policies do not make equal users: a condition may look at the name.
    """
    inventory = estate.by_account.get(account)
    kinds = Kinds(estate, (MAKE,), ())
    seen: set[object] = set()
    for principal in inventory.principals if inventory else ():
        if KINDS[principal.kind] not in MAKERS or principal.arn in but:
            continue
        user = subject_of(principal, estate)
        kind = (kinds.kind(kinds.reduced(user)), permissions_of(user))
        if kind not in seen:
            seen.add(kind)
            yield user


def _as_session(user: Subject, session: str, estate: Estate, *, certain: bool) -> Subject:
    return structs.replace(
        user,
        asks_as=session,
        kind=SubjectKind.FEDERATED,
        context=estate.organization_facts("Principal", user.account),
        knowledge=Knowledge.READ if certain else Knowledge.NOT_READ,
    )
