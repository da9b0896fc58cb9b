"""Whatever text others wrote for a number or a time: it is one that can be reckoned with, or an error."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.model.foreign import ForeignError, TooLargeError
from trailseal.model.foreign_values import http_time_in, number_in, time_in

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NO_TIMES = [
    "",
    "x",
    "2026-13-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "9" * 5000,
]
NO_HTTP_TIMES = [
    "",
    "x",
    "Fri, 20 Nov 2026 25:00:00 GMT",
    "Fri, 20 Nov 99999 00:00:00 GMT",
    "Fri, 20 Nov 99999999999999999999 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:00:00 -1200",
    "Fri, 20 Nov 2026 00:00:00 +99999999999",
]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_a_number_is_read(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.5", "1e9", "1_0", " 1", "１", "²", "9" * 19, "9" * 5000])
def test_what_is_no_number_of_64_bits_is_an_error(text):
    with pytest.raises(TooLargeError if len(text) > 18 else ForeignError):
        number_in(text)


@pytest.mark.parametrize(
    "text",
    ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.000Z", "2026-11-20T12:00:00", "2026-11-20T21:00+09:00"],
)
def test_a_time_is_in_utc(text):
    assert (time_in(text), time_in(text).tzinfo) == (NOON, UTC)


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000", ""])
def test_a_time_of_a_header_is_in_utc(zone):
    read = http_time_in(f"Fri, 20 Nov 2026 12:00:00 {zone}".strip())

    assert (read, read.tzinfo) == (NOON, UTC)


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_of_a_file_is_an_error(text):
    with pytest.raises(ForeignError):
        time_in(text)


@pytest.mark.parametrize("text", NO_HTTP_TIMES)
def test_what_is_no_time_of_a_header_is_an_error(text):
    with pytest.raises(ForeignError):
        http_time_in(text)


OFFSETS = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda span: timedelta(minutes=span // timedelta(minutes=1))
)


@given(st.datetimes(), OFFSETS)
def test_what_is_read_can_be_compared_and_reckoned_with(moment, offset):
    zone = f"{'-' if offset < timedelta() else '+'}{abs(offset) // timedelta(hours=1):02}"
    minutes = f"{abs(offset) // timedelta(minutes=1) % 60:02}"
    texts = (moment.isoformat(), f"{moment.isoformat()}{zone}:{minutes}")
    headers = (format_datetime(moment), format_datetime(moment)[:-5] + zone + minutes)
    read = []
    for text in texts:
        with suppress(ForeignError):
            read.append(time_in(text))
    for text in headers:
        with suppress(ForeignError):
            read.append(http_time_in(text))

    assert all(each - timedelta(days=1) < NOON + (each - NOON) < each + timedelta(days=1) for each in read)
