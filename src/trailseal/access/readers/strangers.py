"""Callers whom no inventory holds, one of a class, as subjects of the questions."""

from __future__ import annotations

from msgspec import structs

from trailseal.access.caller import CallerKind
from trailseal.access.facts import Lack
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.subject import Subject, stranger_of
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.split.callers import Class

KINDS = {
    CallerKind.USER: SubjectKind.USER,
    CallerKind.ROLE: SubjectKind.ROLE,
    CallerKind.SESSION: SubjectKind.SESSION,
    CallerKind.FEDERATED: SubjectKind.FEDERATED,
    CallerKind.ROOT: SubjectKind.ROOT,
    CallerKind.SERVICE: SubjectKind.SERVICE,
    CallerKind.ANONYMOUS: SubjectKind.ANONYMOUS,
}


def stranger(one: Class, estate: Estate) -> Subject:
    """Return the class as a subject of whom no IAM policy is known; what is open in it is left unknown."""
    subject = stranger_of(one.arn, KINDS[one.kind], one.account, estate)
    open_keys = dict.fromkeys(one.open_keys, Lack.UNKNOWN)
    known = {key: value for key, value in subject.context.items() if key.lower() not in open_keys}
    return structs.replace(subject, context=known | open_keys)
