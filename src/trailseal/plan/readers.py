"""
The readers of a plan: who keeps reading, who will break, who is newly able; and the policy that follows.

By default each active reader that the switch would shut out gets the narrowest statement. With
readers named, everybody else is shut out, never those who can change the key policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from trailseal.access.decision import Effect
from trailseal.access.lint.matching import account_of, role_of_session
from trailseal.access.readers.consumers import known_as, names_bucket
from trailseal.access.readers.doubt import NOT_DENIED, reading_doubt, unread_guardrails
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.from_snapshot import NEW_KEY, estate_of, new_key_arn, target_of
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import on_key
from trailseal.access.readers.reading import Access, Reading, read_all
from trailseal.access.readers.records import recognise
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.messages import Words, message
from trailseal.model.activity import Activity
from trailseal.model.key import KeyPolicies
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern, Weight
from trailseal.plan.intent import Intent
from trailseal.plan.reading import KeyInQuestion, Outlook, ReaderImpact, Shape, Shaped, leave_open
from trailseal.plan.restriction import (
    READERS,
    admit,
    reader_statement,
    restrict_by_grant,
    restrict_by_perimeter,
)
from trailseal.plan.step import is_new

SURE = frozenset({Outlook.KEEPS, Outlook.NEWLY_ABLE})
"""Outlooks that a policy of the organization would belie."""


class _View(Struct, frozen=True):
    """One trail's object with what decides on it, and everybody's access."""

    target: LogObject
    estate: Estate
    subjects: tuple[Subject, ...]
    readings: Mapping[str, Reading]


def shape_readers(activity: Mapping[str, Activity]) -> Shape:
    """Return the shape that keeps or restricts readers; `activity` is by trail ARN, empty when unknown."""

    def shape(question: KeyInQuestion, snapshot: Snapshot, intent: Intent) -> Shaped:
        if not any(isinstance(i, Inventory) for i in snapshot.inventories) or not question.policy:
            return leave_open(question, snapshot, intent)
        if intent.readers.principals:
            return _restricted(question, snapshot, intent, activity)
        return _kept(question, snapshot, activity)

    return shape


def _kept(question: KeyInQuestion, snapshot: Snapshot, activity: Mapping[str, Activity]) -> Shaped:
    lost: dict[str, None] = {}
    impacts: list[ReaderImpact] = []
    concerns: list[Concern] = []
    before_by = {trail.arn: _before(trail, snapshot) for trail in question.trails}
    for trail in question.trails:
        before, after = before_by[trail.arn], _after(trail, question, question.policy, snapshot)
        active = active_readers(before.estate, snapshot, trail, activity.get(trail.arn))
        concerns += _unclear(before.estate, trail, activity.get(trail.arn))
        broken = [arn for arn in _readers(before) if not _reads(after, arn)]
        lost |= dict.fromkeys(arn for arn in broken if arn in active)
    policy = admit(question.policy, tuple(lost), tuple(t.arn for t in question.trails))
    for trail in question.trails:
        after = _after(trail, question, policy, snapshot)
        concerns += _unread_guardrails(trail, after)
        impacts += _impacts(trail, snapshot, before_by[trail.arn], after, added=frozenset(lost))
    return Shaped(policy=policy, readers=tuple(impacts), concerns=tuple(concerns))


def _restricted(
    question: KeyInQuestion, snapshot: Snapshot, intent: Intent, activity: Mapping[str, Activity]
) -> Shaped:
    named = intent.readers.principals
    restrict = restrict_by_grant if intent.readers.mode == "grant" else restrict_by_perimeter
    policy = restrict(question.policy, named, tuple(t.arn for t in question.trails))
    impacts: list[ReaderImpact] = []
    concerns: list[Concern] = []
    for trail in question.trails:
        before, after = _before(trail, snapshot), _after(trail, question, policy, snapshot)
        found = _impacts(trail, snapshot, before, after, added=frozenset(named))
        impacts += (_meant(impact) for impact in found)
        active = active_readers(before.estate, snapshot, trail, activity.get(trail.arn))
        concerns += _unclear(before.estate, trail, activity.get(trail.arn))
        concerns += _unread_guardrails(trail, after)
        concerns += _left_out(trail, before, after, active)
        concerns += _still_open(trail, question, after, named)
        concerns += _locks_out(trail, question, after, snapshot)
    return Shaped(policy=policy, readers=tuple(impacts), concerns=tuple(concerns))


def impacts(trail: Trail, snapshot: Snapshot, *, key: str, policy: str) -> tuple[ReaderImpact, ...]:
    """Return what becomes of each reader of a trail under `key` (`new:REGION` too) with `policy`."""
    question = KeyInQuestion(key=key, before="", policy=policy, trails=(trail,))
    before, after = _before(trail, snapshot), _after(trail, question, policy, snapshot)
    return tuple(_impacts(trail, snapshot, before, after, added=frozenset()))


def _before(trail: Trail, snapshot: Snapshot) -> _View:
    target = target_of(snapshot, trail, kms_key=trail.kms_key_id)
    return _view(target, estate_of(snapshot, trail, kms_key=trail.kms_key_id))


def _after(trail: Trail, question: KeyInQuestion, policy: str, snapshot: Snapshot) -> _View:
    key = new_key_arn(snapshot, trail) if is_new(question.key) else question.key
    target = target_of(snapshot, trail, kms_key=key)
    return _view(target, estate_of(snapshot, trail, kms_key=key, policies=KeyPolicies(default=policy)))


def _view(target: LogObject, estate: Estate) -> _View:
    subjects = population(estate, target)
    readings = {reading.principal: reading for reading in read_all(estate, target, subjects)}
    return _View(target, estate, subjects, readings)


def _readers(view: _View) -> list[str]:
    return [arn for arn, reading in view.readings.items() if reading.access is Access.READ]


def _reads(view: _View, arn: str) -> bool:
    reading = view.readings.get(arn)
    return reading is not None and reading.access is Access.READ


def active_readers(
    estate: Estate, snapshot: Snapshot, trail: Trail, activity: Activity | None
) -> frozenset[str]:
    """
    Return who is taken to read today.

    Those who were seen, and known consumers. Where nothing records reading, those whose own
    policies name the bucket: a permission on every bucket is no sign of use.
    """
    bucket = snapshot.bucket(trail.s3_bucket_name)
    seen = recognise(activity.readers, estate).principals if activity else frozenset()
    found = {arn for arn in estate.by_arn if known_as(arn, estate, bucket) and _by_name(arn, estate, trail)}
    if activity is None or not activity.sources:
        found |= {arn for arn in estate.by_arn if _by_name(arn, estate, trail)}
    return seen | found


def _by_name(arn: str, estate: Estate, trail: Trail) -> bool:
    return names_bucket(estate.by_arn[arn], estate, trail.s3_bucket_name)


def _impacts(
    trail: Trail, snapshot: Snapshot, before: _View, after: _View, *, added: frozenset[str]
) -> Iterator[ReaderImpact]:
    bucket = snapshot.bucket(trail.s3_bucket_name)
    for arn in dict.fromkeys((*before.readings, *after.readings)):
        was, now = before.readings.get(arn), after.readings.get(arn)
        outlook = _outlook(was, now)
        if outlook is None:
            continue
        doubted = outlook in SURE and reading_doubt(
            after.estate, after.target, arn, account=after.readings[arn].account
        )
        breaks = outlook is Outlook.BREAKS
        yield ReaderImpact(
            principal=arn,
            outlook=Outlook.UNKNOWN if doubted else outlook,
            trails=(trail.arn,),
            known_as=known_as(arn, after.estate, bucket),
            added=READERS if arn in added and _reads(after, arn) else "",
            statement=missing_statement(arn, trail, after) if breaks else "",
            reasons=(*_reasons(now), NOT_DENIED) if doubted else _reasons(now),
        )


def _unread_guardrails(trail: Trail, view: _View) -> Iterator[Concern]:
    for account, text in unread_guardrails(view.estate):
        yield Concern(
            code="guardrails-not-read",
            weight=Weight.WARNING,
            subject=account,
            text=text,
            trails=(trail.arn,),
        )


def _meant(impact: ReaderImpact) -> ReaderImpact:
    """Whoever a restriction leaves out is shut out, which is what was asked for."""
    if impact.outlook is not Outlook.BREAKS:
        return impact
    return structs.replace(impact, outlook=Outlook.SHUT_OUT, statement="")


def _outlook(was: Reading | None, now: Reading | None) -> Outlook | None:
    read = was is not None and was.access is Access.READ
    reads = now is not None and now.access is Access.READ
    if read and reads:
        return Outlook.KEEPS
    if reads:
        return Outlook.NEWLY_ABLE
    if read and now is not None and now.access is Access.UNKNOWN:
        return Outlook.UNKNOWN
    return Outlook.BREAKS if read else None


def _reasons(now: Reading | None) -> tuple[Words, ...]:
    if now is None or now.decrypt is None:
        return ()
    return tuple(
        dict.fromkeys(r.statement or r.detail for r in now.decrypt.reasons if r.statement or r.detail)
    )


def missing_statement(arn: str, trail: Trail, after: _View) -> str:
    """
    Return the exact statement that would let a principal go on reading, as JSON.

    Where a key that stands leaves the account's IAM policies to decide, it is one for IAM; else one
    for the key.
    """
    subject = next((s for s in after.subjects if s.arn == arn), None)
    account = account_of(arn)
    stands = not after.target.kms_key.endswith(NEW_KEY)
    if stands and subject and subject.knowledge is Knowledge.READ and account == after.target.key_account:
        worst = read_all(after.estate, after.target, (subject.worst_case(),))[0]
        if worst.access is Access.READ:
            iam = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": after.target.kms_key}
            return json.dumps(iam)
    return json.dumps(reader_statement((arn,), (trail.arn,)))


def _unclear(estate: Estate, trail: Trail, activity: Activity | None) -> Iterator[Concern]:
    for roles in recognise(activity.readers, estate).unclear if activity else ():
        yield Concern(
            code="reader-unclear",
            weight=Weight.WARNING,
            subject=trail.arn,
            text=message(
                "server access logs do not tell a role's path: {roles} have one name, and each is taken for "
                "a reader",
                roles=", ".join(roles),
            ),
        )


def _left_out(trail: Trail, before: _View, after: _View, active: frozenset[str]) -> Iterator[Concern]:
    for arn in _readers(before):
        if arn in active and not _reads(after, arn):
            yield Concern(
                code="active-reader-left-out",
                weight=Weight.REFUSED,
                subject=arn,
                text=message("{reader} reads the log files today and is not among the readers", reader=arn),
                remedy=message("add `--reader {reader}`, or accept that it can read no more", reader=arn),
                trails=(trail.arn,),
            )


def _still_open(
    trail: Trail, question: KeyInQuestion, after: _View, named: tuple[str, ...]
) -> Iterator[Concern]:
    for arn in _readers(after):
        listed = {arn, role_of_session(arn), *_roles(after.estate, arn)} & set(named)
        if listed or after.readings[arn].kind is SubjectKind.SERVICE:
            continue
        yield Concern(
            code="still-open",
            weight=Weight.REFUSED,
            subject=question.key,
            text=message(
                "{reader} could still read: {why}",
                reader=arn,
                why=", ".join(map(str, _reasons(after.readings[arn]))),
            ),
            remedy=message("use `--reader-mode perimeter`, or revoke the grant that lets it in"),
            trails=(trail.arn,),
        )


def _roles(estate: Estate, arn: str) -> tuple[str, ...]:
    return tuple(r.arn for r in estate.roles_of(arn)) if ":assumed-role/" in arn else ()


def _locks_out(trail: Trail, question: KeyInQuestion, after: _View, snapshot: Snapshot) -> Iterator[Concern]:
    """Whoever applies the plan must be able to change the key policy again."""
    applier = _applier(after, snapshot.caller_arn)
    decision = on_key(after.estate, after.target, applier, "kms:PutKeyPolicy")
    if decision.effect is Effect.ALLOWED:
        return
    yield Concern(
        code="locks-out",
        weight=Weight.REFUSED,
        subject=question.key,
        text=message("{caller} could not change the key policy any more", caller=snapshot.caller_arn),
        remedy=message("let somebody apply this whom the key policy lets change it"),
        trails=(trail.arn,),
    )


def _applier(after: _View, arn: str) -> Subject:
    """Return the caller as a subject: a session by its role's policies; unknown policies allow nothing."""
    known = {subject.arn: subject for subject in after.subjects}
    nobody = Subject(arn=arn, asks_as=arn, kind=SubjectKind.USER, account=account_of(arn))
    return next((known[name] for name in (arn, *_roles(after.estate, arn)) if name in known), nobody)
