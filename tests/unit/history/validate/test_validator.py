from __future__ import annotations

import gzip
from datetime import timedelta

import msgspec
import pytest

from history_estate import (
    ACCOUNT,
    BUCKET,
    HOUR,
    PLACE,
    REGION,
    START,
    Bucket,
    MemoryObjects,
    MemoryTrailService,
    Thing,
    estate,
    log_file,
)
from trailseal.errors import ExitCode
from trailseal.history.rules.hours import HourState, Why
from trailseal.history.rules.validation import ChainResult, Validation, Window
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.history.validate.validator import Validator
from trailseal.model.log_file import Delivered
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.view.history.validate import file_line, validation_lines
from trailseal.view.streams import shown_line

END = START + timedelta(days=1)
DAY = Window(start=START, end=END, until=END, due=END)


def until(hours: int, due: int | None = None) -> Window:
    end = START + hours * HOUR
    return Window(start=START, end=end, until=end, due=end if due is None else START + due * HOUR)


def validate(
    bucket: Bucket,
    *,
    last: object = None,
    window: Window = DAY,
    errors: dict[str, str] | None = None,
    place: TrailPlace = PLACE,
    service: MemoryTrailService | None = None,
) -> Validation:
    objects = MemoryObjects(**{BUCKET: bucket})
    objects.errors |= errors or {}
    objects.page = 3
    return Validator(objects=objects, service=service or MemoryTrailService(last)).run(place, window)


def told(chain: ChainResult) -> list[tuple[HourState, Why, int, int]]:
    """Return what is told of each time, in hours from the start."""
    return [(s.state, s.why, (s.start - START) // HOUR, (s.end - START) // HOUR) for s in chain.spans]


def proven(start: int, end: int) -> tuple[HourState, Why, int, int]:
    return HourState.PROVEN, Why.NONE, start, end


def missing(start: int, end: int) -> tuple[HourState, Why, int, int]:
    return HourState.NOT_PROVEN, Why.MISSING, start, end


ORGANIZATION = msgspec.structs.replace(PLACE, organization="o-exampleorg", multi_region=True)
MEMBER = "210987654321"


def logs(bucket: Bucket) -> list[str]:
    return sorted(key for key in bucket if "/CloudTrail/" in key)


def test_an_untouched_bucket_is_valid() -> None:
    found = validate(estate(hours=5), last=START + 5 * HOUR, window=until(5))

    assert (found.exit_code, found.problems, found.unnamed) == (ExitCode.CLEAN, [], [])
    assert found.total(Delivered.LOG_FILE).valid == 10
    assert (found.chains[0].found_start, found.chains[0].found_end) == (START, START + 5 * HOUR)


def test_each_bad_file_is_named_with_the_time_it_covers() -> None:
    bucket = estate(hours=2)
    lost, changed = logs(bucket)[0], logs(bucket)[1]
    del bucket[lost]
    bucket[changed].body = gzip.compress(b"x")
    found = validate(bucket, window=until(2))

    assert found.exit_code == ExitCode.FINDINGS
    assert {(p.key, p.verdict, p.start) for p in found.problems} == {
        (lost, Validity.NOT_FOUND, START),
        (changed, Validity.HASH_MISMATCH, START + HOUR / 2),
    }
    assert "INVALID: not found\tcovers 2026-11-20T00:00:00Z" in "\n".join(
        map(shown_line, validation_lines(found))
    )


def test_what_may_not_be_read_is_neither_valid_nor_invalid() -> None:
    bucket = estate(hours=2)
    found = validate(bucket, errors={logs(bucket)[0]: "AccessDenied"})

    assert found.exit_code == ExitCode.INCOMPLETE
    assert [p.verdict for p in found.problems] == [Validity.UNREADABLE]


def test_no_digest_files_prove_nothing() -> None:
    found = validate({})

    assert found.exit_code == ExitCode.FINDINGS
    assert "nothing is proven" in "\n".join(map(shown_line, validation_lines(found)))


def test_all_digest_files_deleted_is_found_by_what_cloudtrail_says() -> None:
    bucket = {key: thing for key, thing in estate(hours=5).items() if "Digest" not in key}
    (chain,) = validate(bucket, last=START + 5 * HOUR, window=until(6)).chains

    assert told(chain) == [missing(0, 5), (HourState.NOT_KNOWN, Why.NONE_HERE, 5, 6)]


def test_a_log_file_that_no_digest_names_is_told_and_fails_nothing() -> None:
    bucket = estate(hours=3)
    extra = logs(bucket)[2].replace("_0000000000000000", "_added")
    bucket[extra] = bucket[logs(bucket)[2]]
    found = validate(bucket, window=until(3))

    assert (found.unnamed, found.exit_code) == ([extra], ExitCode.CLEAN)


def test_backfill_digests_ask_for_the_keys_of_their_time() -> None:
    objects = MemoryObjects(**{BUCKET: estate(hours=2, backfill=True)})
    service = MemoryTrailService()
    found = Validator(objects=objects, service=service).run(PLACE, DAY)

    assert (found.chains[0].backfill_digest_files.valid, found.chains[0].named_twice) == (2, 0)
    assert service.asked[0] == (REGION, START, START + 2 * HOUR)


def test_an_unreadable_status_leaves_the_answer_incomplete() -> None:
    refused = Unreadable(call="cloudtrail:GetTrailStatus", code="AccessDenied")

    assert validate(estate(hours=1), last=refused).exit_code == ExitCode.INCOMPLETE


def test_all_regions_and_accounts_of_an_organization_are_found() -> None:
    place = msgspec.structs.replace(PLACE, organization="o-exampleorg", prefix="logs")
    bucket: Bucket = {}
    for account in (ACCOUNT, "210987654321"):
        for region in (REGION, "us-east-1"):
            bucket |= estate(hours=1, account=account, region=region, place=place)
    found = validate(bucket, place=place, window=until(1))

    assert [(c.chain.account, c.chain.region) for c in found.chains] == [
        (ACCOUNT, REGION),
        (ACCOUNT, "us-east-1"),
        ("210987654321", REGION),
        ("210987654321", "us-east-1"),
    ]
    assert found.exit_code == ExitCode.CLEAN


def test_folders_of_other_names_are_told_and_nothing_is_asked_for_them() -> None:
    place = msgspec.structs.replace(PLACE, organization="o-exampleorg", multi_region=True)
    bucket = estate(hours=2, place=place)
    top = "AWSLogs/o-exampleorg/"
    strays = {
        f"{top}backup/",
        f"{top}12345/",
        f"{top}{ACCOUNT}/CloudTrail/backup copy/",
        f"{top}{ACCOUNT}/CloudTrail/us-nowhere-9/",
        f"{top}{ACCOUNT}/CloudTrail-Digest/cn-north-1/",
    }
    bucket |= {f"{stray}x": Thing(body=b"", headers={}) for stray in strays}
    service = MemoryTrailService(START + 2 * HOUR)
    found = validate(bucket, place=place, service=service, window=until(2))

    assert found.exit_code == ExitCode.CLEAN
    assert {stray.folder for stray in found.passed_over} == strays
    assert {region for region, *_ in service.asked} == {REGION}
    assert "passed over" in " ".join(map(shown_line, validation_lines(found)))


def test_every_file_can_be_told_in_the_aws_clis_words() -> None:
    told: list[FileVerdict] = []
    objects = MemoryObjects(**{BUCKET: estate(hours=1, files=1)})
    Validator(objects=objects, service=MemoryTrailService(), on_file=told.append).run(PLACE, DAY)

    assert [file_line(f)[::2] for f in told] == [("Digest file", "valid"), ("Log file", "valid")]


def test_only_the_asked_account_and_region_are_looked_at() -> None:
    window = msgspec.structs.replace(DAY, accounts=(ACCOUNT,), regions=("us-east-1",))

    assert validate(estate(hours=1), window=window).chains == []


def without_digests(bucket: Bucket, place: str) -> Bucket:
    return {key: thing for key, thing in bucket.items() if f"/{place}/" not in key or "Digest" not in key}


def test_a_region_whose_digest_files_are_all_gone_is_not_passed_over() -> None:
    place = msgspec.structs.replace(PLACE, multi_region=True)
    bucket = without_digests(estate(hours=5) | estate(hours=5, region="us-east-1"), "us-east-1")
    found = validate(bucket, place=place, last=START + 5 * HOUR, window=until(5))

    assert found.exit_code == ExitCode.FINDINGS
    assert [(c.chain.region, told(c)) for c in found.chains] == [
        (REGION, [proven(0, 5)]),
        ("us-east-1", [missing(0, 5)]),
    ]


def test_a_members_account_whose_digest_files_are_all_gone_is_not_passed_over() -> None:
    bucket = estate(hours=5, place=ORGANIZATION) | estate(hours=5, place=ORGANIZATION, account=MEMBER)
    found = validate(
        without_digests(bucket, MEMBER), place=ORGANIZATION, last=START + 5 * HOUR, window=until(5)
    )

    assert found.exit_code == ExitCode.FINDINGS
    assert told(found.chains[1]) == [missing(0, 5)]


@pytest.mark.parametrize("gone", [1, 2, 3, 8])
def test_the_newest_digest_files_of_a_member_are_asked_about(gone: int) -> None:
    bucket = estate(hours=20, place=ORGANIZATION, account=MEMBER)
    for lost in sorted(key for key in bucket if "Digest" in key)[20 - gone :]:
        del bucket[lost]
    found = validate(bucket, place=ORGANIZATION, window=until(20))

    late = gone > 2  # the last log file comes half an hour before the end
    nothing = (HourState.NOT_KNOWN, Why.NONE_AFTER, 20 - gone, 20)
    assert found.exit_code == (ExitCode.FINDINGS if late else ExitCode.INCOMPLETE)
    assert told(found.chains[0]) == [proven(0, 20 - gone), missing(20 - gone, 20) if late else nothing]


def test_log_files_that_are_too_new_for_a_digest_file_are_not_missed() -> None:
    bucket = estate(hours=5, place=ORGANIZATION) | without_digests(
        estate(hours=1, place=ORGANIZATION, account=MEMBER, start=START + 4 * HOUR), MEMBER
    )
    found = validate(bucket, place=ORGANIZATION, window=until(5, due=4), last=START + 5 * HOUR)

    assert told(found.chains[1]) == [
        (HourState.NOT_KNOWN, Why.NONE_HERE, 0, 4),
        (HourState.NOT_DUE, Why.NONE, 4, 5),
    ]


def test_the_log_files_of_another_trails_regions_are_not_those_of_a_trail_of_one_region() -> None:
    bucket = estate(hours=5) | without_digests(estate(hours=5, region="us-east-1"), "us-east-1")
    found = validate(bucket, window=until(5))

    assert [c.chain.region for c in found.chains] == [REGION]
    assert found.exit_code == ExitCode.CLEAN


def test_another_trails_digest_files_in_the_bucket_make_no_gap_of_a_trail_of_one_region() -> None:
    other = msgspec.structs.replace(PLACE, name="another")
    bucket = estate(hours=5) | estate(hours=5, region="us-east-1", place=other)
    found = validate(bucket, window=until(5))

    assert ([c.chain.region for c in found.chains], found.exit_code) == ([REGION], ExitCode.CLEAN)


def test_a_stray_file_before_the_log_files_hides_no_gap() -> None:
    bucket = without_digests(estate(hours=5, place=ORGANIZATION, account=MEMBER), MEMBER)
    first = min(bucket)
    bucket[f"{first.rpartition('/')[0]}/{MEMBER}_CloudTrail_{REGION}_20261120T0000_stray"] = bucket[first]

    assert told(validate(bucket, place=ORGANIZATION, window=until(5)).chains[0]) == [missing(0, 5)]


def test_a_trail_that_never_delivered_a_digest_file_misses_none() -> None:
    place = msgspec.structs.replace(PLACE, multi_region=True)
    other = msgspec.structs.replace(place, name="another")
    found = validate(estate(hours=5, place=other), place=place, window=until(5))

    assert told(found.chains[0]) == [(HourState.NOT_KNOWN, Why.NONE_HERE, 0, 5)]
    assert found.exit_code == ExitCode.INCOMPLETE


NOTHING_LOGGED = HourState.NOTHING_LOGGED


@pytest.mark.parametrize(
    ("started", "stopped", "first", "last"),
    [
        pytest.param(
            2,
            None,
            (NOTHING_LOGGED, Why.NOT_BEGUN),
            (HourState.NOT_KNOWN, Why.NONE_DELIVERED),
            id="never-stopped",
        ),
        pytest.param(
            0, 4, (HourState.NOT_KNOWN, Why.NONE_BEFORE), (NOTHING_LOGGED, Why.STOPPED), id="stopped-now"
        ),
        pytest.param(
            2, 0, (NOTHING_LOGGED, Why.STOPPED), (HourState.NOT_KNOWN, Why.NONE_DELIVERED), id="started-again"
        ),
    ],
)
def test_when_the_trail_did_not_log_nothing_was_logged(
    started: int, stopped: int | None, first: tuple[HourState, Why], last: tuple[HourState, Why]
) -> None:
    service = MemoryTrailService(
        START + 4 * HOUR,
        started=START + started * HOUR,
        stopped=None if stopped is None else START + stopped * HOUR,
    )
    (chain,) = validate(estate(hours=2, start=START + 2 * HOUR), service=service, window=until(6)).chains

    assert told(chain) == [(*first, 0, 2), proven(2, 4), (*last, 4, 6)]


def add_log_files(bucket: Bucket, *minutes: int) -> None:
    for minute in minutes:
        log_file(bucket, "AWSLogs/", ACCOUNT, REGION, START + minute * HOUR / 60, 9, 1, BUCKET)


def unnamed(start: int, end: int) -> tuple[HourState, Why, int, int]:
    return HourState.NOT_PROVEN, Why.UNNAMED, start, end


def not_due(start: int, end: int) -> tuple[HourState, Why, int, int]:
    return HourState.NOT_DUE, Why.NONE, start, end


@pytest.mark.parametrize(
    ("due", "expected", "code"),
    [
        pytest.param(5, [not_due(5, 7)], ExitCode.CLEAN, id="the-final-digest-file-may-come"),
        pytest.param(6, [unnamed(5, 6), not_due(6, 7)], ExitCode.FINDINGS, id="one-is-late"),
        pytest.param(7, [unnamed(5, 6), unnamed(6, 7)], ExitCode.FINDINGS, id="all-are-late"),
    ],
)
def test_log_files_from_before_a_stop_wait_for_the_final_digest_file(
    due: int, expected: list[tuple[HourState, Why, int, int]], code: ExitCode
) -> None:
    bucket = estate(hours=5)
    add_log_files(bucket, 5 * 60 + 30, 6 * 60 + 10, 6 * 60 + 30)
    service = MemoryTrailService(START + 5 * HOUR, started=START, stopped=START + 6 * HOUR + HOUR / 3)
    found = validate(bucket, service=service, window=until(8, due=due))

    stopped = (NOTHING_LOGGED, Why.STOPPED, 7, 8)
    assert told(found.chains[0]) == [proven(0, 5), *expected, stopped]
    assert (found.exit_code, found.chains[0].unnamed) == (code, {5: 0, 6: 1, 7: 3}[due])


def test_a_log_file_whose_digest_file_is_not_due_says_nothing_of_the_minutes_before_it() -> None:
    bucket = estate(hours=5)
    add_log_files(bucket, 5 * 60 + 30)
    window = msgspec.structs.replace(until(7), due=START + 5 * HOUR + HOUR / 4)
    (chain,) = validate(bucket, last=START + 5 * HOUR, window=window).chains

    assert [(s.state, s.why) for s in chain.spans[1:]] == [
        (HourState.NOT_KNOWN, Why.NONE_DELIVERED),
        (HourState.NOT_DUE, Why.NONE),
    ]


def test_a_log_file_before_a_chain_that_began_anew_waits_for_nothing() -> None:
    bucket = estate(hours=5) | estate(hours=1, start=START + 7 * HOUR)
    add_log_files(bucket, 6 * 60 + 30)
    (chain,) = validate(bucket, last=START + 8 * HOUR, window=until(8, due=6)).chains

    assert told(chain) == [proven(0, 5), (HourState.NOT_KNOWN, Why.OFF, 5, 6), unnamed(6, 7), proven(7, 8)]


def test_a_trail_made_anew_does_not_explain_what_one_of_its_name_may_have_logged() -> None:
    bucket = estate(hours=1, start=START - 2 * HOUR) | estate(hours=2, start=START + 2 * HOUR)
    service = MemoryTrailService(START + 4 * HOUR, started=START + 2 * HOUR)
    (chain,) = validate(bucket, service=service, window=until(4)).chains

    assert told(chain) == [(HourState.NOT_KNOWN, Why.OFF, 0, 2), proven(2, 4)]


@pytest.mark.parametrize(
    ("written", "delivered", "expected"),
    [
        pytest.param(9, 4, (HourState.NOT_KNOWN, Why.WRITTEN_ANEW, 3, 5), id="a-later-one-was-delivered"),
        pytest.param(9, 3, (HourState.NOT_KNOWN, Why.NONE_DELIVERED, 3, 4), id="none-later"),
        pytest.param(3, 4, missing(3, 4), id="as-it-was-delivered"),
    ],
)
def test_a_newest_digest_file_that_was_written_anew_tells_nothing_by_its_time(
    written: int, delivered: int, expected: tuple[HourState, Why, int, int]
) -> None:
    bucket = estate(hours=3)
    bucket[max(key for key in bucket if "Digest" in key)].at = START + written * HOUR
    window = until(5, due=4)
    (chain,) = validate(bucket, last=START + delivered * HOUR, window=window).chains

    assert told(chain)[1] == expected


def test_an_account_that_is_named_and_has_nothing_is_told_beside_others() -> None:
    window = msgspec.structs.replace(until(2), accounts=(ACCOUNT, MEMBER))
    found = validate(
        estate(hours=2, place=ORGANIZATION), place=ORGANIZATION, last=START + 2 * HOUR, window=window
    )

    assert [(c.chain.account, told(c)) for c in found.chains] == [
        (ACCOUNT, [proven(0, 2)]),
        (MEMBER, [(HourState.NOT_KNOWN, Why.NONE_HERE, 0, 2)]),
    ]


def test_log_files_that_another_trails_digest_files_name_are_nobodys_gap() -> None:
    other = msgspec.structs.replace(PLACE, name="management-events-2")
    bucket = estate(hours=2) | estate(hours=4, place=other)
    (chain,) = validate(bucket, last=START + 2 * HOUR, window=until(4)).chains

    assert told(chain) == [proven(0, 2), (HourState.NOT_KNOWN, Why.NONE_DELIVERED, 2, 4)]


@pytest.mark.parametrize("ordinary", [2, 0])
def test_a_bad_backfill_digest_file_says_nothing_of_ordinary_ones(ordinary: int) -> None:
    bucket = estate(hours=ordinary) | estate(hours=2, files=ordinary, backfill=True)
    del bucket[min(key for key in bucket if "_backfill" in key)]
    found = validate(bucket, last=START + 2 * HOUR if ordinary else None, window=until(2))
    (text,) = [line for line in map(shown_line, validation_lines(found)) if "missing (backfill" in line]

    assert "this says nothing of what an ordinary digest file names" in text
    assert {(s.state, s.backfill) for s in found.chains[0].spans} >= {(HourState.NOT_PROVEN, True)}


def test_a_log_file_that_both_chains_name_counts_once() -> None:
    found = validate(estate(hours=2) | estate(hours=2, backfill=True), last=START + 2 * HOUR, window=until(2))

    assert (found.total(Delivered.LOG_FILE).valid, found.chains[0].named_twice) == (4, 4)
    assert "named by both chains" in "\n".join(map(shown_line, validation_lines(found)))
