"""Re-encryption on this machine: the manifest streamed through the object plane into the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import ClassVar

from trailseal.history.reencrypt.engine import Assignment, Planes
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.ledger_file import open_ledger, see_ledger
from trailseal.history.reencrypt.manifest_file import summary_of
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Target
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Summary, Verify
from trailseal.history.rules.work import Work, first_call, next_call, planned
from trailseal.messages import message
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects
from trailseal.run.events import Observer, Progress, ignore

CLAIMED = 500
"""Rows entered as started at a time: one fsync for all of them."""
ENTERED = 500
EVERY = 200


class LocalEngine:
    """This machine; it needs nothing but the bucket."""

    carries_context: ClassVar[bool] = True
    priced_as_job: ClassVar[bool] = False
    works_as: str = ""

    def __init__(self, planes: Planes) -> None:
        self._planes = planes

    def ready(self) -> None:
        """Begin anywhere."""

    def see_ledger(self, given: Assignment) -> None:
        """
        Look at the ledger.

        Raises:
            UsageProblem: it is no ledger, or of another manifest or key.
            TrailsealError: it cannot be read.
        """
        see_ledger(given)

    def run(self, given: Assignment, observe: Observer = ignore) -> Summary:
        """
        Send what the ledger does not show as ended, and return how the whole manifest stands.

        Raises:
            UsageProblem: the ledger is no file, or of another manifest or key.
            TrailsealError: the ledger cannot be written.
        """
        with open_ledger(given) as ledger, self._planes.open() as plane:
            run = LocalRun(
                objects=plane, ledger=ledger, target=given.target, verify=given.verify, observer=observe
            )
            run.run(given.manifest.rows(), total=given.total)
            return summary_of(ledger, given.target, slowed=plane.pace.slowed)


class LocalRun:
    """One run over one manifest."""

    def __init__(
        self,
        *,
        objects: Objects,
        ledger: Ledger,
        target: Target,
        verify: Verify = Verify.SAMPLE,
        observer: Observer = ignore,
    ) -> None:
        self._objects = objects
        self._ledger = ledger
        self._target = target
        self._verify = verify
        self._observer = observer
        self._ended: list[Work] = []

    def run(self, rows: Iterable[tuple[int, Row]], *, total: int | None = None) -> None:
        """Work on every row that no other run has or had; the ledger tells how each ended."""
        done = 0
        for answer in self._objects.each(self._calls(rows), _then):
            work: Work = answer.call.about
            if work.state is not State.STARTED:
                self._end(work)
                done += 1
                if done % EVERY == 0:
                    self._observer(Progress(what=message("objects"), done=done, total=total))
        self._flush()
        self._observer(Progress(what=message("objects"), done=done, total=total))

    def _calls(self, rows: Iterable[tuple[int, Row]]) -> Iterator[ObjectRequest]:
        numbered = iter(rows)
        while chunk := list(islice(numbered, CLAIMED)):
            own = self._ledger.claim(number for number, _ in chunk)
            for number, row in chunk:
                if number in own:
                    yield from self._call(number, row, seen_before=own[number])

    def _call(self, number: int, row: Row, *, seen_before: bool) -> Iterator[ObjectRequest]:
        work = planned(number, row, self._target, proven=self._verify.covers(row.key))
        if work.state is State.STARTED:
            yield first_call(work, seen_before=seen_before)
        else:
            self._end(work)

    def _end(self, work: Work) -> None:
        self._ended.append(work)
        if len(self._ended) >= ENTERED:
            self._flush()

    def _flush(self) -> None:
        if self._ended:
            self._ledger.enter(self._ended)
            self._ended.clear()


def _then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
    call = next_call(answer.call.about, answer)
    return (call,) if call is not None else ()
