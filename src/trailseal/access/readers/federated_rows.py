"""
A row for the federated users of an account that was read, where one may read whose maker may not.

Most often such a session can do what its maker can, whose row says it. It can do more where a policy tells
the two apart: by its type, by a user ID, by a Deny on the user alone.
Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.decision import DENIED
from trailseal.access.readers.crowd import CLASS_OF_ALL
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.federation import MAKERS, may_make, named_users, permissions_of
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.reading import RANK, Reading, crowds_of, governing_documents, read_all
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.wording import has_variable, speaks_of, texts_in
from trailseal.access.split.automaton import TooMany

TELLING = (
    "aws:principaltype",
    "aws:principalarn",
    "aws:principaltag/",
    "aws:userid",
    "aws:username",
)
"""What tells a federated user from its maker, beside its own ARN, a policy variable and a Deny."""
DENY = "deny"


def federated_rows(estate: Estate, target: LogObject, people: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Return the federated users of each account that was read, as a class, where the class has a row."""
    documents = {*governing_documents(estate), *estate.guardrails}
    documents |= {text for s in people if s.kind is SubjectKind.USER for text in s.documents}
    if not any(map(_may_tell_apart, documents)):
        return ()
    return tuple(row for row in _classes(estate, target) if _is_told(estate, target, people, row))


def _may_tell_apart(document: str) -> bool:
    denies = any(text.lower() == DENY for text in texts_in(document))
    return denies or speaks_of(document, TELLING) or has_variable(document)


def _classes(estate: Estate, target: LogObject) -> Iterator[Subject]:
    for account in estate.by_account:
        arn = f"arn:{target.partition}:sts::{account}:{CLASS_OF_ALL}"
        yield Subject(
            arn=arn,
            asks_as=arn,
            kind=SubjectKind.FEDERATED,
            account=account,
            context=estate.organization_facts("Principal", account),
            knowledge=Knowledge.READ,
        )


def _is_told(estate: Estate, target: LogObject, people: tuple[Subject, ...], row: Subject) -> bool:
    """Whether some member gets further than a maker of it; a class that is too large is told as unknown."""
    try:
        members = crowds_of(estate, target, frozenset(s.arn for s in people)).members(row)
    except TooMany:
        return True
    if not members:
        return False
    named = named_users(estate)
    alike = {permissions_of(member, named) for member in members}
    makers = (s for s in people if s.kind in MAKERS and s.account == row.account)
    users = tuple(user for user in makers if permissions_of(user, named) in alike)
    ranked = [(user, _rank(reading)) for user, reading in _read(estate, target, users)]
    return any(
        rank < _rank(reading)
        and permissions_of(user, named) == permissions_of(session, named)
        and may_make(user, session.arn, estate).effect not in DENIED
        for session, reading in _read(estate, target, members)
        for user, rank in ranked
    )


def _read(
    estate: Estate, target: LogObject, subjects: tuple[Subject, ...]
) -> Iterator[tuple[Subject, Reading]]:
    return zip(subjects, read_all(estate, target, subjects), strict=True)


def _rank(reading: Reading) -> int:
    return max(RANK.get(access, 0) for access in (reading.access, *reading.elsewhere.values()))
