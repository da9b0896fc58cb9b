"""
What a switch means for each reader of a trail: its access before and after, side by side.

A reader is certain to read on only where every policy was read: one of the organization that was not may
deny what the new key needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from msgspec import Struct

from trailseal.access.readers.consumers import known_as
from trailseal.access.readers.doubt import NOT_DENIED, reading_doubt
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.from_snapshot import NEW_KEY, estate_of, new_key_arn, target_of
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, Reading, read_all
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.messages import Words, message
from trailseal.model.arn import account_of
from trailseal.model.key import KeyPolicies
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.reading import KeyInQuestion, ReaderImpact, ReaderOutlook
from trailseal.plan.restriction import READERS, reader_statement
from trailseal.plan.step import is_new

DOUBTS = {
    ReaderOutlook.KEEPS: NOT_DENIED,
    ReaderOutlook.NEWLY_ABLE: message("newly able, if no policy of the organization denies it"),
}
"""Outlooks that a policy of the organization would belie, with what is said where one was not read."""


class View(Struct, frozen=True):
    """One trail's object with what decides on it, and everybody's access."""

    target: LogObject
    estate: Estate
    subjects: tuple[Subject, ...]
    readings: Mapping[str, Reading]


def impacts(trail: Trail, snapshot: Snapshot, *, key: str, policy: str) -> tuple[ReaderImpact, ...]:
    """Return what becomes of each reader of a trail under `key` (`new:REGION` too) with `policy`."""
    question = KeyInQuestion(key=key, before="", policy=policy, trails=(trail,))
    before, after = before_switch(trail, snapshot), after_switch(trail, question, policy, snapshot)
    return tuple(impacts_of(trail, snapshot, before, after, added=frozenset()))


def before_switch(trail: Trail, snapshot: Snapshot) -> View:
    """Return everybody's access to a trail's log files as it stands."""
    target = target_of(snapshot, trail, kms_key=trail.kms_key_id)
    return _view(target, estate_of(snapshot, trail, kms_key=trail.kms_key_id))


def after_switch(trail: Trail, question: KeyInQuestion, policy: str, snapshot: Snapshot) -> View:
    """Return everybody's access to log files under the key in question, with `policy`."""
    key = new_key_arn(snapshot, trail) if is_new(question.key) else question.key
    target = target_of(snapshot, trail, kms_key=key)
    return _view(target, estate_of(snapshot, trail, kms_key=key, policies=KeyPolicies(default=policy)))


def _view(target: LogObject, estate: Estate) -> View:
    subjects = population(estate, target)
    readings = {reading.principal: reading for reading in read_all(estate, target, subjects)}
    return View(target, estate, subjects, readings)


def readers_of(view: View) -> list[str]:
    """Return the ARNs of those who can read."""
    return [arn for arn, reading in view.readings.items() if reading.access is Access.READ]


def reads(view: View, arn: str) -> bool:
    """Return whether somebody can read."""
    reading = view.readings.get(arn)
    return reading is not None and reading.access is Access.READ


def impacts_of(
    trail: Trail, snapshot: Snapshot, before: View, after: View, *, added: frozenset[str]
) -> Iterator[ReaderImpact]:
    """Yield what becomes of each reader; `added` are those whom the plan's statement lets in."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    for arn in dict.fromkeys((*before.readings, *after.readings)):
        was, now = before.readings.get(arn), after.readings.get(arn)
        outlook = _outlook(was, now)
        if outlook is None:
            continue
        doubted = outlook in DOUBTS and reading_doubt(
            after.estate, after.target, arn, account=after.readings[arn].account
        )
        breaks = outlook is ReaderOutlook.BREAKS
        yield ReaderImpact(
            principal=arn,
            outlook=ReaderOutlook.UNKNOWN if doubted else outlook,
            trails=(trail.arn,),
            known_as=known_as(arn, after.estate, bucket),
            added=READERS if arn in added and reads(after, arn) else "",
            statement=missing_statement(arn, trail, after) if breaks else "",
            reasons=(*reasons_of(now), DOUBTS[outlook]) if doubted else reasons_of(now),
        )


def _outlook(was: Reading | None, now: Reading | None) -> ReaderOutlook | None:
    read = was is not None and was.access is Access.READ
    reads = now is not None and now.access is Access.READ
    if read and reads:
        return ReaderOutlook.KEEPS
    if reads:
        return ReaderOutlook.NEWLY_ABLE
    if read and now is not None and now.access is Access.UNKNOWN:
        return ReaderOutlook.UNKNOWN
    return ReaderOutlook.BREAKS if read else None


def reasons_of(now: Reading | None) -> tuple[Words, ...]:
    """Return why somebody may decrypt, or may not: statements, or what is lacking."""
    if now is None or now.decrypt is None:
        return ()
    return tuple(
        dict.fromkeys(r.statement or r.detail for r in now.decrypt.reasons if r.statement or r.detail)
    )


def missing_statement(arn: str, trail: Trail, after: View) -> str:
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
