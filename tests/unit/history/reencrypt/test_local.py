from __future__ import annotations

import random
from pathlib import Path

import pytest

from memory_s3 import SSE, MemoryS3
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.local import LocalRun
from trailseal.history.reencrypt.manifest_file import identity_of, summary_of
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Target
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Verify

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
COPY = Target(bucket="b", key_arn=KEY)
UPDATE = Target(bucket="b", key_arn=KEY, update=True)


def fill(s3: MemoryS3, count: int = 40) -> list[tuple[int, Row]]:
    for number in range(count):
        s3._store(f"k{number}", str(number).encode(), {"x-amz-meta-signature": str(number)})
    return [(n + 1, Row(key=f"k{n}", etag=s3.objects[f"k{n}"].etag, size=len(str(n)))) for n in range(count)]


def open_ledger(folder: Path, target: Target = COPY) -> Ledger:
    return Ledger(folder / "ledger", manifest="m", target=identity_of(target))


def work(
    s3: MemoryS3,
    rows: list[tuple[int, Row]],
    folder: Path,
    target: Target = COPY,
    verify: Verify = Verify.ALL,
) -> dict[str, int]:
    with open_ledger(folder, target) as ledger:
        LocalRun(objects=s3, ledger=ledger, target=target, verify=verify).run(rows)
        return summary_of(ledger, target).counts


def all_sealed(s3: MemoryS3) -> bool:
    return all(
        o.headers[f"{SSE}-aws-kms-key-id"] == KEY and "x-amz-meta-signature" in o.headers
        for o in s3.objects.values()
    )


@pytest.mark.parametrize("target", [COPY, UPDATE], ids=["copy", "update"])
@pytest.mark.parametrize("verify", list(Verify))
def test_every_object_ends_under_the_key(target: Target, verify: Verify, tmp_path: Path) -> None:
    s3 = MemoryS3()

    assert work(s3, fill(s3), tmp_path, target, verify) == {"done": 40}
    assert all_sealed(s3)


def test_a_second_run_sends_nothing(tmp_path: Path) -> None:
    s3 = MemoryS3()
    rows = fill(s3)
    work(s3, rows, tmp_path)
    sent = len(s3.sent)

    assert work(s3, rows, tmp_path) == {"done": 40}
    assert len(s3.sent) == sent


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(50))
def test_stopped_anywhere_the_next_run_finishes_without_a_second_copy(seed: int, tmp_path: Path) -> None:
    s3 = MemoryS3(guards=False)
    rows = fill(s3)
    s3.stop_after = random.Random(seed).randrange(1, 40)  # noqa: S311 - a seeded run
    with pytest.raises(KeyboardInterrupt):
        work(s3, rows, tmp_path, verify=Verify.NONE)
    s3.stop_after = None

    assert work(s3, rows, tmp_path, verify=Verify.NONE) == {"done": 40}
    assert sum(call.method == "PUT" for call in s3.sent) == 40


def test_a_lost_answer_is_not_a_lost_object(tmp_path: Path) -> None:
    s3 = MemoryS3()
    rows = fill(s3)
    s3.lost = {3, 9, 27}

    assert work(s3, rows, tmp_path, verify=Verify.NONE) == {"done": 40}


def test_what_is_skipped_or_changed_is_named(tmp_path: Path) -> None:
    s3 = MemoryS3()
    rows = fill(s3, 3)
    rows[0] = (1, Row(key="k0", storage_class="GLACIER"))
    s3._store("k1", b"newer", {})
    rows.append((4, Row(key="gone")))
    rows.append((5, Row(key="k9", encryption="aws:kms", kms_key_id=KEY)))
    with open_ledger(tmp_path) as ledger:
        LocalRun(objects=s3, ledger=ledger, target=COPY).run(rows)
        found = summary_of(ledger, COPY)

    assert [(p.key, p.state, p.detail) for p in found.problems] == [
        ("k1", State.CHANGED, ""),
        ("gone", State.GONE, ""),
        ("k0", State.SKIPPED, "archived"),
    ]
    assert found.counts[State.NOTHING] == 1


def test_rows_of_a_run_that_lives_are_left_to_it(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as first, open_ledger(tmp_path) as second:
        assert first.claim([1, 2]) == {1: False, 2: False}
        assert second.claim([1, 2, 3]) == {3: False}
    with open_ledger(tmp_path) as third:
        assert third.claim([1, 2, 3]) == {1: True, 2: True, 3: True}


def test_what_failed_is_tried_again_when_asked(tmp_path: Path) -> None:
    s3 = MemoryS3(updates="refuses")
    rows = fill(s3, 2)
    assert work(s3, rows, tmp_path, UPDATE, Verify.NONE) == {"failed": 2}
    s3.updates = "works"
    assert work(s3, rows, tmp_path, UPDATE, Verify.NONE) == {"failed": 2}
    with open_ledger(tmp_path) as ledger:
        assert ledger.retry() == 2

    assert work(s3, rows, tmp_path, UPDATE, Verify.NONE) == {"done": 2}


def test_a_ledger_of_another_key_is_refused(tmp_path: Path) -> None:
    with open_ledger(tmp_path):
        pass
    with pytest.raises(UsageProblem, match="belongs to another target"):
        Ledger(tmp_path / "ledger", manifest="m", target="other")


def test_a_ledger_is_for_its_owner_alone(tmp_path: Path) -> None:
    with open_ledger(tmp_path):
        assert (tmp_path / "ledger").stat().st_mode & 0o077 == 0


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:

        def broken() -> object:
            yield 1
            raise KeyError

        with pytest.raises(KeyError), ledger._transaction():
            list(broken())  # type: ignore[call-overload]
        assert ledger.counts() == {}
