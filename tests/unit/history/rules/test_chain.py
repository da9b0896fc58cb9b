from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec

from history_estate import ACCOUNT, BUCKET, HOUR, NAME, REGION, START, Bucket, estate
from trailseal.history.rules.chain import NEVER, ChainId, OwnKeys, end_in_key, own_keys
from trailseal.history.rules.digest import Digest, open_digest
from trailseal.history.rules.hours import Why
from trailseal.history.rules.verdict import Validity
from trailseal.history.rules.walk import BadFile, Hole, NeedKeys, Seen, Walked, WantedDigest, walk
from trailseal.objects.pages import Listed

CHAIN = ChainId(account=ACCOUNT, region=REGION, trail_name=NAME, home_region=REGION)
FAR = START + 100 * HOUR
Change = Callable[[Seen], Seen]


def seen(bucket: Bucket, key: str) -> Seen:
    if key not in bucket:
        return BadFile(verdict=Validity.NOT_FOUND)
    thing = bucket[key]
    metadata = {name.removeprefix("x-amz-meta-"): value for name, value in thing.headers.items()}
    found = open_digest(BUCKET, key, thing.body, metadata)
    return found if isinstance(found, Digest) else BadFile(verdict=found)


def listed(bucket: Bucket, *, chain: ChainId = CHAIN, end: object = FAR) -> OwnKeys:
    objects = [Listed(key=key, last_modified=thing.at) for key, thing in sorted(bucket.items())]
    return own_keys(objects, chain, START, end)  # type: ignore[arg-type]  # a time


def walked(
    bucket: Bucket, *, change: Change = lambda found: found, end: object = FAR, keys: Bucket | None = None
) -> Walked:
    own = listed(keys or bucket, end=end)
    steps = walk(CHAIN, {NeedKeys(BUCKET, CHAIN): own}, START, end)  # type: ignore[arg-type]  # a time
    try:
        asked = next(steps)
        while True:
            if isinstance(asked, NeedKeys):
                asked = steps.send(listed(bucket, chain=asked.chain, end=end))
            else:
                asked = steps.send(change(seen(bucket, asked.key)))
    except StopIteration as stop:
        result: Walked = stop.value
        return result


def digests(bucket: Bucket) -> list[str]:
    return sorted(key for key in bucket if "Digest" in key)


def holes(found: Walked) -> list[tuple[Why, int, int]]:
    return [(h.why, (h.start - START) // HOUR, (h.end - START) // HOUR) for h in found.holes]


def test_a_whole_chain_is_walked_newest_first() -> None:
    found = walked(estate(hours=3))

    assert [v.verdict for v in found.verdicts] == [Validity.VALID] * 3
    assert [d.end for d in found.digests] == [START + h * HOUR for h in (3, 2, 1)]
    assert (found.holes, found.head, found.follows) == ((), digests(estate(hours=3))[-1], False)


def test_an_empty_bucket_has_no_chain() -> None:
    assert walked({}) == Walked(places=(NeedKeys(BUCKET, CHAIN),))


def test_a_new_start_is_a_time_of_which_nothing_is_known() -> None:
    assert holes(walked(estate(hours=4, restart_at=2))) == [(Why.OFF, 2, 8)]


def test_before_the_first_digest_file_there_is_none() -> None:
    assert holes(walked(estate(hours=2, start=START + 3 * HOUR))) == [(Why.NONE_BEFORE, 0, 3)]


def test_a_deleted_digest_is_named_with_the_time_it_covers() -> None:
    bucket = estate(hours=4)
    lost = digests(bucket)[1]
    del bucket[lost]
    found = walked(bucket)

    (bad,) = [v for v in found.verdicts if v.verdict is not Validity.VALID]
    assert (bad.key, bad.verdict, bad.end) == (lost, Validity.NOT_FOUND, START + 2 * HOUR)
    assert found.holes == (
        Hole(start=START + HOUR, end=START + 2 * HOUR, why=Why.MISSING, bucket=BUCKET, key=lost),
    )


def test_the_oldest_digest_deleted_leaves_a_hole_to_the_start() -> None:
    bucket = estate(hours=2)
    del bucket[digests(bucket)[0]]
    found = walked(bucket)

    assert [v.verdict for v in found.verdicts] == [Validity.VALID, Validity.NOT_FOUND]
    assert holes(found) == [(Why.MISSING, 0, 1)]


def test_the_digest_file_after_the_window_tells_what_must_stand_before_it() -> None:
    bucket = estate(hours=8)
    for lost in digests(bucket)[2:6]:
        del bucket[lost]
    found = walked(bucket, end=START + 4 * HOUR)

    assert found.follows
    assert [v.verdict for v in found.verdicts] == [Validity.VALID] * 2
    assert holes(found) == [(Why.MISSING, 2, 6)]


def test_a_bad_digest_file_after_the_window_leaves_the_word_to_the_next() -> None:
    bucket = estate(hours=8)
    bad = digests(bucket)[5]
    bucket[bad].body = b"x"
    found = walked(bucket, end=START + 4 * HOUR)

    assert (found.follows, holes(found), found.ahead is None) == (True, [(Why.INVALID, 5, 6)], False)


def test_bad_digest_files_alone_after_the_window_are_told() -> None:
    bucket = estate(hours=8)
    for bad in digests(bucket)[5:]:
        bucket[bad].body = b"x"
    found = walked(bucket, end=START + 4 * HOUR)

    assert (found.follows, found.ahead and found.ahead.key) == (False, digests(bucket)[5])


def test_a_long_digest_file_that_begins_in_the_window_is_of_it() -> None:
    def longer(found: Seen) -> Seen:
        assert isinstance(found, Digest)
        return msgspec.structs.replace(found, start=START + HOUR) if found.end == START + 4 * HOUR else found

    found = walked(estate(hours=4), end=START + 2 * HOUR, change=longer)

    assert found.digests[0].end == START + 4 * HOUR


def test_a_digest_that_does_not_match_the_next_breaks_the_link() -> None:
    def change(found: Seen) -> Seen:
        assert isinstance(found, Digest)
        return msgspec.structs.replace(found, sha256="0" * 64) if found.end == START + HOUR else found

    (hole,) = walked(estate(hours=2), change=change).broken
    assert (hole.why, hole.start, hole.key.endswith("20261120T010000Z.json.gz")) == (Why.CHANGED, START, True)


def leads_elsewhere(found: Seen) -> Seen:
    assert isinstance(found, Digest)
    text = msgspec.structs.replace(found.text, previous_digest_s3_bucket="elsewhere")
    return msgspec.structs.replace(found, text=text) if found.previous else found


def test_a_chain_that_leads_to_another_bucket_is_followed() -> None:
    bucket = estate(hours=2)
    steps = walk(CHAIN, {NeedKeys(BUCKET, CHAIN): listed(bucket)}, START, FAR)
    newest = next(steps)
    assert isinstance(newest, WantedDigest)
    assert steps.send(leads_elsewhere(seen(bucket, newest.key))) == NeedKeys("elsewhere", CHAIN)
    assert steps.send(OwnKeys()) == WantedDigest("elsewhere", digests(bucket)[0])


def test_where_a_chain_leads_the_files_after_the_window_are_passed() -> None:
    """The chain moved long after the window: of the old place only the first file after it is needed."""
    bucket = estate(hours=9)
    steps = walk(
        CHAIN, {NeedKeys(BUCKET, CHAIN): OwnKeys(later=(digests(bucket)[8],))}, START, START + 2 * HOUR
    )
    newest = next(steps)
    assert isinstance(newest, WantedDigest)
    found = leads_elsewhere(seen(bucket, newest.key))
    assert steps.send(found) == newest  # looked at as what follows, then as the beginning
    assert steps.send(found) == NeedKeys("elsewhere", CHAIN)
    assert steps.send(listed(bucket, end=START + 2 * HOUR)) == WantedDigest("elsewhere", digests(bucket)[3])


def test_a_name_that_is_no_digest_files_leads_nowhere_else() -> None:
    def change(found: Seen) -> Seen:
        if not isinstance(found, Digest):
            return found
        text = msgspec.structs.replace(found.text, previous_digest_s3_object="notes.txt")
        return msgspec.structs.replace(found, text=text)

    found = walked(estate(hours=1), change=lambda found: change(leads_elsewhere(found)))
    assert [v.verdict for v in found.verdicts] == [Validity.VALID]
    bucket = estate(hours=2)
    assert [v.key for v in walked(bucket, change=change).verdicts][1:2] == ["notes.txt"]


def test_a_time_that_two_linked_digest_files_leave_open_is_covered_by_none() -> None:
    def shorter(found: Seen) -> Seen:
        assert isinstance(found, Digest)
        return (
            msgspec.structs.replace(found, end=found.end - HOUR / 2) if found.end == START + HOUR else found
        )

    (hole,) = walked(estate(hours=2), change=shorter).holes
    assert (hole.why, hole.start, hole.end) == (Why.NOT_COVERED, START + HOUR / 2, START + HOUR)


def test_only_the_chains_own_digests_count() -> None:
    bucket = estate(hours=5) | estate(hours=1, backfill=True)
    objects = [Listed(key=key) for key in sorted((*bucket, "other", CHAIN.folder + "x"))]
    own = own_keys(objects, CHAIN, START + 90 * timedelta(minutes=1), START + 2 * HOUR)
    backfill = own_keys(objects, CHAIN, START, FAR, backfill=True)

    assert [end_in_key(key) for key in own.keys] == [START + 2 * HOUR, START + 3 * HOUR]
    assert [end_in_key(key) for key in own.later] == [START + 4 * HOUR, START + 5 * HOUR]
    assert end_in_key(own.earlier) == START + HOUR
    assert [key.endswith("_backfill.json.gz") for key in backfill.keys] == [True]


def test_another_trails_name_is_not_ours() -> None:
    other = msgspec.structs.replace(CHAIN, trail_name="management")

    assert not other.owns(digests(estate(hours=1))[0])


def test_the_first_key_to_list_is_just_before_the_start() -> None:
    assert CHAIN.first_key(START) < digests(estate(hours=1))[0]
    assert CHAIN.log_folder == f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"


def test_the_folder_of_a_key_is_a_place_of_the_chain() -> None:
    (key,) = digests(estate(hours=1))

    assert CHAIN.at(f"sec/{key}") == msgspec.structs.replace(CHAIN, prefix="sec")
    assert CHAIN.at(key) == CHAIN
    assert CHAIN.at(key.replace(NAME, "another")) is None
    assert CHAIN.at("notes.txt") is None


def test_digests_without_time_between_them_leave_no_hole() -> None:
    """A new start right after the end of the one before: nothing was missed."""
    bucket = estate(hours=2)
    later = estate(hours=1, start=START + 2 * HOUR)

    assert walked(bucket | later).holes == ()


def test_a_name_with_a_time_that_is_none_is_no_digest_file_of_the_window() -> None:
    assert end_in_key("a_20261399T000000Z.json.gz") == NEVER
    assert end_in_key("notes.txt") == NEVER
