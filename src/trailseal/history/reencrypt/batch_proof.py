"""The read-back of a Batch job, which itself reads nothing: some objects before it and after it, compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trailseal.history.rules.proof import is_under, proof_of
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Verify
from trailseal.history.rules.work import Step, Work, next_call
from trailseal.objects.calls import Objects, get


def read_before(objects: Objects, works: Iterable[Work], verify: Verify) -> None:
    """
    Keep in a work what must stay the same, or end it: it cannot be read, or is under the key already.

    What an earlier run may have put into a job's manifest stays in it, so that it is the same job.
    """
    covered = (work for work in works if work.state is State.STARTED and verify.covers(work.row.key))
    calls = (get(work.target.bucket, work.row.key, work.row.version_id, about=work) for work in covered)
    for answer in objects.each(calls):
        work: Work = answer.call.about
        if not answer.error and not is_under(answer.headers, work.target):
            work.before = proof_of(answer)
        elif not work.seen_before:
            work.step = Step.BEFORE
            next_call(work, answer)


def read_after(objects: Objects, works: Iterable[Work], verify: Verify) -> Iterator[Work]:
    """Yield those of the works that a job did which are not as they were, or cannot be read."""
    covered = (work for work in works if work.state is State.DONE and verify.covers(work.row.key))
    calls = (get(work.target.bucket, work.row.key, work.row.version_id, about=work) for work in covered)
    for answer in objects.each(calls):
        work: Work = answer.call.about
        work.step = Step.AFTER
        next_call(work, answer)
        if work.state is not State.DONE:
            yield work
