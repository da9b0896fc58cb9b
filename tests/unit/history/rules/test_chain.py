from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from history_estate import ACCOUNT, BUCKET, HOUR, NAME, REGION, START, Bucket, estate
from trailseal.history.rules.chain import (
    ChainId,
    Need,
    NeedKeys,
    Walked,
    digests_in_range,
    end_in_key,
    newest_gap,
    walk,
)
from trailseal.history.rules.digest import Digest, is_backfill, open_digest
from trailseal.history.rules.verdict import GapKind, Validity

CHAIN = ChainId(account=ACCOUNT, region=REGION, trail_name=NAME, home_region=REGION)
FAR = START + 100 * HOUR


def seen(bucket: Bucket, key: str) -> Digest | Validity:
    if key not in bucket:
        return Validity.NOT_FOUND
    thing = bucket[key]
    metadata = {name.removeprefix("x-amz-meta-"): value for name, value in thing.headers.items()}
    return open_digest(BUCKET, key, thing.body, metadata)


def walked(bucket: Bucket, *, listed: Bucket | None = None, change: object = None) -> Walked:
    keys = sorted(key for key in (listed or bucket) if "Digest" in key)
    steps = walk(CHAIN, BUCKET, keys, START)
    try:
        asked = next(steps)
        while True:
            assert isinstance(asked, Need)
            found = seen(bucket, asked.key)
            asked = steps.send(change(found) if callable(change) else found)
    except StopIteration as stop:
        result: Walked = stop.value
        return result


def digests(bucket: Bucket) -> list[str]:
    return sorted(key for key in bucket if "Digest" in key)


def test_a_whole_chain_is_walked_newest_first() -> None:
    found = walked(estate(hours=3))

    assert [v.verdict for v in found.verdicts] == [Validity.VALID] * 3
    assert [d.end for d in found.digests] == [START + h * HOUR for h in (3, 2, 1)]
    assert found.gaps == ()


def test_an_empty_bucket_has_no_chain() -> None:
    assert walked({}) == Walked()


def test_a_new_start_is_a_time_without_deliveries() -> None:
    (gap,) = walked(estate(hours=4, restart_at=2)).gaps

    assert (gap.kind, gap.start, gap.end) == (GapKind.NOT_DELIVERED, START + 2 * HOUR, START + 8 * HOUR)
    assert not gap.is_problem


def test_a_deleted_digest_is_named_with_the_time_it_covers() -> None:
    bucket = estate(hours=4)
    lost = digests(bucket)[1]
    del bucket[lost]
    found = walked(bucket)

    (bad,) = [v for v in found.verdicts if v.verdict is not Validity.VALID]
    assert (bad.key, bad.verdict, bad.end) == (lost, Validity.NOT_FOUND, START + 2 * HOUR)
    (gap,) = found.gaps
    assert (gap.kind, gap.start, gap.end) == (GapKind.DIGESTS_MISSING, START + HOUR, START + 2 * HOUR)
    assert gap.is_problem


def test_the_oldest_digest_deleted_ends_the_walk() -> None:
    bucket = estate(hours=2)
    del bucket[digests(bucket)[0]]

    assert [v.verdict for v in walked(bucket).verdicts] == [Validity.VALID, Validity.NOT_FOUND]


def test_a_digest_that_does_not_match_the_next_breaks_the_link() -> None:
    def change(found: Digest | Validity) -> Digest | Validity:
        assert isinstance(found, Digest)
        return msgspec.structs.replace(found, sha256="0" * 64) if found.end == START + HOUR else found

    (gap,) = walked(estate(hours=2), change=change).gaps
    assert (gap.kind, gap.key.endswith("20261120T010000Z.json.gz")) == (GapKind.LINK_BROKEN, True)


def test_a_chain_that_leads_to_another_bucket_is_followed() -> None:
    def change(found: Digest | Validity) -> Digest | Validity:
        assert isinstance(found, Digest)
        text = found.text
        if text.previous_digest_s3_bucket:
            text = msgspec.structs.replace(text, previous_digest_s3_bucket="elsewhere")
        return msgspec.structs.replace(found, text=text)

    bucket = estate(hours=2)
    steps = walk(CHAIN, BUCKET, digests(bucket), START)
    newest = next(steps)
    assert isinstance(newest, Need)
    assert steps.send(change(seen(bucket, newest.key))) == NeedKeys("elsewhere")
    assert steps.send(()) == Need("elsewhere", digests(bucket)[0])


def test_only_the_chains_own_digests_in_range_count() -> None:
    keys = [*digests(estate(hours=3)), *digests(estate(hours=1, backfill=True)), "other", CHAIN.folder + "x"]
    plain, backfill = digests_in_range(keys, CHAIN, START + 90 * timedelta(minutes=1), START + HOUR)

    assert [end_in_key(key) for key in plain] == [START + 2 * HOUR]
    assert backfill == []
    assert all(is_backfill(k) for k in digests_in_range(keys, CHAIN, START, FAR)[1])


def test_another_trails_name_is_not_ours() -> None:
    other = msgspec.structs.replace(CHAIN, trail_name="management")

    assert not other.owns(digests(estate(hours=1))[0])


def test_the_first_key_to_list_is_just_before_the_start() -> None:
    assert CHAIN.first_key(START) < digests(estate(hours=1))[0]
    assert CHAIN.log_folder == f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"


@pytest.mark.parametrize(
    ("hours", "delivered", "found"),
    [
        pytest.param(3, None, None, id="never-delivered"),
        pytest.param(3, START + 4 * HOUR, None, id="within-two-periods"),
        pytest.param(3, START + 9 * HOUR, START + 3 * HOUR, id="newest-deleted"),
        pytest.param(0, START + 9 * HOUR, START, id="all-deleted"),
    ],
)
def test_deleted_newest_digests_are_found(hours: int, delivered: object, found: object) -> None:
    gap = newest_gap(CHAIN, walked(estate(hours=hours)).digests, delivered, (START, FAR))  # type: ignore[arg-type]

    assert (gap.start if gap else None) == found
    assert gap is None or gap.kind is GapKind.NEWEST_DELETED


def test_digests_without_time_between_them_leave_no_gap() -> None:
    """A new start right after the end of the one before: nothing was missed."""
    bucket = estate(hours=2)
    later = estate(hours=1, start=START + 2 * HOUR)

    assert walked(bucket | later).gaps == ()


def test_a_name_with_a_time_that_is_none_is_no_digest_file_of_the_window() -> None:
    assert end_in_key("a_20261399T000000Z.json.gz") == datetime.min.replace(tzinfo=UTC)
