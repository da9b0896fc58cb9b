"""Each subject's access to one object: fetching and decrypting, joined, with the reasons of both."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial

from msgspec import Struct

from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.naming import BUCKET_POLICY, KEY_POLICY, Names, Undecided, each_once, undecided
from trailseal.access.readers.questions import DECRYPT, DENIED, GET, GET_VERSION, decrypt, fetch
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.messages import Words, message


class Access(StrEnum):
    """What somebody can do with a log object."""

    READ = "can read"
    UNKNOWN = "unknown"
    DECRYPT_ONLY = "can decrypt, can not fetch"
    FETCH_ONLY = "can fetch, can not decrypt"
    NONE = "can not read"


class Reading(Struct, frozen=True, kw_only=True):
    """
    One subject's access with both decisions. `decrypt` is None under SSE-S3: no key is asked.

    `elsewhere` holds the access to the same object under the other encryptions where it differs.
    """

    principal: str
    kind: SubjectKind
    account: str
    knowledge: Knowledge
    access: Access
    fetch: Decision
    decrypt: Decision | None = None
    elsewhere: dict[str, Access] = {}

    @property
    def conditions(self) -> tuple[Words, ...]:
        """What would have to hold, for an unknown."""
        parts = (self.fetch, self.decrypt) if self.decrypt else (self.fetch,)
        return tuple(dict.fromkeys(c for part in parts for c in part.conditions))


class _Answer(Struct, frozen=True, kw_only=True):
    access: Access
    fetch: Decision
    decrypt: Decision | None
    elsewhere: dict[str, Access]


def read_all(estate: Estate, target: LogObject, subjects: tuple[Subject, ...]) -> tuple[Reading, ...]:
    """Return one reading for each subject, in their order; equal subjects are decided once."""
    kinds = Kinds(estate, (GET, GET_VERSION, DECRYPT), governing_documents(estate))
    answers = answer_by_kind(subjects, kinds, lambda subject: _answer(estate, target, subject))
    return tuple(
        Reading(
            principal=subject.arn,
            kind=subject.kind,
            account=subject.account,
            knowledge=subject.knowledge,
            access=answer.access,
            fetch=answer.fetch,
            decrypt=answer.decrypt,
            elsewhere=answer.elsewhere,
        )
        for subject, answer in zip(subjects, answers, strict=True)
    )


def governing_documents(estate: Estate) -> tuple[str, ...]:
    """Return the policies on bucket and key that could be read."""
    bucket = (estate.bucket_policy,) if isinstance(estate.bucket_policy, str) and estate.bucket_policy else ()
    return (*bucket, *estate.key_documents)


def _answer(estate: Estate, target: LogObject, subject: Subject) -> _Answer:
    fetched = _known_or_worst(subject, partial(_fetched, estate, target))
    if target.sealing is Sealing.SSE_S3:
        return _Answer(access=join(fetched, None), fetch=fetched, decrypt=None, elsewhere={})
    opened = {
        sealing: _known_or_worst(subject, partial(_opened, estate, target.sealed(sealing)))
        for sealing in (Sealing.DELIVERED, Sealing.COPIED, Sealing.BUCKET_KEY)
    }
    access = {sealing: join(fetched, decision) for sealing, decision in opened.items()}
    own = access[target.sealing]
    return _Answer(
        access=own,
        fetch=fetched,
        decrypt=opened[target.sealing],
        elsewhere={sealing.value: found for sealing, found in access.items() if found is not own},
    )


def _fetched(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    names = Names(estate=estate, subject=subject, resource=BUCKET_POLICY, owner=target.bucket_account)
    return names.of(fetch(estate, target, subject))


def _opened(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    names = Names(estate=estate, subject=subject, resource=KEY_POLICY, owner=target.key_account)
    return names.of(decrypt(estate, target, subject))


def not_decided(target: LogObject, readings: tuple[Reading, ...]) -> tuple[Undecided, ...]:
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
    allowed. Else it is up to that account. An account that nothing names is taken at its worst.
    """
    if subject.knowledge is not Knowledge.NOT_READ:
        return ask(subject)
    worst = ask(subject.worst_case())
    if subject.kind is SubjectKind.ANYBODY or not worst.is_allowed:
        return worst
    alone = ask(subject)
    if alone.is_allowed:
        return alone
    missing = message("the IAM policies of account {account} allow it", account=subject.account)
    reason = Reason(layer="identity", outcome="unknown", detail=missing)
    return Decision(
        effect=Effect.UNKNOWN, reasons=(*worst.reasons, reason), conditions=(*worst.conditions, missing)
    )
