"""
One run on Spark: the manifest's shards spread over executors, each with an object plane of its own.

The driver only cuts the manifest and sends the shards whose ledger is not complete. An executor writes the
ledger of its shard, and looks first at what an earlier run, or an earlier try of the same task, may have
done. So the driver, an executor or all of them can be killed. Executors need trailseal, pyarrow and AWS
credentials of their own.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from msgspec import Struct

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.reencrypt.engine import Opener
from trailseal.history.reencrypt.shard_file import ShardEntry, entry_of
from trailseal.history.reencrypt.shard_ledger import ShardLedger
from trailseal.history.reencrypt.shard_place import place_of
from trailseal.history.rules.manifest import read_rows
from trailseal.history.rules.method import Target
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Verify
from trailseal.history.rules.work import Work, first_call, next_call, planned
from trailseal.messages import Message, message
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects
from trailseal.run.events import Observer, Progress, ignore

ROUNDS = 4
"""Shards sent out at a time, for each task that Spark runs at once: what the driver holds, packed."""


class Shard(Struct, frozen=True, kw_only=True):
    """So many rows of the manifest, packed, with the number of the first."""

    number: int
    first: int
    lines: bytes


class SparkJob(Struct, frozen=True, kw_only=True):
    """What every executor is told; plain data and picklable."""

    opener: Opener
    ledger: str
    target: Target
    verify: Verify
    name: str
    """The manifest's, for messages."""


class Ended(Struct, frozen=True, kw_only=True):
    """What an executor tells the driver about a shard; the rest is in the ledger."""

    number: int
    objects: int = 0
    slowed: int = 0
    problem: Message | None = None
    hint: Message | None = None
    is_usage: bool = False
    """Whether the problem is one of what the user gave, as `errors.py` tells them apart."""


class SparkRun:
    """One run over one manifest; `spark` is a SparkContext."""

    def __init__(
        self, *, spark: Any, job: SparkJob, ledger: ShardLedger, rows: int, observer: Observer = ignore
    ) -> None:
        self._spark = spark
        self._job = job
        self._ledger = ledger
        self._rows = rows
        self._observer = observer

    def run(self, lines: Iterable[bytes], *, total: int | None = None) -> int:
        """
        Work on every shard whose ledger is not complete; return how often S3 asked to slow down.

        Raises:
            TrailsealError: an executor cannot work.
        """
        work = partial(_work_on_each, job=self._job)
        at_once = max(1, int(self._spark.defaultParallelism))
        shards = self._open_shards(lines)
        done = slowed = 0
        while sent := list(islice(shards, at_once * ROUNDS)):
            for ended in self._spark.parallelize(sent, len(sent)).mapPartitions(work).collect():
                if ended.problem is not None:
                    kind = UsageProblem if ended.is_usage else TrailsealError
                    raise kind(ended.problem, ended.hint)
                done += ended.objects
                slowed += ended.slowed
            self._observer(Progress(what=message("objects"), done=done, total=total))
        return slowed

    def _open_shards(self, lines: Iterable[bytes]) -> Iterator[Shard]:
        settled = self._ledger.settled()
        numbered = iter(lines)
        number = 0
        while chunk := list(islice(numbered, self._rows)):
            if settled.get(number, 0) < len(chunk):
                packed = zlib.compress(b"".join(chunk), 1)
                yield Shard(number=number, first=number * self._rows + 1, lines=packed)
            number += 1


def _work_on_each(shards: Iterable[Shard], job: SparkJob) -> Iterator[Ended]:
    for shard in shards:
        try:
            yield work_on(shard, job)
        except TrailsealError as problem:
            usage = isinstance(problem, UsageProblem)
            yield Ended(number=shard.number, problem=problem.what, hint=problem.hint, is_usage=usage)


def work_on(shard: Shard, job: SparkJob) -> Ended:
    """
    Do a shard's work, on an executor, and write its ledger.

    Raises:
        TrailsealError: the ledger cannot be reached from here.
    """
    with job.opener() as objects:
        ledger = ShardLedger(place_of(job.ledger, objects))
        if ledger.about() is None:
            raise TrailsealError(
                message("the ledger {ledger} is not seen on an executor", ledger=job.ledger),
                message("name a folder that all machines share, or s3://BUCKET/PREFIX, with `--ledger`"),
            )
        before = {entry.number: entry for entry in ledger.read(shard.number)}
        seen_before = ledger.begin(shard.number)
        works = _works(shard, job, frozenset(before))
        after = {entry.number: entry for entry in _ends(works, objects, seen_before=seen_before)}
        ledger.write(shard.number, (before | after).values())
        return Ended(number=shard.number, objects=len(after), slowed=objects.pace.slowed)


def _works(shard: Shard, job: SparkJob, settled: frozenset[int]) -> Iterator[Work]:
    lines = zlib.decompress(shard.lines).splitlines(keepends=True)
    for number, row in read_rows(lines, name=job.name, first=shard.first):
        if number not in settled:
            yield planned(number, row, job.target, proven=job.verify.covers(row.key))


def _ends(works: Iterable[Work], objects: Objects, *, seen_before: bool) -> Iterator[ShardEntry]:
    ended: list[ShardEntry] = []

    def calls() -> Iterator[ObjectRequest]:
        for work in works:
            if work.state is State.STARTED:
                yield first_call(work, seen_before=seen_before)
            else:
                ended.append(entry_of(work))

    for answer in objects.each(calls(), _then):
        work: Work = answer.call.about
        if work.state is not State.STARTED:
            ended.append(entry_of(work))
    yield from ended


def _then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
    call = next_call(answer.call.about, answer)
    return () if call is None else (call,)
