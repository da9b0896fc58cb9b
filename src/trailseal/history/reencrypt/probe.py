"""
The probe: does this S3 really have UpdateObjectEncryption, does it leave an object as it was, may it be used.

Some S3 servers take the request for PutObject and overwrite the object with it. So it is tried once on an
object that trailseal wrote itself, with consent, and everything is compared. A copy is tried in the same way
where copies are to be read back, so that a missing permission shows before the first object. The probe is
the only object that trailseal ever deletes.

It is written under SSE-S3, as most of the history is: by the bucket's default it could be under the key from
the start, and then a server that does nothing at all would pass.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct, structs

from trailseal.history.rules.facts import SSE, metadata_of, row_from_head
from trailseal.history.rules.method import PROBE_PREFIX, Target
from trailseal.history.rules.proof import is_under
from trailseal.history.rules.requests import copy_call, update_call
from trailseal.messages import Message, message
from trailseal.model.unreadable import DENIED, action_lacking
from trailseal.objects.calls import (
    NOT_FOUND,
    UNSUPPORTED,
    UNSUPPORTED_STATUS,
    ObjectRequest,
    ObjectResponse,
    Objects,
    delete,
    get,
    one,
    put,
)
from trailseal.objects.pages import Listed

BODY = b"trailseal wrote this object to see whether UpdateObjectEncryption works here, and deletes it.\n"
HEADERS = {"x-amz-meta-signature": "probe", "Content-Type": "text/plain"}
SSE_S3 = {SSE: "AES256"}
UPDATE, COPY = "UpdateObjectEncryption", "CopyObject"
VERSION, LOCK = "x-amz-version-id", "x-amz-object-lock-"
SERVER_ERROR = 500
OF_THE_KEY = "kms:Encrypt, kms:Decrypt, kms:GenerateDataKey, kms:ReEncrypt*"
NEEDS = {
    "PutObject": "s3:PutObject",
    UPDATE: f"s3:UpdateObjectEncryption, {OF_THE_KEY}",
    COPY: "s3:GetObject, s3:PutObject, kms:GenerateDataKey, kms:Decrypt",
    "GetObject": "s3:GetObject, kms:Decrypt",
}
"""What a call needs, where AWS does not say which of them is missing."""


class ProbeOutcome(StrEnum):
    """What a probe can end in; what is refused or not answered says nothing of what this S3 can do."""

    WORKS = "works"
    NOT_SUPPORTED = "not supported"
    NOT_ALLOWED = "not allowed"
    NOT_KNOWN = "not known"


class Probed(Struct, frozen=True, kw_only=True):
    """
    What the probe showed, and why where it does not work.

    `action` is what the caller lacks, as far as AWS says; `left` is the key of a probe that could not be
    deleted.
    """

    outcome: ProbeOutcome
    why: Message | None = None
    action: str = ""
    left: str = ""

    @property
    def works(self) -> bool:
        """Whether it works."""
        return self.outcome is ProbeOutcome.WORKS


def probe_update(objects: Objects, target: Target, *, name: str) -> Probed:
    """Return whether UpdateObjectEncryption works in the bucket; `name` makes the probe's key its own."""

    def update(before: ObjectResponse, version: str) -> ObjectRequest:
        return update_call(target.bucket, before.call.key, version, target)

    return _probe(objects, _Trial(call=UPDATE, target=target, ask=update), name)


def probe_copy(objects: Objects, target: Target, *, name: str) -> Probed:
    """Return whether an object can be copied in place under the key and read back."""

    def copy(before: ObjectResponse, version: str) -> ObjectRequest:
        listed = Listed(key=before.call.key, version_id=version, size=len(BODY))
        return copy_call(row_from_head(listed, before.headers), target)

    return _probe(objects, _Trial(call=COPY, target=target, ask=copy), name)


class _Trial(Struct, frozen=True, kw_only=True):
    call: str
    target: Target
    ask: Callable[[ObjectResponse, str], ObjectRequest]
    """Makes the request that is tried, of the object as it is and its version."""


def _probe(objects: Objects, trial: _Trial, name: str) -> Probed:
    key, bucket = f"{PROBE_PREFIX}{name}", trial.target.bucket
    written = _written(objects, bucket, key)
    if not written.error:
        found, answers = _try(objects, trial, written)
    else:
        found, answers = _failed("PutObject", written), [written] if _may_be_there(written) else []
    left = bool(answers) and not _is_gone(objects, trial.target, answers)
    return structs.replace(found, left=key if left else "")


def _written(objects: Objects, bucket: str, key: str) -> ObjectResponse:
    """Return S3's answer to the probe under SSE-S3, or as the bucket has it where that is not taken."""
    plain = put(bucket, key, BODY, headers=HEADERS)
    written = one(objects, put(bucket, key, BODY, headers=HEADERS | SSE_S3))
    return one(objects, plain) if written.error and not _may_be_there(written) else written


def _may_be_there(written: ObjectResponse) -> bool:
    """Whether a put without an answer, or with an error of the server's own, may have been carried out."""
    failed = not written.status or written.status >= SERVER_ERROR
    return failed and written.status not in UNSUPPORTED_STATUS


def _try(objects: Objects, trial: _Trial, written: ObjectResponse) -> tuple[Probed, list[ObjectResponse]]:
    """Return what a trial on the probe shows, and the answers of the calls that may have made a version."""
    bucket, key = trial.target.bucket, written.call.key
    before = one(objects, get(bucket, key))
    if before.error:
        return _failed("GetObject", before), [written]
    if trial.call == UPDATE and (barred := _shows_nothing(before, trial.target)):
        return Probed(outcome=ProbeOutcome.NOT_KNOWN, why=barred), [written]
    answer = one(objects, trial.ask(before, written.headers.get(VERSION, "")))
    if answer.error:
        return _failed(trial.call, answer), [written, answer]
    after = one(objects, get(bucket, key))
    if after.error:
        return _failed("GetObject", after), [written, answer]
    why = _harm(before, after, trial)
    found = Probed(outcome=ProbeOutcome.NOT_SUPPORTED if why else ProbeOutcome.WORKS, why=why)
    return found, [written, answer]


def _shows_nothing(before: ObjectResponse, target: Target) -> Message | None:
    """Return why the update of this object would tell nothing of others, None where it does tell."""
    if is_under(before.headers, target):
        return message("the bucket encrypts each object with the key, so that the probe shows nothing")
    if any(name.startswith(LOCK) for name in before.headers):
        return message("the bucket's default retention locks the probe, and S3 updates no locked object")
    return None


def _harm(before: ObjectResponse, after: ObjectResponse, trial: _Trial) -> Message | None:
    """Return what the server did to the object besides what was asked, None for nothing."""
    if after.body != BODY:
        return message("the server overwrote the object's content")
    if metadata_of(after.headers) != metadata_of(before.headers):
        return message("the server changed the object's metadata")
    if trial.call == UPDATE and after.headers.get("last-modified") != before.headers.get("last-modified"):
        return message("the server changed LastModified")
    under = is_under(after.headers, trial.target)
    return None if under else message("the object is not encrypted with the key afterwards")


def _failed(call: str, answer: ObjectResponse) -> Probed:
    why = message("{call}: {said}", call=call, said=f"{answer.error} {answer.message}".strip())
    if answer.error in DENIED:
        action = action_lacking(answer.message) or NEEDS[call]
        return Probed(outcome=ProbeOutcome.NOT_ALLOWED, why=why, action=action)
    if answer.error in UNSUPPORTED or answer.status in UNSUPPORTED_STATUS:
        return Probed(outcome=ProbeOutcome.NOT_SUPPORTED, why=why)
    return Probed(outcome=ProbeOutcome.NOT_KNOWN, why=why)


def _is_gone(objects: Objects, target: Target, answers: list[ObjectResponse]) -> bool:
    """
    Delete the probe, each of its versions, and return whether nothing of it is left.

    A copy, or a server that took the update for a put, has made another version. S3's answer names it, for it
    may be one that the caller cannot read.
    """
    bucket, key, is_doubtful = target.bucket, answers[0].call.key, bool(answers[0].error)
    current = one(objects, get(bucket, key))
    versions = dict.fromkeys(filter(None, (each.headers.get(VERSION) for each in (current, *answers))))
    if is_doubtful and not versions and (current.status == NOT_FOUND or target.versioned):
        return current.status == NOT_FOUND
    # without an ID, a bucket that keeps versions would keep a delete marker
    gone = [one(objects, delete(bucket, key, each)) for each in versions or ("",)]
    return not any(answer.error for answer in gone)
