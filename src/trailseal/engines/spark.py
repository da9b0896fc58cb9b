"""
Re-encryption on Spark: the work spread over executors, each with an object plane of its own.

The driver claims rows in the ledger, sends them out, and enters how they ended, so the ledger is the same as
that of a local run and a run can be killed and started again. Executors need trailseal installed and
their own AWS credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from typing import Any

from trailseal.history.calls import Answer, Call, Objects
from trailseal.history.manifest import Row
from trailseal.history.method import Method, Target, choose
from trailseal.history.work import State, Work, first_call, next_call
from trailseal.messages import message
from trailseal.run.events import Observer, Progress, ignore
from trailseal.run.history_ledger import Ledger

CLAIMED = 50_000
"""Rows sent out at a time: what the driver holds in memory."""

Opener = Callable[[], AbstractContextManager[Objects]]
Sent = tuple[int, Row, bool]
Ended = tuple[int, str, str, str]


class SparkEngine:
    """One run over one manifest; `spark` is a SparkSession, `opener` is picklable."""

    def __init__(
        self,
        *,
        spark: Any,
        opener: Opener,
        ledger: Ledger,
        target: Target,
        proven: bool = False,
        observer: Observer = ignore,
    ) -> None:
        self._spark = spark
        self._opener = opener
        self._ledger = ledger
        self._target = target
        self._proven = proven
        self._observer = observer

    def run(self, rows: Iterable[tuple[int, Row]], *, partitions: int, total: int | None = None) -> None:
        """Work on every row that no other run has or had, `partitions` parts at a time."""
        numbered = iter(rows)
        work = partial(work_on, opener=self._opener, target=self._target, proven=self._proven)
        done = 0
        while chunk := list(islice(numbered, CLAIMED)):
            own = self._ledger.claim(number for number, _ in chunk)
            sent = [(number, row, own[number]) for number, row in chunk if number in own]
            spread = self._spark.sparkContext.parallelize(sent, max(1, min(partitions, len(sent))))
            by_number = {number: row for number, row, _ in sent}
            ended = spread.mapPartitions(work).toLocalIterator()
            self._ledger.enter(_entry(each, by_number, self._target) for each in ended)
            done += len(sent)
            self._observer(Progress(what=message("objects"), done=done, total=total))


def work_on(sent: Iterable[Sent], *, opener: Opener, target: Target, proven: bool) -> Iterator[Ended]:
    """Do one partition's work, on an executor; yield how each object ended."""
    settled: list[Work] = []

    def calls() -> Iterator[Call]:
        for number, row, seen_before in sent:
            work = Work(number=number, row=row, choice=choose(row, target), target=target, proven=proven)
            match work.choice.method:
                case Method.NOTHING:
                    work.state = State.NOTHING
                    settled.append(work)
                case Method.SKIP:
                    work.state, work.detail = State.SKIPPED, work.choice.reason
                    settled.append(work)
                case _:
                    yield first_call(work, seen_before=seen_before)

    def then(answer: Answer) -> Iterable[Call]:
        call = next_call(answer.call.about, answer)
        return () if call is None else (call,)

    with opener() as objects:
        for answer in objects.each(calls(), then):
            work: Work = answer.call.about
            if work.state is not State.STARTED:
                yield _ended(work)
    yield from map(_ended, settled)


def _ended(work: Work) -> Ended:
    return work.number, str(work.state), work.detail, work.version_id


def _entry(ended: Ended, rows: dict[int, Row], target: Target) -> Work:
    number, state, detail, version = ended
    row = rows[number]
    return Work(
        number=number,
        row=row,
        choice=choose(row, target),
        target=target,
        state=State(state),
        detail=detail,
        version_id=version,
    )
