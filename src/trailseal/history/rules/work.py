"""
The work on one object, as steps: what is sent next for an answer, and how it ended.

Every step may be repeated after a crash: the ETag refuses a second copy of something else, and an object
that is under the key already is done, whoever did it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from trailseal.history.rules.facts import described, parts_to_ask, with_part
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Choice, Method, MethodReason, Target, choose, is_asked_first
from trailseal.history.rules.proof import ContentProof, differences, is_under, proof_of
from trailseal.history.rules.requests import copy_call, update_call
from trailseal.history.rules.state import GONE, State
from trailseal.model.foreign import LARGEST
from trailseal.objects.calls import PRECONDITION_FAILED, ObjectRequest, ObjectResponse, get, get_part, head


class Step(StrEnum):
    """What an answer belongs to."""

    DESCRIBE = "describe"
    ASK_PART = "ask for what HeadObject does not show"
    LOOK = "look"
    BEFORE = "before"
    ACT = "act"
    LOOK_AGAIN = "look again"
    AFTER = "after"


class Work(Struct, kw_only=True):
    """One object's work. `proven` asks for a read-back before and after."""

    number: int
    row: Row
    choice: Choice
    target: Target
    proven: bool = False
    step: Step = Step.ACT
    before: ContentProof | None = None
    state: State = State.STARTED
    detail: str = ""
    seen_before: bool = False
    """An earlier run may have been here."""
    version_id: str = ""
    """The version that a copy made."""
    parts: tuple[str, ...] = ()
    """What is still to be asked for of a bare row."""


COPIED = "x-amz-copy-source-version-id"
"""The version that a copy was made of. Source: API_CopyObject."""
SECOND = timedelta(seconds=1)


def planned(number: int, row: Row, target: Target, *, proven: bool = False) -> Work:
    """Return the work on a row; it has ended already where its method sends nothing."""
    work = Work(number=number, row=row, choice=choose(row, target), target=target, proven=proven)
    if not is_asked_first(row, work.choice):
        _settle(work)
    return work


def _settle(work: Work) -> None:
    match work.choice.method:
        case Method.NOTHING:
            work.state = State.NOTHING
        case Method.SKIP:
            work.state, work.detail = State.SKIPPED, work.choice.reason
        case _:
            pass


def first_call(work: Work, *, seen_before: bool) -> ObjectRequest:
    """Return the first request: a look when an earlier run may have been here, a read for a proof."""
    work.seen_before = seen_before
    if work.row.bare:
        work.step = Step.DESCRIBE
        return head(work.target.bucket, work.row.key, work.row.version_id, about=work)
    if seen_before:
        work.step = Step.LOOK
        version = work.row.version_id if work.choice.method is Method.UPDATE else ""
        return head(work.target.bucket, work.row.key, version, about=work)
    return _begin(work)


def next_call(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    """Return the next request after an answer, or None when the work has ended (`state` says how)."""
    return _STEPS[work.step](work, answer)


def _act(work: Work) -> ObjectRequest:
    work.step = Step.ACT
    row, target = work.row, work.target
    if work.choice.method is Method.UPDATE:
        return update_call(target.bucket, row.key, row.version_id, target, about=work)
    return copy_call(row, target, about=work)


def _read(work: Work, step: Step) -> ObjectRequest:
    work.step = step
    version = work.version_id if step is Step.AFTER and work.version_id else work.row.version_id
    if step is Step.AFTER and work.choice.method is Method.COPY and not work.version_id:
        version = ""
    most = max(LARGEST, work.row.size)
    return get(work.target.bucket, work.row.key, version, most=most, about=work)


def _described(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    """Choose anew with what S3 says, where the object is still the one that the inventory lists."""
    if answer.error:
        return _ended_by(work, answer)
    bare, expected = work.row, work.choice
    work.row = described(bare, answer.headers)
    work.choice = choose(work.row, work.target)
    if is_under(answer.headers, work.target):
        return _done(work, answer) if work.seen_before else _end(work, State.NOTHING)
    if expected.reason is MethodReason.UNKNOWN_ENCRYPTION:  # what was shown is what is done
        return _end(work, State.SKIPPED, expected.reason)
    if _was_overwritten(bare, work.row) or (work.choice.acts and not expected.acts):
        return _end(work, State.CHANGED)
    _settle(work)
    if work.state is not State.STARTED:
        return None
    if work.choice.method is Method.COPY:
        work.parts = parts_to_ask(answer.headers, acls=work.target.acls, locks=work.target.locks)
    return _next_part(work)


def _was_overwritten(bare: Row, now: Row) -> bool:
    """Whether it is another object now; by time where the inventory has no ETag, in S3's whole seconds."""
    if bare.etag:
        return bare.etag != now.etag
    return bool(bare.modified and now.modified and now.modified - bare.modified >= SECOND)


def _next_part(work: Work) -> ObjectRequest:
    if not work.parts:
        return _begin(work)
    work.step = Step.ASK_PART
    return get_part(work.target.bucket, work.row.key, work.parts[0], work.row.version_id, about=work)


def _told_part(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    part, *rest = work.parts
    work.row = with_part(work.row, part, answer)
    if work.row.acl_unread or work.row.lock_unread:
        return (
            _ended_by(work, answer) if answer.error else _end(work, State.FAILED, f"{part}: not understood")
        )
    work.parts = tuple(rest)
    work.choice = choose(work.row, work.target)  # a lock may have come to light
    _settle(work)
    return _next_part(work) if work.state is State.STARTED else None


def _begin(work: Work) -> ObjectRequest:
    return _read(work, Step.BEFORE) if work.proven else _act(work)


def _looked(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    if answer.error:
        return _ended_by(work, answer)
    if is_under(answer.headers, work.target):
        return _done(work, answer)
    return _begin(work)


def _done(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    """
    End an object that is under the key, by an earlier run as far as its length tells, or read it back.

    What it was before nobody can read any more.
    """
    if not _has_length(answer, work.row):
        return _end(work, State.CHANGED)
    return _read(work, Step.AFTER) if work.proven else _end(work, State.DONE)


def _has_length(answer: ObjectResponse, row: Row) -> bool:
    return answer.headers.get("content-length", str(row.size)) == str(row.size)


def _read_before(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    if answer.error:
        return _ended_by(work, answer)
    if is_under(answer.headers, work.target):  # and can be read, which is all that is left to prove
        return _end(work, State.DONE if _has_length(answer, work.row) else State.CHANGED)
    work.before = proof_of(answer)
    return _act(work)


def _acted(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    if answer.status == PRECONDITION_FAILED or answer.error in {
        "PreconditionFailed",
        "ConditionalRequestConflict",
    }:
        work.step = Step.LOOK_AGAIN
        return head(work.target.bucket, work.row.key, about=work)
    if answer.error:
        return _ended_by(work, answer)
    if work.choice.method is Method.COPY and b"CopyObjectResult" not in answer.body:
        return _end(work, State.FAILED, "the answer is no CopyObjectResult")
    work.version_id = answer.headers.get("x-amz-version-id", "")
    copied = answer.headers.get(COPIED, "")
    if work.row.version_id and copied not in {"", work.row.version_id}:
        return _end(work, State.DIFFERS, f"version {copied} was copied, and not {work.row.version_id}")
    return _read(work, Step.AFTER) if work.proven else _end(work, State.DONE)


def _looked_again(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    """A second copy is refused when the first one's answer was lost: then the object is under the key."""
    if answer.error:
        return _ended_by(work, answer)
    return _done(work, answer) if is_under(answer.headers, work.target) else _end(work, State.CHANGED)


def _read_after(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    if answer.error in GONE:
        return _end(work, State.DIFFERS, answer.error)
    if answer.error:  # it may be as it was, only nobody has seen it
        return _end(work, State.FAILED, f"read back: {answer.error} {answer.message}".strip())
    if not is_under(answer.headers, work.target):
        return _end(work, State.DIFFERS, "encryption")
    if different := differences(work.before, proof_of(answer)):
        return _end(work, State.DIFFERS, ", ".join(different))
    return _end(work, State.DONE)


def _ended_by(work: Work, answer: ObjectResponse) -> ObjectRequest | None:
    if answer.error in GONE:  # HeadObject and GetObject have other codes for it
        return _end(work, State.GONE)
    return _end(work, State.FAILED, f"{answer.error} {answer.message}".strip())


def _end(work: Work, state: State, detail: str = "") -> ObjectRequest | None:
    work.state = state
    work.detail = detail
    return None


_STEPS = {
    Step.DESCRIBE: _described,
    Step.ASK_PART: _told_part,
    Step.LOOK: _looked,
    Step.BEFORE: _read_before,
    Step.ACT: _acted,
    Step.LOOK_AGAIN: _looked_again,
    Step.AFTER: _read_after,
}
