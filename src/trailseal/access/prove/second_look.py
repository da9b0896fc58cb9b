"""
A second look before "proven" is said: everybody whom `who` knows, asked as `who` asks.

It shares no splitting with the proof. Whom it lets in refutes the proof, whom it cannot decide on
leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from trailseal.access.caller import ANYBODY, is_session_of
from trailseal.access.evaluate import authorize
from trailseal.access.facts import OneOf
from trailseal.access.prove.strangers import is_listed
from trailseal.access.prove.verdict import WayIn, WorldAssumption
from trailseal.access.prove.ways import FoundWay
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.federation import as_made
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import (
    DECRYPT,
    GET,
    GET_VERSION,
    RequestUnderPolicies,
    ask_bucket,
    ask_key,
)
from trailseal.access.readers.reading import Access, Reading, read_all
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.split.complete import complete
from trailseal.messages import Message, message

USER_ID = "aws:userid"


def second_look(
    estate: Estate, target: LogObject, world: WorldAssumption, only: frozenset[str]
) -> Iterator[FoundWay]:
    """
    Yield what `who` finds of anybody outside the list who can read, or may.

    Everybody is asked, so that an account is asked without those of it that are listed.
    """
    everybody = population(estate, target)
    people = tuple(_other_session(s, only) for subject in everybody for s in _as_made(subject, estate, only))
    for subject, reading in zip(people, read_all(estate, target, people), strict=True):
        if not _counts(subject, estate, world, only):
            continue
        found = {reading.access, *reading.elsewhere.values()}
        if Access.READ in found:
            way = _way(estate, target, subject, reading)
            yield FoundWay(way=way) if way else FoundWay(form=message("{who} can read", who=subject.arn))
        elif Access.UNKNOWN in found:
            what = " and ".join(map(str, reading.conditions)) or reading.access
            yield FoundWay(form=message("{principal}: {what}", principal=subject.arn, what=what))


def _counts(subject: Subject, estate: Estate, world: WorldAssumption, only: frozenset[str]) -> bool:
    """Over a closed inventory only those count who exist, or whose account was not read."""
    if is_listed(subject, only, estate):
        return False
    if world is WorldAssumption.OPEN or subject.knowledge is Knowledge.READ:
        return True
    return subject.knowledge is Knowledge.NOT_READ and subject.account not in estate.by_account


def _as_made(subject: Subject, estate: Estate, only: frozenset[str]) -> Iterator[Subject]:
    """
    Yield a federated user as those who certainly make it. What a listed user makes is that user.

    Those who only may be able to make it were asked before this second look.
    """
    if subject.kind is not SubjectKind.FEDERATED or subject.knowledge is Knowledge.MISSING:
        yield subject
        return
    yield from (m for m in as_made(subject, estate, but=only) if m.knowledge is subject.knowledge)


def _other_session(subject: Subject, only: frozenset[str]) -> Subject:
    """Return a role that the list names a session of as one of its other sessions, for certain."""
    named = subject.kind is SubjectKind.ROLE and any(is_session_of(arn, subject.arn) for arn in only)
    known = subject.context.get(USER_ID)
    if not named or not isinstance(known, OneOf):
        return subject
    one = (f"{known.patterns[0].partition(':')[0]}:{ANYBODY}",)
    return structs.replace(subject, context={**subject.context, USER_ID: one})


def _way(estate: Estate, target: LogObject, subject: Subject, reading: Reading) -> WayIn | None:
    """Return the requests, None where an answer is not a plain yes to each of them."""
    sealed = target.sealing is not Sealing.SSE_S3
    under = (target.sealing.value, *reading.elsewhere)
    for sealing in under:
        place = target.sealed(Sealing(sealing))
        for action in (GET, GET_VERSION):
            asked = [ask_bucket(estate, place, subject, action)]
            asked += [ask_key(estate, place, subject, DECRYPT)] if sealed else []
            if not all(_is_allowed(one) for one in asked):
                continue
            whole = complete(tuple(one.request for one in asked), tuple(one.policies for one in asked))
            if not isinstance(whole, Message):
                requests = tuple(structs.replace(a, request=r) for a, r in zip(asked, whole, strict=True))
                return WayIn(principal=subject.arn, sealing=sealing, requests=requests)
    return None


def _is_allowed(asked: RequestUnderPolicies) -> bool:
    return authorize(asked.request, asked.policies, stored=True).is_allowed
