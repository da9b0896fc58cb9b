from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

import pytest
from msgspec import structs

from memory_engines import INTERRUPTED, Jobs, StillClock
from memory_s3 import SSE, MemoryS3
from trailseal.errors import TrailsealError
from trailseal.history.reencrypt.batch_run import CANNOT, BatchRun
from trailseal.history.reencrypt.batch_spool import Spool
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.manifest_file import summary_of
from trailseal.history.rules.batch import (
    BatchPlace,
    BatchStatus,
    FailedTask,
    job_request,
    manifest_line,
    operation,
    read_report,
)
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Method, Target
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Verify
from trailseal.history.rules.work import planned

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
UPDATE = Target(bucket="b", key_arn=KEY, update=True)
COPY = Target(bucket="b", key_arn=KEY)
PLACE = BatchPlace(bucket="m", prefix="batch", role_arn="arn:role", account="123456789012")


def rows(s3: MemoryS3) -> list[tuple[int, Row]]:
    for name in ("a b", "k1", "k2"):
        s3._store(name, b"x", {})
    return [
        (1, Row(key="a b")),
        (2, Row(key="k1")),
        (3, Row(key="k2")),
        (4, Row(key="d", encryption="aws:kms:dsse")),
        (5, Row(key="s", encryption="aws:kms", kms_key_id=KEY)),
    ]


def work(
    s3: MemoryS3,
    jobs: Jobs,
    folder: Path,
    target: Target = UPDATE,
    *,
    given: list[tuple[int, Row]] | None = None,
    verify: Verify = Verify.NONE,
):
    with Ledger(folder / "ledger", manifest="m", target="t") as ledger:
        engine = BatchRun(
            objects=s3,
            jobs=jobs,
            ledger=ledger,
            target=target,
            place=PLACE,
            clock=StillClock(),
            verify=verify,
        )
        engine.run(given if given is not None else rows(s3), identity="m")
        return summary_of(ledger, target)


def test_a_job_is_made_watched_and_entered(tmp_path: Path) -> None:
    s3 = MemoryS3()
    jobs = Jobs(s3)
    found = work(s3, jobs, tmp_path)

    assert found.counts == {"done": 3, "skipped": 1, "nothing to do": 1}
    (request,) = jobs.requests.values()
    assert request["Operation"] == operation(Method.UPDATE, UPDATE)
    assert b"b,a%20b\n" in s3.objects["batch/manifests/m-UpdateObjectEncryption-1-3.csv"].body


def test_what_the_report_says_failed_is_listed(tmp_path: Path) -> None:
    s3 = MemoryS3()
    found = work(s3, Jobs(s3, fail="k1"), tmp_path)

    assert found.counts["failed"] == 1
    assert [(p.key, p.detail) for p in found.problems if p.state == "failed"] == [("k1", "AccessDenied no")]


def test_a_job_that_failed_as_a_whole_stops(tmp_path: Path) -> None:
    s3 = MemoryS3()
    with pytest.raises(TrailsealError, match="is Failed: stopped"):
        work(s3, Jobs(s3, end="Failed"), tmp_path)


def test_started_again_it_finds_the_same_job(tmp_path: Path) -> None:
    s3 = MemoryS3()
    jobs = Jobs(s3, end=INTERRUPTED)
    given = rows(s3)
    with pytest.raises(KeyboardInterrupt):
        work(s3, jobs, tmp_path, given=given)
    jobs.end = "Complete"

    assert work(s3, jobs, tmp_path, given=given).counts["done"] == 3
    assert len(jobs.requests) == 1


@pytest.mark.parametrize("end", ["Failed", "Cancelled"])
def test_after_a_job_that_ended_early_another_one_does_the_rest(end: str, tmp_path: Path) -> None:
    s3 = MemoryS3()
    jobs = Jobs(s3, end=end, fail="k1")
    given = rows(s3)
    with pytest.raises(TrailsealError, match=f"is {end}: stopped"):
        work(s3, jobs, tmp_path, given=given)
    first = set(jobs.requests)
    jobs.end, jobs.fail, jobs.requests = "Complete", "", {}

    assert work(s3, jobs, tmp_path, given=given).counts["done"] == 3
    assert first.isdisjoint(jobs.requests)
    assert s3.objects["batch/manifests/m-UpdateObjectEncryption-2-1.csv"].body == b"b,k1\n"


def test_what_failed_is_tried_again_by_a_job_of_its_own(tmp_path: Path) -> None:
    s3 = MemoryS3()
    given, jobs = rows(s3)[1:2], Jobs(s3, fail="k1")
    assert work(s3, jobs, tmp_path, given=given).counts == {"failed": 1}
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        assert (ledger.retry(), ledger.tries) == (1, 1)
    first = set(jobs.requests)
    jobs.requests, jobs.fail = {}, ""

    assert work(s3, jobs, tmp_path, given=given).counts == {"done": 1}
    assert first.isdisjoint(jobs.requests)


def bare(s3: MemoryS3) -> list[tuple[int, Row]]:
    """What an inventory lists: as it was, overwritten since, gone, sealed, and SSE-C."""
    for name in ("a b", "k1", "k3"):
        s3._store(name, b"x", {})
    s3.objects["k3"].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
    return [
        (1, Row(key="a b", bare=True, etag=s3.objects["a b"].etag.strip('"'))),
        (2, Row(key="k1", bare=True, etag="another")),
        (3, Row(key="k2", bare=True)),
        (4, Row(key="k3", bare=True)),
        (5, Row(key="c", bare=True, customer_key=True)),
    ]


def test_what_an_inventory_lists_is_asked_about_first(tmp_path: Path) -> None:
    s3 = MemoryS3()
    given, jobs = bare(s3), Jobs(s3)
    found = work(s3, jobs, tmp_path, given=given)

    assert found.counts == {
        "done": 1,
        "nothing to do": 1,
        "skipped": 1,
        "changed since the census": 1,
        "gone since the census": 1,
    }
    assert [call.key for call in s3.sent if call.method == "HEAD"] == ["a b", "k1", "k2", "k3"]
    assert s3.objects["batch/manifests/m-UpdateObjectEncryption-1-1.csv"].body == b"b,a%20b\n"


def test_a_job_that_goes_on_without_trailseal_is_found_again_when_it_has_done_some(tmp_path: Path) -> None:
    s3 = MemoryS3()
    given = [(number, Row(key=f"k{number}", bare=True)) for number in (1, 2)]
    for _, row in given:
        s3._store(row.key, b"x", {})
    jobs = Jobs(s3, end=INTERRUPTED)
    with pytest.raises(KeyboardInterrupt):
        work(s3, jobs, tmp_path, given=given)
    s3.objects["k1"].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
    jobs.end, asked = "Complete", len(s3.sent)

    assert work(s3, jobs, tmp_path, given=given).counts == {"done": 2}
    assert len(jobs.requests) == 1
    assert [call for call in s3.sent[asked:] if call.method == "HEAD"] == []


def test_a_copy_of_what_an_inventory_lists_asks_for_acls_too(tmp_path: Path) -> None:
    s3 = MemoryS3()
    s3._store("k1", b"<AccessControlPolicy/>", {})
    asked = work(
        s3, Jobs(s3), tmp_path, structs.replace(COPY, acls=True), given=[(1, Row(key="k1", bare=True))]
    )

    assert asked.counts == {"done": 1}
    assert [(call.method, call.query) for call in s3.sent[:2]] == [("HEAD", ""), ("GET", "acl")]


def test_what_could_not_be_asked_about_is_asked_again(tmp_path: Path) -> None:
    class Refusing(MemoryS3):
        def answer(self, call):
            found = super().answer(call)
            if call.method == "HEAD":
                return type(found)(call=call, status=403, error="403")
            return found

    given, refusing = [(1, Row(key="k1", bare=True))], Refusing()
    assert work(refusing, Jobs(refusing), tmp_path, given=given).counts == {"failed": 1}
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        ledger.retry()
    s3 = MemoryS3()
    s3._store("k1", b"x", {})

    assert work(s3, Jobs(s3), tmp_path, given=given).counts == {"done": 1}


def test_a_copy_job_takes_only_what_it_can_carry(tmp_path: Path) -> None:
    s3 = MemoryS3()
    s3._store("k1", b"x", {})
    given = [
        (1, Row(key="k1")),
        (2, Row(key="k2", storage_class="STANDARD_IA")),
        (3, Row(key="k3", legal_hold=True)),
    ]
    jobs = Jobs(s3)
    found = work(s3, jobs, tmp_path, COPY, given=given)

    assert found.counts == {"done": 1, "skipped": 2}
    assert {p.detail for p in found.problems} == {CANNOT}
    (request,) = jobs.requests.values()
    assert request["Operation"]["S3PutObjectCopy"]["SSEAwsKmsKeyId"] == KEY


def test_a_report_that_is_gone_stops(tmp_path: Path) -> None:
    class Forgetting(Jobs):
        def describe(self, account: str, job_id: str) -> BatchStatus:
            return BatchStatus(status="Complete", total=3, succeeded=2, failed=1)

    with pytest.raises(TrailsealError, match=r"s3://m/batch/reports/job-job1/manifest.json cannot be read"):
        work(s3 := MemoryS3(), Forgetting(s3), tmp_path)


def test_a_manifest_with_versions_names_one_in_every_line() -> None:
    line = manifest_line("b", Row(key="k", version_id="v"), versions=True)
    request = job_request(Method.UPDATE, UPDATE, PLACE, key="k", etag="e", versions=True)

    assert line == b"b,k,v\n"
    assert request["Manifest"]["Spec"]["Fields"] == ["Bucket", "Key", "VersionId"]
    assert len(request["ClientRequestToken"]) == 64


@pytest.mark.parametrize("method", [Method.UPDATE, Method.COPY])
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_arn_of_a_job_is_in_the_partition_of_the_key(partition: str, method: Method) -> None:
    target = Target(bucket="b", key_arn=KEY.replace("aws", partition, 1))
    request = job_request(method, target, PLACE, key="k", etag="e", versions=True)

    found = re.findall(r"arn:([\w-]+):", json.dumps(request | {"RoleArn": ""}))
    assert found
    assert set(found) == {partition}


@pytest.mark.parametrize("null", ["", "null"])
def test_a_failure_that_names_a_version_is_that_versions_alone(null: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path, "job", wanted=True)
    for number, version in enumerate(("v1", "v2", null), start=1):
        spool.add(planned(number, Row(key="k", version_id=version), UPDATE))
    spool.finish()
    spool.fail(
        [
            FailedTask(key="k", version_id="v2", succeeded=False, why="no"),
            FailedTask(key="k", version_id={"": "null"}.get(null, ""), succeeded=False, code="NoSuchVersion"),
        ]
    )

    works = [(work.number, work.state, work.detail) for work in spool.ended()]
    assert works == [(1, State.DONE, ""), (2, State.FAILED, "no"), (3, State.GONE, "")]
    assert spool.failed == 2
    assert spool.manifest.read_text() == "b,k,v1\nb,k,v2\nb,k,null\n"


@pytest.mark.sweep
def test_memory_does_not_grow_with_the_manifest(tmp_path: Path) -> None:
    peaks = []
    for number in (2_000, 20_000):
        s3, folder = MemoryS3(), tmp_path / str(number)
        folder.mkdir()
        given = ((n, Row(key=f"AWSLogs/123456789012/{n:040d}")) for n in range(1, number + 1))
        tracemalloc.start()
        with Ledger(folder / "ledger", manifest="m", target="t") as ledger:
            engine = BatchRun(
                objects=s3, jobs=Absent(), ledger=ledger, target=UPDATE, place=PLACE, clock=StillClock()
            )
            engine.run(given, identity="m")
            assert ledger.counts() == {State.DONE: number}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0], peaks


class Absent(Jobs):
    """Jobs that do all at once and keep nothing."""

    def __init__(self) -> None:
        super().__init__(MemoryS3())

    def upload(self, path: Path, bucket: str, key: str) -> str:
        with path.open("rb") as file:
            self.tasks = sum(1 for _ in file)
        return "etag"

    def describe(self, account: str, job_id: str) -> BatchStatus:
        return BatchStatus(status="Complete", succeeded=self.tasks)


@pytest.mark.parametrize(
    ("codes", "state", "why"),
    [
        pytest.param("AccessDenied,403,no", State.FAILED, "AccessDenied no", id="as-the-schema-says"),
        pytest.param("403,AccessDenied,", State.FAILED, "AccessDenied", id="as-the-example-has-it"),
        pytest.param("404,NoSuchKey,", State.GONE, "NoSuchKey", id="gone"),
        pytest.param("NoSuchVersion,404,", State.GONE, "NoSuchVersion", id="a-version-gone"),
        pytest.param(",404,", State.GONE, "404", id="no-code"),
        pytest.param(",,no", State.FAILED, "no", id="neither"),
    ],
)
def test_a_report_is_read_line_by_line(codes: str, state: State, why: str) -> None:
    (task,) = read_report([f"b,a%20b,v,failed,{codes}\n"])

    assert (task.key, task.version_id, task.succeeded) == ("a b", "v", False)
    assert (task.state, task.why) == (state, why)


def test_a_report_of_all_tasks_tells_what_was_done_too() -> None:
    (task,) = read_report(["b,k,,succeeded,,200,ok\n"])

    assert (task.succeeded, task.state) == (True, State.DONE)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"{", id="cut-short"),
        pytest.param(b'{"Results": [{}]}', id="without-a-key"),
        pytest.param(b"\xff", id="no-text"),
    ],
)
def test_a_reports_manifest_that_is_damaged_is_one_line(damaged: bytes, tmp_path: Path) -> None:
    s3 = MemoryS3()

    with pytest.raises(TrailsealError, match="the report of the job job1 is damaged"):
        work(s3, Reporting(s3, manifest=damaged), tmp_path)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"b,k1\n", id="short"),
        pytest.param(b"\xff", id="no-text"),
        pytest.param(b"b,k1\x00", id="a-zero"),
        pytest.param(b"x" * 200_000, id="long"),
    ],
)
def test_a_report_that_is_damaged_is_one_line(damaged: bytes, tmp_path: Path) -> None:
    s3 = MemoryS3()

    with pytest.raises(TrailsealError, match="the report of the job job1 is damaged"):
        work(s3, Reporting(s3, report=damaged), tmp_path)


@pytest.mark.parametrize(
    ("report", "succeeded", "failed"),
    [
        pytest.param(b"b,another,,failed,AccessDenied,403,no\n", 2, 1, id="a-failure-of-another"),
        pytest.param(b"b,k1,,failed,AccessDenied,403,no\n", 1, 2, id="a-failure-that-is-not-told"),
        pytest.param(b"b,k1,,failed,AccessDenied,403,no\n", 1, 1, id="one-that-nobody-counts"),
        pytest.param(b"", 2, 0, id="none-failed-and-one-is-not-counted"),
    ],
)
def test_objects_whose_end_nobody_tells_are_not_taken_for_done(
    report: bytes, succeeded: int, failed: int, tmp_path: Path
) -> None:
    s3 = MemoryS3()
    jobs = Reporting(s3, report=report, succeeded=succeeded, failed=failed)

    with pytest.raises(TrailsealError, match="do not say how every object ended"):
        work(s3, jobs, tmp_path)
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        assert State.DONE not in ledger.counts()


class Reporting(Jobs):
    """Jobs that end as they are told, and leave a report as it is given."""

    def __init__(
        self, s3: MemoryS3, *, report: bytes = b"", manifest: bytes = b"", succeeded: int = 2, failed: int = 1
    ) -> None:
        super().__init__(s3)
        self.report = report
        self.manifest = manifest or json.dumps({"Results": [{"Key": "r"}]}).encode()
        self.status = BatchStatus(status="Complete", succeeded=succeeded, failed=failed)

    def describe(self, account: str, job_id: str) -> BatchStatus:
        self.s3._store("r", self.report, {})
        self.s3._store("batch/reports/job-job1/manifest.json", self.manifest, {})
        return self.status


def test_a_job_in_a_bucket_with_versions_names_what_the_census_saw(tmp_path: Path) -> None:
    s3 = MemoryS3()
    for name in ("k1", "k2"):
        s3._store(name, b"x", {})
    given = [(1, Row(key="k1", version_id="v")), (2, Row(key="k2"))]

    assert work(s3, Jobs(s3), tmp_path, given=given).counts == {"done": 2}
    assert s3.objects["batch/manifests/m-UpdateObjectEncryption-1-2.csv"].body == b"b,k1,v\nb,k2,null\n"


def test_a_copy_job_names_no_version_that_it_would_bring_to_the_front(tmp_path: Path) -> None:
    s3 = MemoryS3()
    s3._store("k1", b"x", {})
    given = [(1, Row(key="k1", version_id="v"))]

    assert work(s3, Jobs(s3), tmp_path, COPY, given=given).counts == {"done": 1}
    assert s3.objects["batch/manifests/m-CopyObject-1-1.csv"].body == b"b,k1\n"


def test_objects_are_read_before_a_job_and_after_it(tmp_path: Path) -> None:
    s3 = MemoryS3()
    found = work(s3, Jobs(s3), tmp_path, given=rows(s3)[:3], verify=Verify.ALL)
    read = [call.key for call in s3.sent if call.method == "GET" and not call.key.startswith("batch/")]

    assert found.counts == {"done": 3}
    assert sorted(read) == ["a b", "a b", "k1", "k1", "k2", "k2"]


class Harming(Jobs):
    """Jobs that lose the metadata of one object, and put another one under no key."""

    def describe(self, account: str, job_id: str) -> BatchStatus:
        status = super().describe(account, job_id)
        if status.has_ended:
            self.s3.objects["k1"].headers["x-amz-meta-a"] = "new"
            self.s3.objects["k2"].headers[SSE] = "AES256"
        return status


def test_what_a_job_harmed_is_not_done(tmp_path: Path) -> None:
    s3 = MemoryS3()
    found = work(s3, Harming(s3), tmp_path, given=rows(s3)[:3], verify=Verify.ALL)

    assert [(p.key, p.state, p.detail) for p in found.problems] == [
        ("k1", State.DIFFERS, "metadata"),
        ("k2", State.DIFFERS, "encryption"),
    ]
    assert found.counts == {"done": 1, "differs after it": 2}


def test_what_a_job_had_done_before_it_was_found_again_is_read_once_more(tmp_path: Path) -> None:
    s3 = MemoryS3()
    given, jobs = rows(s3)[:3], Jobs(s3, end=INTERRUPTED)
    with pytest.raises(KeyboardInterrupt):
        work(s3, jobs, tmp_path, given=given, verify=Verify.ALL)
    s3.objects["k1"].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
    jobs.end = "Complete"

    assert work(s3, jobs, tmp_path, given=given, verify=Verify.ALL).counts == {"done": 3}
    assert len(jobs.requests) == 1


def test_what_a_job_did_before_it_ended_early_is_asked_again_where_nobody_tells(tmp_path: Path) -> None:
    class Refusing(MemoryS3):
        def answer(self, call):
            found = super().answer(call)
            return structs.replace(found, status=403, error="403") if call.method == "HEAD" else found

    s3 = Refusing()
    jobs = Jobs(s3, end="Failed", fail="k1")
    with pytest.raises(TrailsealError, match="cannot be read: 403"):
        work(s3, jobs, tmp_path, given=rows(s3)[:3])
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        assert (ledger.tries, ledger.counts()) == (0, {State.STARTED: 3})


def test_what_a_job_did_before_it_ended_early_is_read_back_too(tmp_path: Path) -> None:
    s3 = MemoryS3()
    with pytest.raises(TrailsealError, match="is Failed"):
        work(s3, HarmingEarly(s3, end="Failed", fail="a b"), tmp_path, given=rows(s3)[:3], verify=Verify.ALL)
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        assert ledger.counts() == {State.DONE: 1, State.DIFFERS: 1}


class HarmingEarly(Jobs):
    """Jobs that lose the metadata of one object and fail."""

    def describe(self, account: str, job_id: str) -> BatchStatus:
        status = super().describe(account, job_id)
        self.s3.objects["k1"].headers["x-amz-meta-a"] = "new"
        return status


def test_what_cannot_be_read_before_or_is_sealed_is_in_no_job(tmp_path: Path) -> None:
    s3 = MemoryS3()
    given = [*rows(s3)[:3], (6, Row(key="gone"))]
    s3.objects["k1"].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
    given[1] = (2, Row(key="k1", size=1))

    assert work(s3, Jobs(s3), tmp_path, COPY, given=given, verify=Verify.ALL).counts == {
        "done": 3,
        "gone since the census": 1,
    }
    assert s3.objects["batch/manifests/m-CopyObject-1-2.csv"].body == b"b,a%20b\nb,k2\n"


def test_what_is_under_the_key_when_it_is_tried_again_gets_no_second_copy(tmp_path: Path) -> None:
    s3 = MemoryS3()
    given, jobs = rows(s3)[1:3], Jobs(s3, fail="k1")
    given = [(number, structs.replace(row, size=1)) for number, row in given]
    assert work(s3, jobs, tmp_path, COPY, given=given).counts == {"done": 1, "failed": 1}
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        ledger.retry()
    s3.objects["k1"].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
    jobs.requests = {}

    assert work(s3, jobs, tmp_path, COPY, given=given).counts == {"done": 2}
    assert jobs.requests == {}
