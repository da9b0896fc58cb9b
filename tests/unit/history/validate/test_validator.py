from __future__ import annotations

import gzip
from datetime import timedelta

import msgspec

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
)
from trailseal.errors import ExitCode
from trailseal.history.rules.validation import Validation, Window
from trailseal.history.rules.verdict import FileVerdict, GapKind, Validity
from trailseal.history.validate.validator import Validator
from trailseal.model.log_file import Delivered
from trailseal.model.unreadable import Unreadable
from trailseal.view.history.validate import file_line, validation_lines
from trailseal.view.streams import shown_line

DAY = Window(start=START, end=START + timedelta(days=1))


def validate(
    bucket: Bucket, *, last: object = None, window: Window = DAY, errors: dict[str, str] | None = None
) -> Validation:
    objects = MemoryObjects(**{BUCKET: bucket})
    objects.errors |= errors or {}
    objects.page = 3
    return Validator(objects=objects, service=MemoryTrailService(last)).run(PLACE, window)


def logs(bucket: Bucket) -> list[str]:
    return sorted(key for key in bucket if "/CloudTrail/" in key)


def test_an_untouched_bucket_is_valid() -> None:
    found = validate(estate(hours=5), last=START + 5 * HOUR)

    assert (found.exit_code, found.problems, found.unnamed) == (ExitCode.CLEAN, [], [])
    assert found.total(Delivered.LOG_FILE).valid == 10
    assert (found.chains[0].found_start, found.chains[0].found_end) == (START, START + 5 * HOUR)


def test_each_bad_file_is_named_with_the_time_it_covers() -> None:
    bucket = estate(hours=2)
    lost, changed = logs(bucket)[0], logs(bucket)[1]
    del bucket[lost]
    bucket[changed].body = gzip.compress(b"x")
    found = validate(bucket)

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
    (chain,) = validate(bucket, last=START + 5 * HOUR).chains

    assert [gap.kind for gap in chain.gaps] == [GapKind.NEWEST_DELETED]


def test_a_log_file_that_no_digest_names_is_told_and_fails_nothing() -> None:
    bucket = estate(hours=3)
    extra = logs(bucket)[2].replace("_0000000000000000", "_added")
    bucket[extra] = bucket[logs(bucket)[2]]
    found = validate(bucket)

    assert (found.unnamed, found.exit_code) == ([extra], ExitCode.CLEAN)


def test_backfill_digests_ask_for_the_keys_of_their_time() -> None:
    objects = MemoryObjects(**{BUCKET: estate(hours=2, backfill=True)})
    service = MemoryTrailService()
    found = Validator(objects=objects, service=service).run(PLACE, DAY)

    assert found.chains[0].backfill_digest_files.valid == 2
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
    objects = MemoryObjects(**{BUCKET: bucket})
    found = Validator(objects=objects, service=MemoryTrailService()).run(place, DAY)

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
    found = Validator(objects=MemoryObjects(**{BUCKET: bucket}), service=service).run(place, DAY)

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
    bucket = estate(hours=5) | estate(hours=5, region="us-east-1")
    objects = MemoryObjects(**{BUCKET: without_digests(bucket, "us-east-1")})
    found = Validator(objects=objects, service=MemoryTrailService(START + 5 * HOUR)).run(place, DAY)

    assert found.exit_code == ExitCode.FINDINGS
    assert [(c.chain.region, [gap.kind for gap in c.gaps]) for c in found.chains] == [
        (REGION, []),
        ("us-east-1", [GapKind.NEWEST_DELETED]),
    ]


def test_a_members_account_whose_digest_files_are_all_gone_is_not_passed_over() -> None:
    place = msgspec.structs.replace(PLACE, organization="o-exampleorg", multi_region=True)
    member = "210987654321"
    bucket = estate(hours=5, place=place) | estate(hours=5, place=place, account=member)
    objects = MemoryObjects(**{BUCKET: without_digests(bucket, member)})
    found = Validator(objects=objects, service=MemoryTrailService(START + 5 * HOUR)).run(place, DAY)

    assert found.exit_code == ExitCode.FINDINGS
    (gap,) = found.chains[1].gaps
    assert (gap.kind, gap.account, gap.start, gap.end) == (
        GapKind.DIGESTS_MISSING,
        member,
        START,
        DAY.end,
    )


def test_log_files_that_are_too_new_for_a_digest_file_are_not_missed() -> None:
    place = msgspec.structs.replace(PLACE, organization="o-exampleorg", multi_region=True)
    member = "210987654321"
    bucket = estate(hours=5, place=place) | without_digests(
        estate(hours=1, place=place, account=member, start=START + 4 * HOUR), member
    )
    window = Window(start=START, end=START + 5 * HOUR)
    objects = MemoryObjects(**{BUCKET: bucket})

    assert (
        Validator(objects=objects, service=MemoryTrailService()).run(place, window).exit_code
        == ExitCode.CLEAN
    )


def test_the_log_files_of_another_trails_regions_are_not_those_of_a_trail_of_one_region() -> None:
    bucket = estate(hours=5) | without_digests(estate(hours=5, region="us-east-1"), "us-east-1")
    found = validate(bucket, last=START + 5 * HOUR)

    assert [c.chain.region for c in found.chains] == [REGION]
    assert found.exit_code == ExitCode.CLEAN


def test_another_trails_digest_files_in_the_bucket_make_no_gap_of_a_trail_of_one_region() -> None:
    other = msgspec.structs.replace(PLACE, name="another")
    bucket = estate(hours=5) | estate(hours=5, region="us-east-1", place=other)
    found = validate(bucket)

    assert ([c.chain.region for c in found.chains], found.exit_code) == ([REGION], ExitCode.CLEAN)


def test_a_stray_file_before_the_log_files_hides_no_gap() -> None:
    place = msgspec.structs.replace(PLACE, organization="o-exampleorg", multi_region=True)
    member = "210987654321"
    bucket = without_digests(estate(hours=5, place=place, account=member), member)
    first = min(bucket)
    bucket[f"{first.rpartition('/')[0]}/{member}_CloudTrail_{REGION}_20261120T0000_stray"] = bucket[first]
    objects = MemoryObjects(**{BUCKET: bucket})
    found = Validator(objects=objects, service=MemoryTrailService()).run(place, DAY)

    assert [(c.chain.account, [g.kind for g in c.gaps]) for c in found.chains] == [
        (member, [GapKind.DIGESTS_MISSING])
    ]


def test_a_trail_that_never_delivered_a_digest_file_misses_none() -> None:
    place = msgspec.structs.replace(PLACE, multi_region=True)
    other = msgspec.structs.replace(place, name="another")
    bucket = estate(hours=5, place=other)
    objects = MemoryObjects(**{BUCKET: bucket})

    assert Validator(objects=objects, service=MemoryTrailService()).run(place, DAY).chains == []
