"""
What a switch means for each reader of a trail: its access before and after, side by side.

A reader is certain to read on only where every policy was read: one of the organization that was not may
deny what the new key needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from trailseal.access.decision import Effect
from trailseal.access.readers.consumers import known_as
from trailseal.access.readers.doubt import Doubt, reading_doubt
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.from_snapshot import NEW_KEY, estate_of, new_key_arn, target_of
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, Reading, read_all
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.model.arn import account_of
from trailseal.model.key import KeyPolicies
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.deciders import Decider, Layer, Says, deciders
from trailseal.plan.reading import KeyInQuestion, LacksIn, ReaderImpact, ReaderOutlook, outlook_of
from trailseal.plan.step import is_new


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
    return tuple(impacts_of(trail, snapshot, before, after))


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


def decrypts(view: View, arn: str) -> bool:
    """Return whether the key lets somebody decrypt, whatever the bucket says."""
    reading = view.readings.get(arn)
    return reading is not None and reading.decrypt is not None and reading.decrypt.effect is Effect.ALLOWED


def impacts_of(trail: Trail, snapshot: Snapshot, before: View, after: View) -> Iterator[ReaderImpact]:
    """Yield what becomes of each reader."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    for arn in dict.fromkeys((*before.readings, *after.readings)):
        was, now = _access(before, arn), _access(after, arn)
        outlook = outlook_of(was, now)
        if outlook is None or (outlook is ReaderOutlook.UNKNOWN and was is not Access.READ):
            continue
        doubt = _doubt(after, arn) if now is Access.READ else None
        yield ReaderImpact(
            principal=arn,
            outlook=ReaderOutlook.UNKNOWN if doubt else outlook,
            before=was,
            after=Access.UNKNOWN if doubt else now,
            trails=(trail.arn,),
            known_as=known_as(arn, after.estate, bucket),
            lacks=lack_of(arn, after) if outlook is ReaderOutlook.BREAKS else LacksIn.NOTHING,
            decided_by=(*deciders_of(after, arn), *_doubted(doubt)),
        )


def _access(view: View, arn: str) -> Access:
    reading = view.readings.get(arn)
    return reading.access if reading else Access.NONE


def _doubt(after: View, arn: str) -> Doubt | None:
    return reading_doubt(after.estate, after.target, arn, account=after.readings[arn].account)


def _doubted(doubt: Doubt | None) -> tuple[Decider, ...]:
    """Return, as what decides, that a policy of the organization was not read."""
    return (Decider(layer=Layer(doubt.layer), outcome=Says.UNKNOWN),) if doubt else ()


def deciders_of(view: View, arn: str) -> tuple[Decider, ...]:
    """Return why somebody may decrypt, or may not: statements, or what is lacking."""
    reading, policies = view.readings.get(arn), view.estate.key_policies
    text = policies.default if isinstance(policies, KeyPolicies) else ""
    return deciders(reading.decrypt if reading else None, text)


def lack_of(arn: str, after: View) -> LacksIn:
    """
    Return where the statement belongs that would let a principal go on reading.

    Where a key that stands leaves the account's IAM policies to decide, that is IAM; else the key's policy.
    """
    subject = next((s for s in after.subjects if s.arn == arn), None)
    stands = not after.target.kms_key.endswith(NEW_KEY)
    own = account_of(arn) == after.target.key_account
    if stands and own and subject and subject.knowledge is Knowledge.READ:
        worst = read_all(after.estate, after.target, (subject.worst_case(),))[0]
        if worst.access is Access.READ:
            return LacksIn.IN_IAM
    return LacksIn.IN_KEY_POLICY
