"""A refusal is a fact of its Region, folder or file: the rest is judged, and nothing unread is missing."""

from __future__ import annotations

from datetime import datetime

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
    digest_file,
    estate,
)
from trailseal.errors import ExitCode, TrailsealError
from trailseal.history.rules.hours import HourState, Why
from trailseal.history.rules.validation import Validation, Window
from trailseal.history.validate.validator import Validator
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectRequest, ObjectResponse

OTHER = "us-east-1"
END = START + 4 * HOUR
WINDOW = Window(start=START, end=END, until=END, due=END)
TRAIL = msgspec.structs.replace(PLACE, multi_region=True)


class Refusing(MemoryObjects):
    """An object plane that refuses what a word is in, in S3's words."""

    word = ""
    code = "AccessDenied"
    said = "no"

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if self.word and self.word in f"{call.key} {call.query}":
            return ObjectResponse(call=call, status=403, error=self.code, message=self.said)
        return super().answer(call)


def validated(
    bucket: Bucket, *, word: str = "", code: str = "AccessDenied", said: str = "no", refused: str = ""
) -> Validation:
    objects = Refusing(**{BUCKET: bucket})
    objects.word, objects.code, objects.said = word, code, said
    service = MemoryTrailService(END, refused={refused: "UnrecognizedClientException"} if refused else None)
    return Validator(objects=objects, service=service).run(TRAIL, WINDOW)


def two_regions() -> Bucket:
    return estate(hours=4) | estate(hours=4, region=OTHER)


def hours_of(found: Validation) -> dict[str, set[tuple[HourState, Why]]]:
    return {c.chain.region: {(s.state, s.why) for s in c.spans} for c in found.chains}


PROVEN = {(HourState.PROVEN, Why.NONE)}
UNREAD = {(HourState.NOT_PROVEN, Why.UNREADABLE)}


def test_a_region_whose_public_keys_are_refused_leaves_the_others_judged() -> None:
    found = validated(two_regions(), refused=OTHER)

    assert found.exit_code == ExitCode.INCOMPLETE
    assert hours_of(found) == {REGION: PROVEN, OTHER: UNREAD}
    assert found.not_asked == [f"cloudtrail:ListPublicKeys {OTHER}: UnrecognizedClientException"]


@pytest.mark.parametrize(
    ("said", "lacks", "detail"),
    [
        pytest.param("no", "s3:GetObject", "s3:GetObject AccessDenied", id="the-object"),
        pytest.param(
            "not authorized to perform: kms:Decrypt on the resource associated with this ciphertext",
            "kms:Decrypt",
            "s3:GetObject AccessDenied: kms:Decrypt",
            id="its-key",
        ),
    ],
)
def test_digest_files_that_cannot_be_read_are_never_missing(said: str, lacks: str, detail: str) -> None:
    found = validated(two_regions(), word=f"CloudTrail-Digest/{OTHER}/2026", said=said)

    assert found.exit_code == ExitCode.INCOMPLETE
    assert hours_of(found) == {REGION: PROVEN, OTHER: UNREAD}
    assert (found.lacking, {p.detail for p in found.problems}) == ([lacks], {detail})


def test_what_fails_otherwise_lacks_no_permission() -> None:
    found = validated(
        two_regions(), word=f"CloudTrail/{OTHER}/2026", code="KMS.DisabledException", said="off"
    )

    assert hours_of(found) == {REGION: PROVEN, OTHER: UNREAD}
    assert (found.lacking, found.problems[0].detail) == ([], "s3:GetObject KMS.DisabledException off")


def test_a_bucket_that_is_gone_is_missing_and_not_unread() -> None:
    found = validated(two_regions(), word=f"CloudTrail-Digest/{OTHER}/2026", code="NoSuchBucket")

    assert hours_of(found)[OTHER] == {(HourState.NOT_PROVEN, Why.MISSING)}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param(
            f"CloudTrail-Digest%2F{OTHER}", {(HourState.NOT_KNOWN, Why.NOT_LISTED)}, id="its-digest-files"
        ),
        pytest.param(f"CloudTrail%2F{OTHER}", PROVEN, id="its-log-files"),
    ],
)
def test_a_folder_that_cannot_be_listed_is_not_known(word: str, expected: set[tuple[HourState, Why]]) -> None:
    found = validated(two_regions(), word=word)

    assert found.exit_code == ExitCode.INCOMPLETE
    assert hours_of(found) == {REGION: PROVEN, OTHER: expected}
    assert found.lacking == ["s3:ListBucket"]


def test_an_account_whose_regions_cannot_be_listed_is_told() -> None:
    found = validated(two_regions(), word="delimiter")

    assert found.exit_code == ExitCode.INCOMPLETE
    assert (len(found.not_asked), found.lacking) == (2, ["s3:ListBucket"])


def test_the_accounts_of_an_organization_must_be_listed() -> None:
    place = msgspec.structs.replace(TRAIL, organization="o-exampleorg")
    objects = Refusing(**{BUCKET: estate(place=place)})
    objects.word = "delimiter"

    with pytest.raises(TrailsealError, match="cannot be listed"):
        Validator(objects=objects, service=MemoryTrailService()).run(place, WINDOW)


def test_a_status_that_is_refused_is_told_only_where_it_matters() -> None:
    refused = Unreadable(call="cloudtrail:GetTrailStatus", code="AccessDenied", where=REGION)
    service = MemoryTrailService(refused)
    whole = Validator(objects=MemoryObjects(**{BUCKET: estate(hours=8)}), service=service).run(TRAIL, WINDOW)
    ends = Validator(objects=MemoryObjects(**{BUCKET: estate(hours=4)}), service=service).run(
        TRAIL, msgspec.structs.replace(WINDOW, end=END + HOUR, until=END + HOUR)
    )

    assert (whole.exit_code, whole.not_asked) == (ExitCode.CLEAN, [])
    assert (ends.exit_code, ends.lacking) == (ExitCode.INCOMPLETE, ["cloudtrail:GetTrailStatus"])


@pytest.mark.parametrize("began", [None, START])
def test_whether_older_files_are_where_nobody_may_list_is_not_known(began: datetime | None) -> None:
    objects = moved()
    service = MemoryTrailService(END, started=began)
    window = msgspec.structs.replace(WINDOW, start=START - 2 * HOUR)
    found = Validator(objects=objects, service=service).run(TRAIL, window)

    (chain,) = found.chains
    assert [(s.state, s.why) for s in chain.spans] == [
        (HourState.NOT_KNOWN, Why.NOT_LISTED),
        (HourState.NOTHING_LOGGED, Why.NO_LOG_FILES),
    ]
    assert (found.exit_code, found.lacking) == (ExitCode.INCOMPLETE, ["s3:ListBucket"])


def test_an_older_file_in_a_place_that_is_listed_tells_also_where_another_is_not() -> None:
    objects = moved()
    objects.buckets[BUCKET] |= estate(hours=1, start=START - 50 * HOUR)
    window = msgspec.structs.replace(WINDOW, start=START - 2 * HOUR)
    (chain,) = Validator(objects=objects, service=MemoryTrailService(END)).run(TRAIL, window).chains

    assert (chain.spans[0].state, chain.spans[0].why) == (HourState.NOT_KNOWN, Why.OFF)


def test_where_a_chain_leads_and_nobody_may_list_the_files_that_are_named_are_judged() -> None:
    found = Validator(objects=moved(), service=MemoryTrailService(END)).run(TRAIL, WINDOW)

    assert hours_of(found) == {REGION: {(HourState.NOTHING_LOGGED, Why.NO_LOG_FILES)}}
    assert (found.exit_code, found.lacking) == (ExitCode.INCOMPLETE, ["s3:ListBucket"])


def moved() -> Refusing:
    """Return a chain that lay for two hours under a prefix that may not be listed."""
    old = msgspec.structs.replace(TRAIL, prefix="sec")
    bucket: Bucket = {}
    previous: dict[str, str | None] = {}
    for hour in range(4):
        place, root = (old, "sec/AWSLogs/") if hour < 2 else (TRAIL, "AWSLogs/")
        about = (bucket, root, ACCOUNT, REGION, START + hour * HOUR, START + (hour + 1) * HOUR)
        previous = digest_file(*about, [], previous, place, backfill=False)
    objects = Refusing(**{BUCKET: bucket})
    objects.word = "sec%2FAWSLogs"
    return objects
