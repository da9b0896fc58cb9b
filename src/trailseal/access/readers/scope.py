"""What the state means in one line: who is let in, and by which statements."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, structs

from trailseal.access.decision import Decision
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import WITNESS
from trailseal.access.readers.questions import decrypt
from trailseal.access.readers.reading import Access, Reading
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.model.unreadable import Unreadable

PEOPLE = frozenset({SubjectKind.USER, SubjectKind.ROLE, SubjectKind.ROOT})


class Scope(StrEnum):
    """How wide the key stands open, widest first."""

    NO_KEY = "no key"
    WORLD = "every AWS account"
    ACCOUNT = "every principal of the account"
    IAM = "whoever IAM allows"
    NAMED = "the principals that are named"
    NOT_KNOWN = "not known"


class Standing(Struct, frozen=True, kw_only=True):
    """
    The scope with the statements that cause it, and how many known principals read.

    `everybody` says that each known principal of the account can read.
    """

    scope: Scope
    account: str
    causes: tuple[str, ...] = ()
    delegates: tuple[str, ...] = ()
    readers: int = 0
    principals: int = 0
    unknown: int = 0
    elsewhere: int = 0
    """Principals of other accounts that can read."""
    unusable: str = ""
    """The key's state when nobody can decrypt in it, whatever the policies say."""

    @property
    def everybody(self) -> bool:
        """Whether no known principal is left out."""
        return self.principals > 0 and self.readers == self.principals


def stand(estate: Estate, target: LogObject, readings: tuple[Reading, ...]) -> Standing:
    """Return the standing of one object, judged by witnesses that no policy names."""
    account = target.key_account or target.bucket_account
    scope, causes, delegates = _scope(estate, target, account, readings)
    return recount(Standing(scope=scope, account=account, causes=causes, delegates=delegates), readings)


def recount(standing: Standing, readings: tuple[Reading, ...]) -> Standing:
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
        elsewhere=sum(r.access is Access.READ and _is_elsewhere(r, standing) for r in readings),
    )


def _is_elsewhere(reading: Reading, standing: Standing) -> bool:
    return reading.kind in PEOPLE and reading.account != standing.account


def _scope(
    estate: Estate, target: LogObject, account: str, readings: tuple[Reading, ...]
) -> tuple[Scope, tuple[str, ...], tuple[str, ...]]:
    if target.sealing is Sealing.SSE_S3:
        return Scope.NO_KEY, (), ()
    if isinstance(estate.key_policies, Unreadable):
        return Scope.NOT_KNOWN, (), ()
    nobody = Subject(
        arn=WITNESS,
        asks_as=f"arn:{target.partition}:iam::{account}:user/{WITNESS}",
        kind=SubjectKind.USER,
        account=account,
    )
    direct = decrypt(estate, target, nobody)
    delegated = decrypt(estate, target, nobody.worst_case())
    delegates = (
        granting(delegated) if delegated.is_allowed and not direct.is_allowed else _delegating(delegated)
    )
    if any(r.kind is SubjectKind.ANYBODY and r.decrypt and r.decrypt.is_allowed for r in readings):
        return Scope.WORLD, granting(direct), delegates
    if direct.is_allowed:
        return Scope.ACCOUNT, granting(direct), delegates
    return (Scope.IAM if delegated.is_allowed else Scope.NAMED), (), delegates


def granting(decision: Decision) -> tuple[str, ...]:
    """Return the names of the key-policy statements that allow."""
    return tuple(r.statement for r in decision.reasons if r.layer == "resource" and r.outcome == "allow")


def _delegating(decision: Decision) -> tuple[str, ...]:
    return tuple(r.statement for r in decision.reasons if r.outcome == "delegates")
