"""A ledger of one Parquet file a shard, in a folder and in S3."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from memory_s3 import MemoryS3
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.reencrypt.ledger import Problem
from trailseal.history.reencrypt.shard_file import ShardEntry
from trailseal.history.reencrypt.shard_ledger import About, ShardLedger
from trailseal.history.reencrypt.shard_place import DocumentStore, FolderStore, Prefix, make_place, place_of
from trailseal.history.rules.state import State
from trailseal.objects.calls import ObjectRequest, ObjectResponse

PAGE = "<ListBucketResult>{}<IsTruncated>{}</IsTruncated>{}</ListBucketResult>"


class ListedS3(MemoryS3):
    """S3 that lists one key a page, and may refuse."""

    refuses = ""

    def _answer(self, call: ObjectRequest) -> ObjectResponse:
        if self.refuses == call.method:
            return ObjectResponse(call=call, status=403, error="AccessDenied", message="no")
        if call.key:
            return super()._answer(call)
        keys = sorted(self.objects)
        at = int(call.query.partition("continuation-token=")[2] or 0)
        token = f"<NextContinuationToken>{at + 1}</NextContinuationToken>"
        shown = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys[at : at + 1])
        more = at + 1 < len(keys)
        body = PAGE.format(shown, "true" if more else "false", token if more else "")
        return ObjectResponse(call=call, status=200, body=body.encode())


def entry(number: int, state: State = State.DONE, detail: str = "") -> ShardEntry:
    return ShardEntry(number=number, key=f"k{number}", version_id="v", state=state, detail=detail)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    where = str(tmp_path / "ledger") if request.param == "folder" else "s3://b/of/ledger/"
    return make_place(where, ListedS3())[1]


def test_what_is_written_is_read_in_the_manifests_order(place: DocumentStore) -> None:
    ledger = ShardLedger(place)
    ledger.write(1, [entry(5), entry(4, State.GONE, "NoSuchKey")])
    ledger.write(0, [entry(1)])

    assert ledger.read(1) == (entry(4, State.GONE, "NoSuchKey"), entry(5))
    assert ledger.read(7) == ()
    assert ledger.settled() == {0: 1, 1: 2}
    assert ledger.counts() == {State.DONE: 2, State.GONE: 1}


def test_problems_are_named_in_the_manifests_order_up_to_a_limit(place: DocumentStore) -> None:
    ledger = ShardLedger(place)
    ledger.write(1, [entry(3, State.FAILED, "AccessDenied"), entry(4)])
    ledger.write(0, [entry(1, State.SKIPPED, "archived"), entry(2, State.FAILED)])
    ledger.write(2, [entry(5)])

    assert list(ledger.problems([State.FAILED])) == [
        Problem(number=2, key="k2", state=State.FAILED, detail=""),
        Problem(number=3, key="k3", state=State.FAILED, detail="AccessDenied"),
    ]
    assert [each.number for each in ledger.problems([State.FAILED, State.SKIPPED], limit=1)] == [1]


def test_only_what_failed_is_forgotten(place: DocumentStore) -> None:
    ledger = ShardLedger(place)
    ledger.write(0, [entry(1, State.FAILED), entry(2)])
    ledger.write(1, [entry(3, State.DIFFERS)])

    assert (ledger.retry(), ledger.retry()) == (1, 0)
    assert ledger.counts() == {State.DONE: 1, State.DIFFERS: 1}
    assert ledger.settled() == {0: 1, 1: 1}


def test_a_shard_that_was_begun_is_known_to_the_next_one(place: DocumentStore) -> None:
    assert [ShardLedger(place).begin(3), ShardLedger(place).begin(3), ShardLedger(place).begin(4)] == [
        False,
        True,
        False,
    ]


def test_a_ledger_keeps_the_size_of_its_shards(place: DocumentStore) -> None:
    first = About(manifest="m", target="t", rows=5)

    assert ShardLedger(place).belong(first) == first
    assert ShardLedger(place).belong(About(manifest="m", target="t", rows=9)) == first


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param(About(manifest="n", target="t"), "another manifest: m", id="manifest"),
        pytest.param(About(manifest="m", target="u"), "another target: t", id="key"),
    ],
)
def test_a_ledger_of_something_else_is_refused(place: DocumentStore, wanted: About, said: str) -> None:
    ShardLedger(place).belong(About(manifest="m", target="t"))

    with pytest.raises(UsageProblem, match=said):
        ShardLedger(place).belong(wanted)


def parquet_of(**columns: list[Any]) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


WHOLE: dict[str, list[Any]] = {
    "number": [1],
    "key": ["k"],
    "version_id": [""],
    "state": ["done"],
    "detail": [""],
    "new_version_id": [""],
}


def read_first(ledger: ShardLedger) -> object:
    return ledger.read(0)


@pytest.mark.parametrize(
    ("name", "content", "read", "said"),
    [
        pytest.param("_about.json", b"{", ShardLedger.about, "the ledger is damaged", id="about"),
        pytest.param(
            "_about.json",
            b'{"format":2,"manifest":"","target":""}',
            ShardLedger.about,
            "format 2, this version reads 1",
            id="format",
        ),
        pytest.param(
            "shard-000000.parquet", b"PAR1", ShardLedger.counts, "`shard-000000.parquet` of", id="shard"
        ),
        pytest.param(
            "shard-000000.parquet", parquet_of(number=[1]), ShardLedger.counts, "lacks state", id="column"
        ),
        pytest.param(
            "shard-000000.parquet", parquet_of(state=["odd"]), ShardLedger.counts, "state odd", id="state"
        ),
        pytest.param(
            "shard-000000.parquet", parquet_of(state=[None]), ShardLedger.counts, "state None", id="null"
        ),
        pytest.param(
            "shard-000000.parquet", parquet_of(state=[["done"]]), ShardLedger.counts, "state", id="list"
        ),
        *(
            pytest.param(
                "shard-000000.parquet",
                parquet_of(**(WHOLE | {name: [value]})),
                read_first,
                "of the ledger is damaged",
                id=f"{name} {value}",
            )
            for name, value in (
                ("number", None),
                ("number", "x"),
                ("number", 1.5),
                ("key", 3),
                ("detail", [1]),
            )
        ),
    ],
)
def test_a_damaged_ledger_is_not_taken_for_an_empty_one(
    place: DocumentStore, name: str, content: bytes, read: Callable[[ShardLedger], object], said: str
) -> None:
    place.write(name, content)

    with pytest.raises(UsageProblem, match=said):
        read(ShardLedger(place))


def test_what_a_killed_run_left_half_written_is_not_a_document(tmp_path: Path) -> None:
    (tmp_path / ".shard-000001.parquet.0123").write_bytes(b"PA")
    FolderStore(tmp_path).write("shard-000002.parquet", b"whole")

    assert list(FolderStore(tmp_path).names()) == ["shard-000002.parquet"]


USES: dict[str, Callable[[DocumentStore], object]] = {
    "s3:GetObject": lambda place: place.read("x"),
    "s3:PutObject": lambda place: place.write("x", b""),
    "s3:ListBucket": lambda place: [*place.names()],
}


@pytest.mark.parametrize("use", [*USES.values(), FolderStore.make], ids=[*USES, "make"])
def test_a_file_in_the_place_of_the_folder_is_one_line(
    use: Callable[[FolderStore], object], tmp_path: Path
) -> None:
    (tmp_path / "ledger").write_text("SQLite format 3")

    with pytest.raises(UsageProblem, match=r"(the ledger|no) folder `.*ledger`"):
        use(FolderStore(tmp_path / "ledger"))


@pytest.mark.parametrize("action", list(USES))
def test_a_prefix_that_may_not_be_used_names_the_action(action: str) -> None:
    s3 = ListedS3()
    s3.refuses = "PUT" if action == "s3:PutObject" else "GET"

    with pytest.raises(TrailsealError, match="AccessDenied no") as caught:
        USES[action](Prefix(s3, "b", ""))
    assert str(caught.value.hint) == f"allow {action} on b"


def test_executors_are_told_the_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    where, place = make_place("ledger", MemoryS3())
    place.write("x", b"1")

    assert where == str(tmp_path / "ledger")
    assert place_of(where, MemoryS3()).read("x") == b"1"
