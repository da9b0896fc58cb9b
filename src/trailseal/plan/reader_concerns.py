"""What there is to say about readers before a switch: who is unclear, left out, or still let in."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.caller import role_arn
from trailseal.access.decision import Effect
from trailseal.access.readers.doubt import unread_guardrails
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.questions import on_key
from trailseal.access.readers.records import recognise
from trailseal.access.readers.subject import Subject, SubjectKind
from trailseal.model.activity import Activity
from trailseal.model.arn import account_of
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern, concern
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.impact import View, deciders_of, readers_of, reads
from trailseal.plan.reading import KeyInQuestion


def unread_policies(view: View) -> Iterator[Concern]:
    """Yield a warning for each account over which the organization's policies were not read."""
    for account, _ in unread_guardrails(view.estate):
        yield concern(Code.GUARDRAILS_NOT_READ, account, Details(account=account))


def unclear_readers(estate: Estate, trail: Trail, activity: Activity | None) -> Iterator[Concern]:
    """Yield a warning for roles that access logs do not tell apart."""
    for roles in recognise(activity.readers, estate).unclear if activity else ():
        yield concern(Code.READER_UNCLEAR, trail.arn, Details(roles=tuple(roles)))


def left_out(trail: Trail, before: View, after: View, active: frozenset[str]) -> Iterator[Concern]:
    """Yield a refusal for each active reader that a restriction shuts out."""
    for arn in readers_of(before):
        if arn in active and not reads(after, arn):
            yield concern(Code.READER_LEFT_OUT, arn, Details(reader=arn), trails=(trail.arn,))


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


def _roles(estate: Estate, arn: str) -> tuple[str, ...]:
    return tuple(role.arn for role in estate.roles_of_session(arn))


def locks_out(trail: Trail, question: KeyInQuestion, after: View, snapshot: Snapshot) -> Iterator[Concern]:
    """Whoever applies the plan must be able to change the key policy again."""
    applier = _applier(after, snapshot.caller_arn)
    decision = on_key(after.estate, after.target, applier, "kms:PutKeyPolicy")
    if decision.effect is not Effect.ALLOWED:
        yield concern(Code.LOCKS_OUT, question.key, Details(reader=snapshot.caller_arn), trails=(trail.arn,))


def _applier(after: View, arn: str) -> Subject:
    """Return the caller as a subject: a session by its role's policies; unknown policies allow nothing."""
    known = {subject.arn: subject for subject in after.subjects}
    nobody = Subject(arn=arn, asks_as=arn, kind=SubjectKind.USER, account=account_of(arn))
    return next((known[name] for name in (arn, *_roles(after.estate, arn)) if name in known), nobody)
