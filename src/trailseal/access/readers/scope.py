"""What the state means in one line: who is let in, and by which statements."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct, structs

from trailseal.access.decision import DENIED, Decision
from trailseal.access.readers.crowd import classes
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.questions import decrypt
from trailseal.access.readers.reading import Access, Reading, crowds_of
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.split.automaton import TooMany
from trailseal.messages import Words
from trailseal.model.unreadable import Unreadable

SESSIONS = frozenset({SubjectKind.SESSION, SubjectKind.FEDERATED})
PEOPLE = frozenset({SubjectKind.USER, SubjectKind.ROLE, SubjectKind.ROOT})


class Openness(StrEnum):
    """How wide the key stands open, widest first."""

    NO_KEY = "no key"
    WORLD = "every AWS account"
    ACCOUNT = "every principal of the account"
    KINDS = "principals of some kinds of the account"
    IAM = "whoever IAM allows"
    CONDITIONAL = "whoever meets a condition"
    NAMED = "the principals that are named"
    NOT_KNOWN = "not known"


class KeyStanding(Struct, frozen=True, kw_only=True):
    """
    The scope with the statements that cause it, and how many known principals read.

    `everybody` says that each known principal of the account can read.
    """

    scope: Openness
    account: str
    causes: tuple[str, ...] = ()
    delegates: tuple[str, ...] = ()
    readers: int = 0
    principals: int = 0
    unknown: int = 0
    elsewhere: int = 0
    """Principals of other accounts that can read."""
    sessions: int = 0
    """Sessions that a policy names and that can read. They are no principals of the account."""
    too_many: bool = False
    """Whether the key's scope is not known because it tells apart more than is asked."""
    kinds: tuple[Words, ...] = ()
    """Which callers of the account the key lets in, where those are not all."""
    unusable: str = ""
    """The key's state when nobody can decrypt in it, whatever the policies say."""

    @property
    def everybody(self) -> bool:
        """Whether no known principal is left out."""
        return self.principals > 0 and self.readers == self.principals


def stand(estate: Estate, target: LogObject, readings: tuple[Reading, ...]) -> KeyStanding:
    """Return the standing of one object, judged by a caller of each kind that no policy names."""
    account = target.key_account or target.bucket_account
    standing = _standing(estate, target, KeyStanding(scope=Openness.NOT_KNOWN, account=account), readings)
    return recount(standing, readings)


def recount(standing: KeyStanding, readings: tuple[Reading, ...]) -> KeyStanding:
    """Return the standing with the known principals of its account counted by their access."""
    people = [
        r
        for r in readings
        if r.kind in PEOPLE and r.knowledge is Knowledge.READ and r.account == standing.account
    ]
    return structs.replace(
        standing,
        readers=sum(r.access is Access.READ for r in people),
        principals=len(people),
        unknown=sum(r.access is Access.UNKNOWN for r in people),
        sessions=sum(r.access is Access.READ and r.kind in SESSIONS for r in readings),
        elsewhere=sum(r.access is Access.READ and _is_elsewhere(r, standing) for r in readings),
    )


def _is_elsewhere(reading: Reading, standing: KeyStanding) -> bool:
    return reading.kind in PEOPLE and reading.account != standing.account


def _standing(
    estate: Estate, target: LogObject, unknown: KeyStanding, readings: tuple[Reading, ...]
) -> KeyStanding:
    if target.sealing is Sealing.SSE_S3:
        return structs.replace(unknown, scope=Openness.NO_KEY)
    if isinstance(estate.key_policies, Unreadable):
        return unknown
    try:
        strangers = _strangers(estate, target, unknown.account, frozenset(r.principal for r in readings))
    except TooMany:
        return structs.replace(unknown, too_many=True)
    asked = [(decrypt(estate, target, s), decrypt(estate, target, s.worst_case())) for s in strangers]
    let_in = [direct.is_allowed for direct, _ in asked]
    found = structs.replace(
        unknown,
        causes=_once(name for direct, _ in asked if direct.is_allowed for name in granting(direct)),
        delegates=_once(name for direct, best in asked for name in _delegating(direct, best)),
    )
    by_iam = any(best.is_allowed for _, best in asked)
    if any(r.kind is SubjectKind.ANYBODY and r.decrypt and r.decrypt.is_allowed for r in readings):
        scope = Openness.WORLD
    elif any(let_in):
        scope = Openness.ACCOUNT if all(let_in) else Openness.KINDS
    elif any(direct.effect not in DENIED for direct, _ in asked):
        scope = Openness.CONDITIONAL
    else:
        scope = Openness.IAM if by_iam else Openness.NAMED
    kinds = classes(strangers, let_in) if scope is Openness.KINDS else ()
    return structs.replace(found, scope=scope, kinds=kinds)


def _strangers(estate: Estate, target: LogObject, account: str, own: frozenset[str]) -> tuple[Subject, ...]:
    """Return a user and a role of each class in the account that no row is about, without policies."""
    root = f"arn:{target.partition}:iam::{account}:root"
    everybody = Subject(
        arn=root,
        asks_as=root,
        kind=SubjectKind.ACCOUNT,
        account=account,
        context=estate.organization_facts("Principal", account),
    )
    members = crowds_of(estate, target, own).members(everybody)
    return tuple(m for m in members if m.kind in {SubjectKind.USER, SubjectKind.ROLE})


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def granting(decision: Decision) -> tuple[str, ...]:
    """Return the names of the key-policy statements that allow."""
    return tuple(r.statement for r in decision.reasons if r.layer == "resource" and r.outcome == "allow")


def _delegating(direct: Decision, best: Decision) -> tuple[str, ...]:
    """Return the statements that leave it to IAM: `best` is with IAM policies that allow everything."""
    if best.is_allowed and not direct.is_allowed:
        return granting(best)
    return tuple(r.statement for r in best.reasons if r.outcome == "delegates")
