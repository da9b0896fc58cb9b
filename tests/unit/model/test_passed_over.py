from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.model.log_file import Delivered, file_stem, parse_log_file_key
from trailseal.model.passed_over import (
    TOLD,
    NamedAfter,
    PassedOver,
    accounts_in,
    dates_in,
    sentences,
    sorted_out,
)

NAMES = st.one_of(
    st.text(max_size=12),
    st.text("0123456789٣", max_size=12),
    st.sampled_from(["2026", "06", "31", "13", "00", "123456789012", "us-east-1", "backup copy"]),
)


def test_only_days_of_the_calendar_are_dates() -> None:
    assert dates_in(["2026", "old", "0000", "99999", "٢٠٢٦", "1999"], ()) == ("1999", "2026")
    assert dates_in(["13", "00", "06", "6", "old"], (2026,)) == ("06",)
    assert dates_in(["31", "30", "00", "1", "old"], (2026, 6)) == ("30",)
    assert dates_in(["29"], (2026, 2)) == ()
    assert dates_in(["29"], (2028, 2)) == ("29",)


@given(st.lists(NAMES), st.lists(NAMES), st.lists(NAMES))
def test_whatever_folders_are_called_each_date_is_one(
    years: list[str], months: list[str], days: list[str]
) -> None:
    for year in dates_in(years, ()):
        for month in dates_in(months, (int(year),)):
            for day in dates_in(days, (int(year), int(month))):
                assert date(int(year), int(month), int(day))


@given(st.lists(NAMES))
def test_an_account_has_twelve_digits(names: list[str]) -> None:
    assert all(len(name) == 12 and name.isascii() and name.isdigit() for name in accounts_in(names))


@pytest.mark.sweep
@given(st.lists(NAMES), st.sets(NAMES))
def test_each_name_is_known_or_passed_over(names: list[str], known: set[str]) -> None:
    good, strays = sorted_out(names, known, bucket="b", above="a/", named_after=NamedAfter.REGION)

    assert sorted([*(f"a/{name}/" for name in good), *(stray.folder for stray in strays)]) == sorted(
        f"a/{name}/" for name in names
    )
    assert set(good) <= known


def test_a_flood_of_folders_is_told_in_a_few_lines() -> None:
    folders = [
        PassedOver(bucket="b", folder=f"{kind}/{number}/", named_after=kind)
        for kind in NamedAfter
        for number in range(TOLD)
    ]
    told = [str(sentence) for sentence in sentences(folders)]

    assert len(told) == TOLD + 1
    assert told[-1] == "passed over: 20 more folders"
    assert str(next(sentences(folders[:1]))).endswith("s3://b/account/0/ is named after no account")
    assert len(list(sentences(folders[:TOLD]))) == TOLD


def test_a_file_is_cloudtrails_by_how_its_name_begins() -> None:
    stems = [file_stem(kind=kind, account="1", region="us-east-1") for kind in Delivered]

    assert stems == ["1_CloudTrail_us-east-1_", "1_CloudTrail-Digest_us-east-1_"]


def test_a_key_is_a_log_file_only_in_the_folder_of_a_region_and_a_day() -> None:
    key = "AWSLogs/123456789012/CloudTrail/{}/{}/123456789012_CloudTrail_us-east-1_20260630T0000Z_x.json.gz"
    found = parse_log_file_key(key.format("us-east-1", "2026/06/30"))

    assert found is not None
    assert found.kind is Delivered.LOG_FILE
    for region, day in (
        ("us-east-1", "2026/06/31"),
        ("us-east-1", "2026/13/01"),
        ("us-east-1", "0000/01/01"),
        ("backup copy", "2026/06/30"),
        ("backup", "2026/06/30"),
        ("-", "2026/06/30"),
    ):
        assert parse_log_file_key(key.format(region, day)) is None
