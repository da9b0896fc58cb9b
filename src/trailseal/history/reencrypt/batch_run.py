"""One run by S3 Batch Operations: jobs are made of what the ledger does not show, watched and entered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from trailseal.errors import TrailsealError
from trailseal.history.reencrypt.batch_proof import read_after, read_before
from trailseal.history.reencrypt.batch_spool import Spool
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.rules.batch import (
    BatchPlace,
    BatchStatus,
    FailedTask,
    can_batch_copy,
    job_request,
    read_report,
    report_files,
)
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Method, Target
from trailseal.history.rules.proof import is_under
from trailseal.history.rules.state import GONE, State
from trailseal.history.rules.summary import Verify
from trailseal.history.rules.work import Step, Work, first_call, next_call, planned
from trailseal.messages import message
from trailseal.model.foreign import LARGEST
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, head
from trailseal.objects.download import download
from trailseal.run.events import Observer, Progress, Told, ignore
from trailseal.run.ports import Clock

CLAIMED = 500
EVERY = 200
POLL = 10.0
LEFT = "left by a job that ended early"
CANNOT = "one Batch copy job cannot carry its storage class, ACL or lock"


class BatchJobs(Protocol):
    """What a run asks of S3 Control."""

    def upload(self, path: Path, bucket: str, key: str) -> str:
        """Put a file into a bucket and return its ETag."""
        ...

    def create(self, request: dict[str, Any]) -> str:
        """Return the ID of the job; the same request token gives the same job."""
        ...

    def describe(self, account: str, job_id: str) -> BatchStatus:
        """Return how the job stands."""
        ...


class BatchRun:
    """One run over one manifest: at most one job for each method."""

    def __init__(
        self,
        *,
        objects: Objects,
        jobs: BatchJobs,
        ledger: Ledger,
        target: Target,
        place: BatchPlace,
        clock: Clock,
        verify: Verify = Verify.NONE,
        observer: Observer = ignore,
    ) -> None:
        self._objects = objects
        self._jobs = jobs
        self._ledger = ledger
        self._target = target
        self._place = place
        self._clock = clock
        self._verify = verify
        self._observer = observer
        self._asked = 0

    def run(self, rows: Iterable[tuple[int, Row]], *, identity: str) -> None:
        """
        Create the jobs, watch them and enter their reports.

        Raises:
            TrailsealError: a job cannot be created, failed as a whole, or its report cannot be read.
        """
        with TemporaryDirectory(prefix="trailseal-") as folder, ExitStack() as opened:
            spools: dict[Method, Spool] = {}
            for method in (Method.UPDATE, Method.COPY):
                # A copy names no version: it may be no longer the newest, and would come to the front.
                spool = Spool(Path(folder), method, wanted=method is Method.UPDATE)
                spools[method] = opened.enter_context(closing(spool))
            for work in self._works(rows):
                spools[work.choice.method].add(work)
            for method, spool in spools.items():
                spool.finish()
                if spool.first is not None:
                    name = f"{identity}-{method}-{spool.first.number}-{spool.count}"
                    self._job(method, spool, name)

    def _works(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Work]:
        numbered = iter(rows)
        while chunk := list(islice(numbered, CLAIMED)):
            own = self._ledger.claim(number for number, _ in chunk)
            known = self._ledger.described(own)
            works = [
                planned(number, known.get(number, row), self._target)
                for number, row in chunk
                if number in own
            ]
            self._ask(works, own)
            for work in works:
                work.seen_before = own[work.number]
                if work.choice.method is Method.COPY and not can_batch_copy(work.row):
                    work.state, work.detail = State.SKIPPED, CANNOT
            read_before(self._objects, works, self._verify)
            self._ledger.enter(work for work in works if work.state is not State.STARTED)
            yield from (work for work in works if work.state is State.STARTED)

    def _ask(self, works: list[Work], own: dict[int, bool]) -> None:
        """
        Let S3 describe what an inventory lists, before a job of it is made; a job can ask nothing.

        What is tried again is looked at too: a copy that could not be read back is one, and needs no second.
        """
        left = [work for work in works if work.state is State.STARTED]
        bare = [work for work in left if work.row.bare]
        again = (
            [work for work in left if not work.row.bare and not own[work.number]]
            if self._ledger.tries
            else []
        )
        calls = chain(
            (first_call(work, seen_before=own[work.number]) for work in bare),
            (first_call(work, seen_before=True) for work in again),
        )
        for _ in self._objects.each(calls, _then):
            self._asked += 1
            if self._asked % EVERY == 0:
                self._observer(Progress(what=message("objects asked about"), done=self._asked))
        self._ledger.describe(work for work in bare if work.state is State.STARTED)

    def _job(self, method: Method, spool: Spool, name: str) -> None:
        key = f"{self._place.prefix}/manifests/{name}.csv"
        etag = self._jobs.upload(spool.manifest, self._place.bucket, key)
        request = job_request(
            method,
            self._target,
            self._place,
            key=key,
            etag=etag,
            versions=spool.versions,
            tries=self._ledger.tries,
        )
        job_id = self._jobs.create(request)
        self._observer(Told(what=message("S3 Batch Operations job {id}: {method}", id=job_id, method=method)))
        status = self._watch(job_id)
        if status.status != "Complete":
            self._let_go(spool)
            raise TrailsealError(
                message(
                    "the job {id} is {status}: {why}", id=job_id, status=status.status, why=status.why or "-"
                ),
                message("what it did is entered; the same command again makes another job of the rest"),
            )
        if status.failed:
            self._read_report(job_id, spool)
        if status.succeeded + status.failed != spool.count or status.failed != spool.failed:
            raise TrailsealError(
                message("the job {id} and its report do not say how every object ended", id=job_id),
                message("objects that it did are seen by a new census"),
            )
        self._enter(spool, (State.DONE, State.FAILED, State.GONE))

    def _enter(self, spool: Spool, states: tuple[State, ...]) -> None:
        """Enter the objects that ended so, all or none: of a part of them another job would be made."""
        told = read_after(self._objects, spool.ended(), self._verify)
        not_as_before = {work.number: work for work in told}
        self._ledger.enter(
            not_as_before.get(work.number, work) for work in spool.ended() if work.state in states
        )

    def _let_go(self, spool: Spool) -> None:
        """
        Enter what a job did before it ended early, and let go of the rest, of which another is made.

        Raises:
            TrailsealError: it is not known of every object whether the job did it; nothing is entered then.
        """
        calls = (head(self._target.bucket, w.row.key, w.row.version_id, about=w) for w in spool.ended())
        for answer in self._objects.each(calls):
            if answer.error and answer.error not in GONE:
                raise TrailsealError(
                    message(
                        "s3://{bucket}/{key} cannot be read: {error}",
                        bucket=answer.call.bucket,
                        key=answer.call.key,
                        error=answer.error,
                    )
                )
            if answer.error or not is_under(answer.headers, self._target):
                row = answer.call.about.row
                spool.fail((FailedTask(key=row.key, version_id=row.version_id, succeeded=False, why=LEFT),))
        self._enter(spool, (State.DONE,))
        self._ledger.start_over()

    def _watch(self, job_id: str) -> BatchStatus:
        while True:
            status = self._jobs.describe(self._place.account, job_id)
            done = status.succeeded + status.failed
            self._observer(Progress(what=message("objects"), done=done, total=status.total or None))
            if status.has_ended:
                return status
            self._clock.sleep(POLL)

    def _read_report(self, job_id: str, spool: Spool) -> None:
        root = f"{self._place.prefix}/reports/job-{job_id}"
        path = spool.manifest.with_suffix(".report")
        download(self._objects, self._place.bucket, f"{root}/manifest.json", path, most=LARGEST)
        try:
            for key in report_files(path.read_bytes()):
                download(self._objects, self._place.bucket, key, path)
                with path.open(encoding="utf-8", newline="") as report:
                    spool.fail(read_report(report))
        except ValueError as problem:
            raise TrailsealError(
                message("the report of the job {id} is damaged: {problem}", id=job_id, problem=str(problem)),
                message("objects that it did are seen by a new census"),
            ) from problem


def _then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
    """Ask for all that a row holds, and change nothing: that is the job's."""
    call = next_call(answer.call.about, answer)
    return () if call is None or answer.call.about.step is not Step.ASK_PART else (call,)
