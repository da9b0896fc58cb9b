"""The contract of the engines: the same manifest in, the same ledger out, on whichever of them it runs."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, structs

from memory_engines import KEY, MemoryPlanes, PacedS3, StillClock, StoppedJobs, spark_engine
from memory_s3 import SSE
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.engine import Assignment, Engine
from trailseal.history.reencrypt.engines import EngineName, EngineOptions, EnginePorts, engine_of
from trailseal.history.reencrypt.ledger import Ledger, Problem
from trailseal.history.reencrypt.manifest_file import ManifestFile, identity_of
from trailseal.history.reencrypt.s3batch import BatchOptions
from trailseal.history.reencrypt.shard_ledger import ShardLedger
from trailseal.history.reencrypt.shard_place import FolderStore
from trailseal.history.reencrypt.spark import SparkOptions
from trailseal.history.rules.manifest import Header, Row, write_line
from trailseal.history.rules.method import Target
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Verify

PLAIN = 9
COPY = Target(bucket="b", key_arn=KEY)
UPDATE = Target(bucket="b", key_arn=KEY, update=True)
OPTIONS = EngineOptions(
    batch=BatchOptions(role_arn="arn:role", place="s3://m/batch"), spark=SparkOptions(shard_size=4)
)
REFUSED = frozenset({"k2", "k5"})


class World(Struct):
    """A bucket, a manifest of it, and what an engine reaches."""

    s3: PacedS3
    jobs: StoppedJobs
    manifest: ManifestFile

    def engine(self, name: EngineName) -> Engine:
        """Return the engine as it is chosen, Spark's with a machine of its own in place of a cluster."""
        planes = MemoryPlanes(self.s3)
        if name is EngineName.SPARK:
            return spark_engine(OPTIONS.spark, planes)
        ports = EnginePorts(planes=planes, jobs=self.jobs, account=lambda: "123456789012", clock=StillClock())
        return engine_of(name, OPTIONS, ports)

    def given(self, target: Target, **more: Any) -> Assignment:
        return Assignment(**{"manifest": self.manifest, "target": target, "verify": Verify.NONE, **more})

    def stop_after(self, number: int | None) -> None:
        self.s3.stop_after = self.jobs.stop_after = number


def world(folder: Path) -> World:
    """Every kind of row: plain, bare as S3 Inventory lists it, left out, under the key, and gone."""
    s3 = PacedS3(guards=False)
    for number in range(PLAIN):
        s3._store(f"k{number}", b"x", {"x-amz-meta-signature": str(number)})
    for name in ("listed", "overwritten", "sealed since"):
        s3._store(name, b"x", {})
    s3.objects["sealed since"].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
    rows = [
        *(Row(key=f"k{number}", etag=s3.objects[f"k{number}"].etag, size=1) for number in range(PLAIN)),
        Row(key="listed", bare=True, size=1, etag=s3.objects["listed"].etag),
        Row(key="overwritten", bare=True, size=1, etag="another"),
        Row(key="sealed since", bare=True, size=1),
        Row(key="gone and listed", bare=True),
        Row(key="gone", size=1),
        Row(key="dsse", encryption="aws:kms:dsse"),
        Row(key="of another key", encryption="aws:kms", kms_key_id="arn:aws:kms:us-east-1:1:key/2"),
        Row(key="under the key", encryption="aws:kms", kms_key_id=KEY),
    ]
    header = Header(bucket="b", made_at=datetime(2026, 11, 23, tzinfo=UTC))
    path = folder / "m.jsonl"
    path.write_bytes(b"".join(map(write_line, [header, *rows])))
    return World(s3=s3, jobs=StoppedJobs(s3), manifest=ManifestFile(path))


def ledger_of(name: EngineName, given: Assignment) -> list[Problem]:
    """Return what the ledger says of every object; a ledger in SQLite names none that is done."""
    if name is EngineName.SPARK:
        found = ShardLedger(FolderStore(Path(f"{given.manifest.path}.shards"))).problems(State)
        unnamed = {State.DONE, State.NOTHING}
        return [structs.replace(each, key="") if each.state in unnamed else each for each in found]
    path = Path(f"{given.manifest.path}.ledger")
    with Ledger(path, manifest=given.manifest.identity, target=identity_of(given.target)) as ledger:
        return list(ledger.problems(State))


ENDS = [
    *(
        (f"k{number}", State.FAILED, "AccessDenied no") if f"k{number}" in REFUSED else ("", State.DONE, "")
        for number in range(PLAIN)
    ),
    ("", State.DONE, ""),
    ("overwritten", State.CHANGED, ""),
    ("", State.NOTHING, ""),
    ("gone and listed", State.GONE, ""),
    ("gone", State.GONE, ""),
    ("dsse", State.SKIPPED, "dsse"),
    ("of another key", State.SKIPPED, "other-key"),
    ("", State.NOTHING, ""),
]
EXPECTED = [
    Problem(number=number, key=key, state=state, detail=detail)
    for number, (key, state, detail) in enumerate(ENDS, start=1)
]
COUNTS = {
    "done": 8,
    "failed": 2,
    "nothing to do": 2,
    "skipped": 2,
    "changed since the census": 1,
    "gone since the census": 2,
}


def by_somebody(ended: Problem) -> Problem:
    """Return an end as both runs tell it: what is found under the key after a kill, anybody may have done."""
    return structs.replace(ended, state=State.DONE) if ended.state is State.NOTHING else ended


engines = pytest.mark.parametrize("name", list(EngineName))
targets = pytest.mark.parametrize("target", [COPY, UPDATE], ids=["copy", "update"])


@engines
@targets
@pytest.mark.parametrize("verify", list(Verify))
def test_the_same_manifest_ends_in_the_same_ledger(
    name: EngineName, target: Target, verify: Verify, tmp_path: Path
) -> None:
    here = world(tmp_path)
    here.s3.refused = REFUSED
    given = here.given(target, verify=verify)
    found = here.engine(name).run(given)

    assert found.counts == COUNTS
    assert ledger_of(name, given) == EXPECTED
    assert [(p.key, p.state, p.detail) for p in found.problems] == [
        *(end for end in ENDS if end[1] in {State.FAILED, State.CHANGED, State.GONE}),
        *(end for end in ENDS if end[1] is State.SKIPPED),
    ]


@pytest.mark.sweep
@engines
@targets
@pytest.mark.parametrize("after", [*range(12), 15, 20])
def test_stopped_anywhere_and_started_again_the_ledger_is_the_same(
    name: EngineName, target: Target, after: int, tmp_path: Path
) -> None:
    here = world(tmp_path)
    here.s3.refused = REFUSED
    given = here.given(target)
    here.stop_after(after)
    try:
        here.engine(name).run(given)
    except KeyboardInterrupt:
        stopped = True
    else:
        stopped = after > 4  # a Batch job takes few calls
    here.stop_after(None)
    found = here.engine(name).run(given)
    changed = [call.key for call in here.s3.sent if call.method == "PUT" and call.key not in REFUSED]

    assert stopped
    assert [by_somebody(each) for each in ledger_of(name, given)] == [by_somebody(each) for each in EXPECTED]
    assert found.counts["failed"] == len(REFUSED)
    assert len(changed) == len(set(changed))
    assert len(here.jobs.requests) <= 1


@engines
@targets
def test_what_has_ended_is_left_alone_until_what_failed_is_to_be_tried_again(
    name: EngineName, target: Target, tmp_path: Path
) -> None:
    here = world(tmp_path)
    here.s3.refused = REFUSED
    here.engine(name).run(here.given(target))
    here.s3.refused = frozenset()
    sent, jobs = len(here.s3.sent), len(here.jobs.requests)
    left = here.engine(name).run(here.given(target)).counts
    alone = (sent, jobs) == (len(here.s3.sent), len(here.jobs.requests))
    again = here.engine(name).run(here.given(target, retry_failed=True)).counts

    assert (left, alone) == (COUNTS, True)
    assert again == {"done": 10} | {n: c for n, c in COUNTS.items() if n not in {"done", "failed"}}


@engines
def test_a_ledger_of_another_key_is_refused(name: EngineName, tmp_path: Path) -> None:
    here = world(tmp_path)
    here.engine(name).run(here.given(COPY))
    other = structs.replace(COPY, key_arn=f"{KEY}2")

    with pytest.raises(UsageProblem, match="belongs to another target"):
        here.engine(name).run(here.given(other))


@engines
def test_looking_at_a_ledger_writes_nothing_and_tells_whose_it_is(name: EngineName, tmp_path: Path) -> None:
    here = world(tmp_path)
    engine, given = here.engine(name), here.given(COPY)
    before = contents(tmp_path)
    engine.see_ledger(given)
    nothing = contents(tmp_path)
    engine.run(given)
    after, sent = contents(tmp_path), len(here.s3.sent)
    engine.see_ledger(given)
    for other in (
        here.given(structs.replace(COPY, key_arn=f"{KEY}2")),
        here.given(COPY, manifest=of_another_manifest(here.manifest.path)),
    ):
        with pytest.raises(UsageProblem, match=r"belongs to another (target|manifest)"):
            engine.see_ledger(other)

    assert nothing == before
    assert (contents(tmp_path), len(here.s3.sent)) == (after, sent)


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    return {str(each): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def of_another_manifest(path: Path) -> ManifestFile:
    """Return the manifest as one that says of itself to be another."""
    found = ManifestFile(path)
    found.identity = "another"
    return found


@engines
def test_a_ledger_that_cannot_lie_there_is_one_line(name: EngineName, tmp_path: Path) -> None:
    here = world(tmp_path)
    where = here.manifest.path if name is EngineName.SPARK else tmp_path  # a file, where a folder is meant

    with pytest.raises(UsageProblem, match=r"is not a file|cannot be used"):
        here.engine(name).run(here.given(COPY, ledger=str(where)))


@engines
def test_a_manifest_that_is_damaged_is_one_line(name: EngineName, tmp_path: Path) -> None:
    here = world(tmp_path)
    with here.manifest.path.open("ab") as file:
        file.write(b'{"key": 1}\n')
    given = here.given(COPY, manifest=ManifestFile(here.manifest.path))

    with pytest.raises(UsageProblem, match=r"row 18 of .*m.jsonl. is damaged"):
        here.engine(name).run(given)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(BatchOptions(), id="nothing"),
        pytest.param(BatchOptions(role_arn="arn:role"), id="no-place"),
        pytest.param(BatchOptions(place="s3://m"), id="no-role"),
        pytest.param(BatchOptions(role_arn="arn:role", place="s3:///p"), id="no-bucket"),
    ],
)
def test_a_batch_job_needs_a_role_and_a_place(options: BatchOptions, tmp_path: Path) -> None:
    here = world(tmp_path)
    ports = EnginePorts(planes=MemoryPlanes(here.s3), jobs=here.jobs, account=lambda: "1", clock=StillClock())
    engine = engine_of(EngineName.S3BATCH, EngineOptions(batch=options), ports)

    with pytest.raises(UsageProblem, match="needs a role and a place"):
        engine.ready()


@engines
def test_with_all_said_nothing_is_missing(name: EngineName, tmp_path: Path) -> None:
    world(tmp_path).engine(name).ready()


SPARK_IS_AWAY = """
import sys
sys.modules["pyspark"] = None
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.engines import EngineName, EngineOptions, EnginePorts, engine_of
ports = EnginePorts(planes=None, jobs=None, account=str, clock=None)
engine = engine_of(EngineName.SPARK, EngineOptions(), ports)
try:
    engine.ready()
except (UsageProblem, ValueError) as problem:
    print(problem)
"""


def test_spark_is_chosen_without_it_and_missed_in_one_line_when_it_is_to_begin() -> None:
    done = subprocess.run([sys.executable, "-c", SPARK_IS_AWAY], capture_output=True, text=True, check=True)

    assert done.stdout == "this needs the extra `spark`, which is not installed\n"
