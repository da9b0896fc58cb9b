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

from trailseal.access.readers.estate import Estate
from trailseal.access.readers.questions import DENIED, in_iam
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind, subject_of
from trailseal.model.arn import account_of
from trailseal.model.principal import PrincipalKind

MAKE = "sts:GetFederationToken"
MAKERS = frozenset({PrincipalKind.USER, PrincipalKind.ROOT})
"""A role's sessions cannot make any."""


def makers(session: str, estate: Estate, *, but: frozenset[str] = frozenset()) -> tuple[Subject, ...]:
    """
    Return the session as each user who may make it, with that user's policies; users alike once.

    Users in `but` are left out. `arn` is the maker's. One who may be able to make it, and may not, is
    taken for one whose policies are not known, so that nothing is certain of it.
    """
    return tuple(_makers(session, estate, but))


def _makers(session: str, estate: Estate, but: frozenset[str]) -> Iterator[Subject]:
    account = account_of(session)
    inventory = estate.by_account.get(account)
    seen: set[tuple[tuple[str, ...], str | None]] = set()
    for principal in inventory.principals if inventory else ():
        if principal.kind not in MAKERS or principal.arn in but:
            continue
        user = subject_of(principal, estate)
        if (user.documents, user.boundary) in seen:
            continue
        seen.add((user.documents, user.boundary))
        decision = in_iam(estate, user, MAKE, session)
        if decision.effect not in DENIED:
            yield structs.replace(
                user,
                asks_as=session,
                kind=SubjectKind.FEDERATED,
                context=estate.organization_facts("Principal", account),
                knowledge=Knowledge.READ if decision.is_allowed else Knowledge.NOT_READ,
            )
