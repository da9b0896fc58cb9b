"""What there is to say about readers before a switch: who is unclear, left out, or still let in."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.caller import role_arn
from trailseal.access.readers.doubt import unread_guardrails
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.fetches import ANONYMOUS
from trailseal.access.readers.reading import Access
from trailseal.access.readers.records import recognise
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.model.activity import Activity, SeenReader
from trailseal.model.arn import account_of
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, concern, why_unread
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.impact import View, deciders_of, readers_of, reads
from trailseal.plan.names import word
from trailseal.plan.reading import KeyInQuestion
from trailseal.plan.restriction import is_restricted

OUT = frozenset({Access.DECRYPT_ONLY, Access.FETCH_ONLY, Access.NONE})
"""Certainly no reading."""


def unread_policies(view: View) -> Iterator[Concern]:
    """Yield a warning for each account over which the organization's policies were not read."""
    for account, _ in unread_guardrails(view.estate):
        yield concern(Code.GUARDRAILS_NOT_READ, account, Details(account=account))


def unsure_readers(before: View, trail: Trail, activity: Activity | None) -> Iterator[Concern]:
    """Yield what keeps today's readers from being known: what is not read, not named, or looks alike."""
    if activity is None:
        return
    first: dict[tuple[str, str], Unreadable] = {}
    for reason in activity.unreadable:
        first.setdefault((reason.call, reason.code), reason)
    for reason in first.values():
        facts = why_unread(reason, Details(trail=trail.arn))
        yield concern(Code.READERS_NOT_LOOKED_UP, reason.where or trail.arn, facts)
    seen = recognise(activity.readers, before.estate, before.readings)
    for roles in seen.unclear:
        yield concern(Code.READER_UNCLEAR, trail.arn, Details(roles=tuple(roles)))
    yield from dict.fromkeys(_not_named(each, trail) for each in seen.unnamed)
    if ANONYMOUS in seen.principals:
        yield concern(Code.UNSIGNED_READERS, trail.arn, Details(trail=trail.arn))


def _not_named(one: SeenReader, trail: Trail) -> Concern:
    reader = word(one.principal or one.unique_id) or "?"
    account = word(one.account or account_of(one.principal))
    facts = Details(trail=trail.arn, reader=reader, account=account)
    return concern(Code.READER_NOT_NAMED, reader, facts)


def unseen_principals(question: KeyInQuestion, snapshot: Snapshot) -> Iterator[Concern]:
    """Yield, for each trail, that an account did not show who its principals are."""
    for reason in (each for each in snapshot.inventories if isinstance(each, Unreadable)):
        for trail in question.trails:
            facts = why_unread(reason, Details(trail=trail.arn))
            yield concern(Code.READERS_NOT_LOOKED_UP, reason.where or trail.arn, facts)


def by_policy(trail: Trail, activity: Activity | None) -> Iterator[Concern]:
    """Yield that nothing records reading, where that was looked for."""
    if activity is not None and not (activity.sources or activity.unreadable):
        yield concern(Code.READERS_BY_POLICY, trail.arn, Details(trail=trail.arn))


def losers(trail: Trail, before: View, after: View, active: frozenset[str]) -> Iterator[Concern]:
    """Yield a refusal for each active reader that can read no more, as far as that can be told."""
    for arn in readers_of(before):
        if arn in active and not reads(after, arn):
            facts = Details(reader=arn, trail=trail.arn)
            yield concern(Code.READERS_LOSE_ACCESS, arn, facts, trails=(trail.arn,))


def restricted_key(question: KeyInQuestion, before: View, after: View) -> Iterator[Concern]:
    """Yield that a key was restricted on purpose, where that shuts somebody out who reads today."""
    if is_restricted(question.before) and any(not reads(after, arn) for arn in readers_of(before)):
        yield concern(Code.KEY_RESTRICTED, question.key, Details(key=question.key))


def still_open(
    trail: Trail, question: KeyInQuestion, after: View, named: tuple[str, ...]
) -> Iterator[Concern]:
    """Yield a refusal for each reader that a restriction does not name and does not shut out."""
    for arn in readers_of(after):
        listed = {arn, role_arn(arn), *_roles(after.estate, arn)} & set(named)
        if listed or after.readings[arn].kind is SubjectKind.SERVICE:
            continue
        facts = Details(reader=arn, decided_by=deciders_of(after, arn))
        yield concern(Code.STILL_OPEN, question.key, facts, trails=(trail.arn,))


def cannot_read(trail: Trail, after: View, named: tuple[str, ...]) -> Iterator[Concern]:
    """Yield each principal of the plan's accounts that is named as a reader and cannot read all the same."""
    for arn in named:
        reading = after.readings.get(arn)
        if reading is not None and reading.access in OUT:
            facts = Details(reader=arn, trail=trail.arn)
            yield concern(Code.READER_CANNOT_READ, arn, facts)


def _roles(estate: Estate, arn: str) -> tuple[str, ...]:
    return tuple(role.arn for role in estate.roles_of_session(arn))
