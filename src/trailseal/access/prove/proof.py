"""
"Nobody outside this list can read": proven, refuted with a request to replay, or unknown.

Callers are decided in three groups: those of the inventory by their own IAM policies, and everybody
else, known or not, with IAM policies that allow everything. In an open world the second group holds
principals of the inventoried accounts too, as if anybody could be added tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from trailseal.access.lint.matching import role_of_session
from trailseal.access.prove.callers import callers, universe
from trailseal.access.prove.objects import objects
from trailseal.access.prove.question import Budget, way_in
from trailseal.access.prove.vocabulary import Vocabulary, merged, vocabulary
from trailseal.access.readers.classes import Kind, Kinds
from trailseal.access.readers.doubt import doubt
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import (
    DECRYPT,
    GET,
    GET_VERSION,
    Asked,
    ask_bucket,
    ask_key,
)
from trailseal.access.readers.reading import governing_documents
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.access.split.automaton import TooMany
from trailseal.messages import Words, message
from trailseal.model.unreadable import Unreadable

MAX_DECISIONS = 60_000
SEALED = (Sealing.DELIVERED, Sealing.COPIED, Sealing.BUCKET_KEY)
READING = (GET, GET_VERSION, DECRYPT)


class Verdict(StrEnum):
    """The three ends of a proof."""

    PROVEN = "PROVEN"
    REFUTED = "REFUTED"
    UNKNOWN = "UNKNOWN"


class World(StrEnum):
    """Closed: the inventory is complete. Open: any principal may exist, with any IAM policy."""

    CLOSED = "closed inventory"
    OPEN = "open world"


class Proof(Struct, frozen=True, kw_only=True):
    """
    The verdict over one world. `way_in` replays a refutation; `why` says which bound or gap stopped it.

    `kinds` is how many kinds of callers were told apart, `decisions` how often the engine was asked.
    """

    verdict: Verdict
    world: World
    kinds: int = 0
    decisions: int = 0
    principal: str = ""
    sealing: str = ""
    way_in: tuple[Asked, ...] = ()
    why: Words = ""


def prove(
    estate: Estate,
    target: LogObject,
    only: frozenset[str],
    *,
    world: World,
    bound: int = MAX_DECISIONS,
) -> Proof:
    """Return whether nobody outside `only` can read any log file of the trail under its key."""
    if gap := _gap(estate, world, target):
        return Proof(verdict=Verdict.UNKNOWN, world=world, why=gap)
    budget = Budget(bound)
    kinds = 0
    try:
        for subject, looked in _everybody(estate, target, world, only):
            kinds += 1
            for sealed in _sealings(target):
                found = _reads(estate, sealed, subject, looked, budget, _siblings(subject, only))
                if found:
                    refuted = Proof(
                        verdict=Verdict.REFUTED,
                        world=world,
                        kinds=kinds,
                        decisions=budget.made,
                        principal=subject.arn,
                        sealing=sealed.sealing.value,
                        way_in=found,
                    )
                    return _unless_denied(refuted, estate, sealed, subject)
    except TooMany as reached:
        why = reached.why or message("the policies tell more apart than the bound allows")
        return Proof(verdict=Verdict.UNKNOWN, world=world, kinds=kinds, decisions=budget.made, why=why)
    return Proof(verdict=Verdict.PROVEN, world=world, kinds=kinds, decisions=budget.made)


def _unless_denied(refuted: Proof, estate: Estate, target: LogObject, subject: Subject) -> Proof:
    """A policy of the organization that was not read may deny the way in; it can open none."""
    asked = [
        doubt(estate, subject.arn, account=subject.account, owner=owner)
        for owner in (target.bucket_account, target.key_account)
    ]
    found = next((each for each in asked if each), None)
    if found is None:
        return refuted
    why = message(
        "{principal} can read unless a policy of the organization denies it: {call} was refused ({code})",
        principal=refuted.principal,
        call=found.unread.call,
        code=found.unread.code,
    )
    return Proof(
        verdict=Verdict.UNKNOWN,
        world=refuted.world,
        kinds=refuted.kinds,
        decisions=refuted.decisions,
        why=why,
    )


def _gap(estate: Estate, world: World, target: LogObject) -> Words:
    """Return what was not read and would have to be, "" when there is nothing."""
    for part in (estate.key_policies, estate.grants, estate.bucket_policy):
        if isinstance(part, Unreadable):
            return message("{call} was refused ({code})", call=part.call, code=part.code)
    account = target.key_account or target.bucket_account
    if world is World.CLOSED and account not in estate.by_account:
        return message("the principals of account {account} were not read", account=account)
    return ""


def _sealings(target: LogObject) -> tuple[LogObject, ...]:
    if target.sealing is Sealing.SSE_S3:
        return (target,)
    return tuple(target.sealed(sealing) for sealing in SEALED)


def _everybody(
    estate: Estate, target: LogObject, world: World, only: frozenset[str]
) -> Iterator[tuple[Subject, Vocabulary]]:
    governing = (*governing_documents(estate), *_guardrails(estate))
    looked = vocabulary(governing, READING)
    known = [
        s
        for s in population(estate, target)
        if s.knowledge is Knowledge.READ and s.has_policies and not _is_listed(s, only)
    ]
    yield from _known(estate, known, looked)
    if looked.has_variables:
        raise TooMany(message("a policy on bucket or key uses policy variables"))
    own = tuple(sorted({target.key_account, target.bucket_account, *estate.by_account} - {""}))
    inventoried = set(estate.by_account) if world is World.CLOSED else set()
    split = universe(looked, partition=target.partition, own_accounts=own, told_apart=only)
    for stranger in callers(split):
        if stranger.account not in inventoried and not _is_listed(stranger, only):
            yield (stranger.worst_case() if stranger.has_policies else stranger), looked


def _known(estate: Estate, known: list[Subject], looked: Vocabulary) -> Iterator[tuple[Subject, Vocabulary]]:
    """Yield one known principal of each kind, with what its own policies look at besides."""
    kinds = Kinds(estate, READING, governing_documents(estate))
    seen: set[Kind] = set()
    for subject in known:
        reduced = kinds.reduced(subject)
        kind = kinds.kind(reduced)
        if kind in seen:
            continue
        seen.add(kind)
        boundary = (subject.boundary,) if subject.boundary else ()
        own = vocabulary((*reduced.documents, *boundary), READING)
        yield reduced, merged(looked, own)


def _guardrails(estate: Estate) -> Iterator[str]:
    for inventory in estate.inventories:
        for levels in (inventory.service_control_policies, inventory.resource_control_policies):
            yield from (policy.document for level in levels for policy in level)


def _is_listed(subject: Subject, only: frozenset[str]) -> bool:
    """Whether the list names the subject, or the role that it is a session of."""
    known = subject.context.get("aws:PrincipalArn")
    roles = known if isinstance(known, tuple) else (role_of_session(subject.arn),)
    return subject.arn in only or (subject.kind is SubjectKind.SESSION and roles[0] in only)


def _siblings(subject: Subject, only: frozenset[str]) -> tuple[str, ...]:
    """Return the user IDs of those sessions of a role that the list names: a role is its other sessions."""
    if subject.kind is not SubjectKind.ROLE:
        return ()
    sessions = (arn.split(":")[5].split("/") for arn in only if role_of_session(arn) == subject.arn)
    return tuple(sorted(f"*:{parts[-1]}" for parts in sessions))


def _reads(
    estate: Estate,
    target: LogObject,
    subject: Subject,
    looked: Vocabulary,
    budget: Budget,
    barred: tuple[str, ...],
) -> tuple[Asked, ...]:
    """Return requests that fetch and decrypt some object of the trail, () when there are none."""
    for place in objects(target, looked):
        opened: tuple[Asked, ...] = ()
        if target.sealing is not Sealing.SSE_S3:
            if subject.kind is SubjectKind.ANONYMOUS:
                return ()
            found = way_in((ask_key(estate, place, subject, DECRYPT),), looked, budget, barred)
            if found is None:
                continue
            opened = (ask_key(estate, place, subject, DECRYPT),)
        for action in (GET, GET_VERSION) if target.versioned else (GET,):
            found = way_in((ask_bucket(estate, place, subject, action), *opened), looked, budget, barred)
            if found is not None:
                return found
    return ()
