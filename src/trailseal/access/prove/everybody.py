"""
Whom a proof asks: known principals by their own IAM policies, everybody else by policies that allow all.

In an open world the second group holds principals of the inventoried accounts too, as if anybody could
be added tomorrow. In a closed one it holds of them only federated users, whom a known user can make.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from trailseal.access.caller import is_service_linked_role, nobody_in
from trailseal.access.prove.strangers import is_listed, subject_of_class
from trailseal.access.prove.verdict import WorldAssumption
from trailseal.access.readers.classes import Kind, Kinds
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.federation import as_made
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import (
    DECRYPT,
    GET,
    GET_VERSION,
    READING,
    RequestUnderPolicies,
    ask_bucket,
    ask_key,
)
from trailseal.access.readers.reading import governing_documents
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.split.callers import Looking, Universe, callers, sessions_of
from trailseal.access.split.request_policies import facts, looked_at
from trailseal.messages import Words, message

MADE = message("if a user may make it by sts:GetFederationToken")
LINKED = message("if AWS gives the permissions to a service-linked role, which no guardrail limits")
"""
Nobody writes the policies of a role that a service makes but AWS, and no policy of an organization limits it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""


MAX_MEMBERS = 40
"""Of a larger organization no account is told apart from others."""


class Asking(Struct, frozen=True):
    """A subject, with the names of those sessions that are subjects of their own."""

    subject: Subject
    sessions: tuple[str, ...] = ()
    organization: str = ""
    """An organization that the subject is known not to be in."""
    doubt: Words = ""
    """What it would take for the subject to exist with these permissions, "" for nothing."""


def universe(estate: Estate, target: LogObject, only: frozenset[str]) -> Universe:
    """Return what splits the callers of this estate."""
    arn = nobody_in(target.partition)
    nobody = Subject(arn=arn, asks_as=arn, kind=SubjectKind.USER).worst_case()
    asked: list[RequestUnderPolicies] = []
    for account in ("", *estate.by_account):
        one = structs.replace(nobody, account=account)
        asked += [ask_bucket(estate, target, one, action) for action in (GET, GET_VERSION)]
        asked += [ask_key(estate, target, one, DECRYPT)] if target.kms_key else []
    looking = [Looking(looked_at(a.policies, a.request.action), facts(a.request)) for a in asked]
    told_apart = members(estate, looking)
    return Universe(
        partition=target.partition,
        looking=tuple(looking),
        own_accounts=tuple(
            sorted({target.key_account, target.bucket_account, *estate.by_account, *told_apart} - {""})
        ),
        told_apart=only,
        fixed=(*_places(estate, target), target.bucket_arn, target.kms_key, target.trail),
    )


def _places(estate: Estate, target: LogObject) -> Iterator[str]:
    """Yield the trail's folders as ARNs, and what they begin with: `[prefix/]AWSLogs/`."""
    roots = ("".join(folder.rpartition("AWSLogs/")[:2]) for folder in estate.folders)
    for place in sorted({*estate.folders, *roots}):
        yield f"{target.bucket_arn}/{place}"


def members(estate: Estate, looking: Iterable[Looking]) -> frozenset[str]:
    """
    Return the accounts of the organization, where policies look at it and all of them are known.

    Else nobody is known not to be in it.
    """
    keys = {look.key for each in looking for look in each.vocabulary.looks}
    keys |= {name for each in looking for name in each.vocabulary.variables}
    looked = any(key.startswith("aws:principalorg") for key in keys)
    listed = bool(estate.organization) and 1 < len(estate.members) <= MAX_MEMBERS
    return estate.members if looked and listed else frozenset()


def everybody(
    estate: Estate, target: LogObject, world: WorldAssumption, only: frozenset[str]
) -> Iterator[Asking]:
    """
    Yield one subject of each class outside the list.

    Raises:
        TooMany: the policies split callers into more classes than the bound allows.
    """
    split = universe(estate, target, only)
    for subject in _known(estate, target, only):
        yield Asking(subject, sessions_of(split, subject.arn) if subject.kind is SubjectKind.ROLE else ())
    inside = members(estate, split.looking)
    for one in callers(split):
        subject = subject_of_class(one, estate, inside)
        outside = estate.organization if inside and one.account and one.account not in inside else ""
        if is_listed(subject, only, estate):
            continue
        if world is WorldAssumption.OPEN or one.account not in estate.by_account:
            doubt = "" if one.alone or not is_service_linked_role(subject.arn) else LINKED
            made = subject.kind is SubjectKind.FEDERATED
            for each in as_made(subject, estate, but=only, by_anybody=True) if made else (subject,):
                yield Asking(each, sessions=one.sessions, organization=outside, doubt=doubt)
        elif subject.kind is SubjectKind.FEDERATED:
            yield from _federated(estate, subject, only)


def _known(estate: Estate, target: LogObject, only: frozenset[str]) -> Iterator[Subject]:
    """Yield one known principal of each kind outside the list."""
    known = (s for s in population(estate, target) if s.knowledge is Knowledge.READ and s.has_policies)
    kinds = Kinds(estate, READING, governing_documents(estate))
    seen: set[Kind] = set()
    for subject in known:
        if subject.kind is SubjectKind.FEDERATED or is_listed(subject, only, estate):
            continue
        reduced = kinds.reduced(subject)
        kind = kinds.kind(reduced)
        if kind not in seen:
            seen.add(kind)
            yield reduced


def _federated(estate: Estate, federated: Subject, only: frozenset[str]) -> Iterator[Asking]:
    """Yield a federated user as each user makes it. What a listed user hands out counts as that user."""
    for made in as_made(federated, estate, but=only):
        doubt = "" if made.knowledge is Knowledge.READ else MADE
        yield Asking(structs.replace(made, knowledge=Knowledge.READ), doubt=doubt)
