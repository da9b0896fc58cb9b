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

from trailseal.access.caller import ANYBODY, CallerKind, caller_kind
from trailseal.access.decision import DENIED, Decision
from trailseal.access.exempt import OF_SESSIONS
from trailseal.access.facts import Lack
from trailseal.access.lint.written import principals_in
from trailseal.access.readers.classes import Kinds
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.questions import in_iam
from trailseal.access.readers.subject import KINDS, Knowledge, Subject, subject_of
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.model.arn import Arn, account_of

MAKE = "sts:GetFederationToken"
MAKERS = frozenset({SubjectKind.USER, SubjectKind.ROOT})
"""A role's sessions cannot make any."""
Permissions = tuple[tuple[str, ...], str | None, str]


def as_made(
    federated: Subject, estate: Estate, *, but: frozenset[str] = frozenset(), by_anybody: bool = False
) -> tuple[Subject, ...]:
    """
    Return a federated user as each user who may make its session, with that user's policies and as `maker`.

    Users alike stand there once. Users in `but` are left out: what they hand out counts as them. One who
    may be able to make it, and may not, is taken for one whose policies are not known, so that nothing is
    certain of it; it is left out where somebody with the same policies certainly can.

    Of an account that was not read, and where `by_anybody` users may be added, it is made by each user who
    is named there, and by one who is not, and keeps the policies that it has.
    """
    if by_anybody or federated.account not in estate.by_account:
        return tuple(_by_anybody(federated, estate, but))
    found: dict[Permissions, Subject] = {}
    named = named_users(estate)
    for user in _users(federated.account, estate, but, named):
        gives = permissions_of(user, named)
        before = found.get(gives)
        if before is not None and before.knowledge is Knowledge.READ:
            continue
        decision = may_make(user, federated.arn, estate)
        if decision.is_allowed or (before is None and decision.effect not in DENIED):
            found[gives] = _of_user(federated, user, certain=decision.is_allowed)
    return tuple(found.values())


def may_make(user: Subject, session: str, estate: Estate) -> Decision:
    """Return whether a user may make a federated user's session, which takes long-term keys."""
    signed = dict.fromkeys(OF_SESSIONS, Lack.ABSENT)
    return in_iam(estate, structs.replace(user, context={**user.context, **signed}), MAKE, session)


def permissions_of(user: Subject, named: frozenset[str]) -> Permissions:
    """
    Return all that a user's session can do by it: equal for users whose sessions are alike.

    What a policy or a grant gives to one of the `named` users, a session of that user has too.
    """
    maker = user.maker or user.arn
    return user.documents, user.boundary, maker if maker in named else ""


def named_users(estate: Estate) -> frozenset[str]:
    """Return the users whom a policy on the bucket or the key, or a grant, names."""
    bucket = (estate.bucket_policy,) if isinstance(estate.bucket_policy, str) and estate.bucket_policy else ()
    values = {v for document in (*bucket, *estate.key_documents) for _, v in principals_in(document)}
    values |= {g.grantee_principal for g in estate.grants} if isinstance(estate.grants, tuple) else set()
    return frozenset(value for value in values if caller_kind(value) is CallerKind.USER)


def _by_anybody(federated: Subject, estate: Estate, but: frozenset[str]) -> Iterator[Subject]:
    named = named_users(estate)
    own = {user for user in named if account_of(user) == federated.account}
    yield unnamed(federated, named)
    yield from (structs.replace(federated, maker=user) for user in sorted(own - but))


def unnamed(federated: Subject, named: frozenset[str]) -> Subject:
    """Return a federated user as made by a user whom nobody names."""
    head = f"arn:{Arn.parse(federated.asks_as).partition}:iam::{federated.account}:user/{ANYBODY}"
    return structs.replace(
        federated, maker=next(arn for n in range(len(named) + 1) if (arn := f"{head}{n or ''}") not in named)
    )


def _users(account: str, estate: Estate, but: frozenset[str], named: frozenset[str]) -> Iterator[Subject]:
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
        kind = (kinds.kind(kinds.reduced(user)), permissions_of(user, named))
        if kind not in seen:
            seen.add(kind)
            yield user


def _of_user(federated: Subject, user: Subject, *, certain: bool) -> Subject:
    return structs.replace(
        federated,
        documents=user.documents,
        names=user.names,
        boundary=user.boundary,
        boundary_name=user.boundary_name,
        maker=user.arn,
        knowledge=Knowledge.READ if certain else Knowledge.NOT_READ,
    )
