"""
Each subject's access to one object: fetching and decrypting, joined, with the reasons of both.

A subject that stands for many is asked as every class of caller in it. Both halves have to be open to one
and the same class. Anybody may become a member of any class; what an account holds is up to that account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial

from msgspec import Struct, structs

from trailseal.access.decision import DENIED, Decision, Effect, Reason
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.crowd import TOO_MANY, Crowds, classes, is_crowd, one_is_enough
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import UNDER_A_KEY, LogObject, Sealing
from trailseal.access.readers.naming import (
    BUCKET_POLICY,
    KEY_POLICY,
    PolicyNames,
    UndecidedPolicy,
    each_once,
    undecided,
)
from trailseal.access.readers.questions import DECRYPT, GET, GET_VERSION, READING, decrypt, fetch
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.split.automaton import TooMany
from trailseal.messages import Message, Words, message

OF_THAT_KIND = message("the account has a principal of that kind")
IS_MADE = message("somebody may make the session")
FETCHING = (GET, GET_VERSION)


class Access(StrEnum):
    """What somebody can do with a log object."""

    READ = "can read"
    UNKNOWN = "unknown"
    DECRYPT_ONLY = "can decrypt, cannot fetch"
    FETCH_ONLY = "can fetch, cannot decrypt"
    NONE = "cannot read"


RANK = {Access.READ: 2, Access.UNKNOWN: 1}
"""How far an access goes: no other lets anybody read."""


class NamedSession(Struct, frozen=True, kw_only=True):
    """A session of a role by its ARN, with its own access, which has a row of its own."""

    principal: str
    access: Access


class Reading(Struct, frozen=True, kw_only=True):
    """
    One subject's access with both decisions. `decrypt` is None under SSE-S3: no key is asked.

    `elsewhere` holds the access to the same object under the other encryptions where it differs.
    `classes` are the callers that read, or may, of somebody who stands for many; empty for all of them.
    """

    principal: str
    kind: SubjectKind
    account: str
    knowledge: Knowledge
    access: Access
    fetch: Decision
    decrypt: Decision | None = None
    elsewhere: dict[str, Access] = {}
    classes: tuple[Words, ...] = ()
    sessions: tuple[NamedSession, ...] = ()
    """Sessions of a role that a policy names and that get further than its others, of which this row is."""

    @property
    def conditions(self) -> tuple[Words, ...]:
        """What would have to hold, for an unknown."""
        parts = (self.fetch, self.decrypt) if self.decrypt else (self.fetch,)
        return tuple(dict.fromkeys(c for part in parts for c in part.conditions))


class _Answer(Struct, frozen=True, kw_only=True):
    """`sealed` is the access under each encryption that the object may have."""

    access: Access
    fetch: Decision
    decrypt: Decision | None
    sealed: dict[Sealing, Access]
    classes: tuple[Words, ...] = ()

    @property
    def elsewhere(self) -> dict[str, Access]:
        """Return the access under those encryptions where it is another one."""
        return {s.value: found for s, found in self.sealed.items() if found is not self.access}


def read_all(estate: Estate, target: LogObject, subjects: tuple[Subject, ...]) -> tuple[Reading, ...]:
    """
    Return one reading for each subject, in their order; equal subjects are decided once.

    Each half is decided for what is equal to S3, or to KMS, so that few decisions answer for many.
    """
    crowds = crowds_of(estate, target, frozenset(s.arn for s in subjects))
    governing = governing_documents(estate)
    one_by_one = tuple(s for s in subjects if not is_crowd(s))
    fetched = answer_by_kind(
        one_by_one, Kinds(estate, FETCHING, governing), lambda s: _fetches(estate, target, s)
    )
    opened = answer_by_kind(
        one_by_one, Kinds(estate, (DECRYPT,), governing), lambda s: _opens(estate, target, s)
    )
    ones = (_joined(target, f, o) for f, o in zip(fetched, opened, strict=True))
    return tuple(
        _reading(s, _crowd(estate, target, crowds, s) if is_crowd(s) else next(ones)) for s in subjects
    )


def _reading(subject: Subject, answer: _Answer) -> Reading:
    return Reading(
        principal=subject.arn,
        kind=subject.kind,
        account=subject.account,
        knowledge=subject.knowledge,
        access=answer.access,
        fetch=answer.fetch,
        decrypt=answer.decrypt,
        elsewhere=answer.elsewhere,
        classes=answer.classes,
    )


def crowds_of(estate: Estate, target: LogObject, own: frozenset[str]) -> Crowds:
    """Return what finds the classes of callers that can be told apart when they read; `own` have rows."""
    documents = (*governing_documents(estate), *estate.guardrails)
    return Crowds(estate=estate, target=target, documents=documents, actions=READING, own=own)


def governing_documents(estate: Estate) -> tuple[str, ...]:
    """Return the policies on bucket and key that could be read."""
    bucket = (estate.bucket_policy,) if isinstance(estate.bucket_policy, str) and estate.bucket_policy else ()
    return (*bucket, *estate.key_documents)


def _answer(estate: Estate, target: LogObject, subject: Subject) -> _Answer:
    return _joined(target, _fetches(estate, target, subject), _opens(estate, target, subject))


def _fetches(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    return _known_or_worst(subject, partial(_fetched, estate, target))


def _opens(estate: Estate, target: LogObject, subject: Subject) -> dict[Sealing, Decision]:
    """Return the decision of KMS under each encryption; empty where no key is asked."""
    if target.sealing is Sealing.SSE_S3:
        return {}
    return {
        sealing: _known_or_worst(subject, partial(_opened, estate, target.sealed(sealing)))
        for sealing in UNDER_A_KEY
    }


def _joined(target: LogObject, fetched: Decision, opened: dict[Sealing, Decision]) -> _Answer:
    if not opened:
        return _Answer(access=join(fetched, None), fetch=fetched, decrypt=None, sealed={})
    access = {sealing: join(fetched, decision) for sealing, decision in opened.items()}
    return _Answer(
        access=access[target.sealing], fetch=fetched, decrypt=opened[target.sealing], sealed=access
    )


def _crowd(estate: Estate, target: LogObject, crowds: Crowds, subject: Subject) -> _Answer:
    try:
        members = crowds.members(subject)
    except TooMany as reached:
        return _untold(target, reached.why or TOO_MANY)
    answers = [_answer(estate, target, member) for member in members]
    if subject.is_federated:
        answers = [_if_made(member, found) for member, found in zip(members, answers, strict=True)]
    enough = one_is_enough(subject)
    access = _of_many([a.access for a in answers], enough=enough)
    first = next((a for a in answers if a.access is access), None)
    first = first or _possible(next(a for a in answers if a.access is Access.READ), OF_THAT_KIND)
    sealed = {
        sealing: _of_many([a.sealed[sealing] for a in answers], enough=enough) for sealing in first.sealed
    }
    reach = {Access.READ, Access.UNKNOWN} if access is Access.UNKNOWN else {access}
    told = classes(members, [a.access in reach for a in answers], by_maker=subject.is_federated)
    named = told if access in {Access.READ, Access.UNKNOWN} else ()
    return structs.replace(first, access=access, sealed=sealed, classes=named)


def _of_many(found: Sequence[Access], *, enough: bool) -> Access:
    """Return what the accesses of all classes come to."""
    some = set(found)
    if Access.READ in some and (enough or some == {Access.READ}):
        return Access.READ
    if some & {Access.READ, Access.UNKNOWN}:
        return Access.UNKNOWN
    return next(access for access in Access if access in some)


def _if_made(member: Subject, answer: _Answer) -> _Answer:
    """A session that somebody only may be able to make reads for certain at no time."""
    if member.knowledge is Knowledge.READ or answer.access is not Access.READ:
        return answer
    sealed = {s: Access.UNKNOWN if found is Access.READ else found for s, found in answer.sealed.items()}
    return structs.replace(_possible(answer, IS_MADE), access=Access.UNKNOWN, sealed=sealed)


def _possible(answer: _Answer, condition: Message) -> _Answer:
    """Return the answer as no more than possible, if the condition holds."""
    last = answer.decrypt or answer.fetch
    left = structs.replace(last, effect=Effect.UNKNOWN, conditions=(*last.conditions, condition))
    if answer.decrypt is None:
        return structs.replace(answer, fetch=left)
    return structs.replace(answer, decrypt=left)


def _untold(target: LogObject, why: Message) -> _Answer:
    reason = Reason(layer="request", outcome="unknown", detail=why)
    decision = Decision(effect=Effect.UNKNOWN, reasons=(reason,), conditions=(why,))
    decrypted = None if target.sealing is Sealing.SSE_S3 else decision
    return _Answer(access=Access.UNKNOWN, fetch=decision, decrypt=decrypted, sealed={})


def _fetched(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    names = PolicyNames(estate=estate, subject=subject, resource=BUCKET_POLICY, owner=target.bucket_account)
    return names.of(fetch(estate, target, subject))


def _opened(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    names = PolicyNames(estate=estate, subject=subject, resource=KEY_POLICY, owner=target.key_account)
    return names.of(decrypt(estate, target, subject))


def not_decided(target: LogObject, readings: tuple[Reading, ...]) -> tuple[UndecidedPolicy, ...]:
    """Return the policies that keep somebody's access open because they were not decided."""
    return each_once(
        found
        for reading in readings
        if reading.access is Access.UNKNOWN
        for decision, owner in ((reading.fetch, target.bucket_account), (reading.decrypt, target.key_account))
        for found in undecided(decision, caller=reading.account, owner=owner)
    )


def join(fetched: Decision, opened: Decision | None) -> Access:
    """Return what two decisions come to. A denied half settles it; an unknown half never reads as a yes."""
    if opened is None:
        return _alone(fetched)
    if fetched.effect in DENIED:
        return Access.DECRYPT_ONLY if opened.is_allowed else Access.NONE
    if opened.effect in DENIED:
        return Access.FETCH_ONLY if fetched.is_allowed else Access.NONE
    return Access.READ if fetched.is_allowed and opened.is_allowed else Access.UNKNOWN


def _alone(fetched: Decision) -> Access:
    if fetched.is_allowed:
        return Access.READ
    return Access.NONE if fetched.effect in DENIED else Access.UNKNOWN


def _known_or_worst(subject: Subject, ask: Callable[[Subject], Decision]) -> Decision:
    """
    Return the decision, or for a subject whose IAM policies were not read, what is sure of it.

    Denied even if its own account allowed everything: denied. Allowed with no policy of its own:
    allowed. Else it is up to that account.
    """
    if subject.knowledge is not Knowledge.NOT_READ:
        return ask(subject)
    worst = ask(subject.worst_case())
    if not worst.is_allowed:
        return worst
    alone = ask(subject)
    if alone.is_allowed:
        return alone
    missing = message("the IAM policies of account {account} allow it", account=subject.account)
    reason = Reason(layer="identity", outcome="unknown", detail=missing)
    return Decision(
        effect=Effect.UNKNOWN, reasons=(*worst.reasons, reason), conditions=(*worst.conditions, missing)
    )
