"""
Whatever stands in whatever field: nothing that a terminal obeys gets out, and no name is cut or broken.

Every view, with every text field of its result filled, at three widths, in both languages.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import typing
from datetime import datetime, timedelta, timezone
from unicodedata import category

import pytest
from msgspec import structs

from filled import PLAIN, filled
from trailseal.cli.logs import VisibleFormatter
from trailseal.cost.amount import Range
from trailseal.history.rules.outlook import Outlook
from trailseal.locale.language import choose_language, say
from trailseal.messages import UNSEEN, message, visible
from trailseal.model.document import ascii_json, encode, safe_json
from trailseal.view.history.reencrypt import outlook_lines
from trailseal.view.json_document import json_document
from trailseal.view.streams import shown_line
from views import PICKS, VIEWS, printed

HOSTILE = {
    "tab": "\t",
    "surrogate": "\ud800",
    "C0": "\x00\x01\x08\x0b\x0c\x1b[2J\x1b]0;owned\x07\x1f",
    "CR": "\rPROVEN",
    "DEL": "\x7f",
    "C1": "\x80\x9b2J\x9f",
    "bidi": "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "separators": "\u2028\u2029",
    "without width": "\u200b\u200c\u200d\u2060\ufeff",
    "tags": "\U000e0041\U000e007f",
}
LONG = "ZQ" * 98 + "EnD"
SHORT_KEY = "ZQ" * 4
"""Of a key ID in the census, whose legend tells the whole ARN."""
FORGED_AT = 12
"""Where lines begin; the statement of a reader has lines of its own, further in."""


@pytest.fixture(params=["en", "ja"])
def language(request: pytest.FixtureRequest) -> typing.Iterator[str]:
    choose_language(["--lang", request.param])
    yield request.param
    choose_language(["--lang", "en"])


@pytest.mark.sweep
@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("name", VIEWS)
def test_nothing_that_cannot_be_seen_gets_out(name: str) -> None:
    kind, write = VIEWS[name]
    for hostile in HOSTILE.values():
        for pick in PICKS[name]:
            shown = printed(kind, write, f"a{hostile}b", pick, None)
            assert not UNSEEN.search(shown.replace("\n", "").replace("\t", "")), (pick, hostile)


@pytest.mark.parametrize("name", VIEWS)
def test_no_name_forges_a_line(name: str) -> None:
    kind, write = VIEWS[name]
    for pick in PICKS[name]:
        shown = printed(kind, write, "a\nFORGED", pick, None)
        assert not any(line[:FORGED_AT].lstrip().startswith("FORGED") for line in shown.splitlines()), pick


@pytest.mark.parametrize("name", VIEWS)
def test_a_time_is_shown_in_utc_whatever_zone_it_comes_with(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, write = VIEWS[name]
    told = [printed(kind, write, "a", pick, None) for pick in PICKS[name]]
    monkeypatch.setitem(PLAIN, datetime, PLAIN[datetime].astimezone(timezone(timedelta(hours=9))))

    assert [printed(kind, write, "a", pick, None) for pick in PICKS[name]] == told


@pytest.mark.sweep
@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("width", [None, 20, 80, 200])
@pytest.mark.parametrize("name", VIEWS)
def test_no_name_is_cut_or_broken(name: str, width: int | None) -> None:
    kind, write = VIEWS[name]
    for pick in PICKS[name]:
        shown = printed(kind, write, LONG, pick, width)
        cut = {found for found in re.findall("Z[ZQ]*(?:EnD)?", shown) if found not in {LONG, "Z"}}
        assert cut <= ({SHORT_KEY} if name == "history census" else set()), pick
        assert width or not any(line.endswith(" ") for line in shown.splitlines()), pick


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_json_holds_the_value_and_shows_nothing_of_it(text: str) -> None:
    written = safe_json(json.dumps({"a": text}, ensure_ascii=False))

    assert json.loads(written) == {"a": text}
    assert json.loads(ascii_json(written)) == {"a": text}
    assert not UNSEEN.search(written)
    assert ascii_json(written).isascii()


@pytest.mark.parametrize("name", VIEWS)
def test_the_json_of_every_result_shows_nothing_that_cannot_be_seen(name: str) -> None:
    for pick in PICKS[name]:
        value = filled(VIEWS[name][0], "".join(HOSTILE.values()), pick)
        assert not UNSEEN.search(json_document(value).replace("\n", ""))
        assert not UNSEEN.search(encode(value).decode().replace("\n", ""))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_escape_is_seen_wherever_a_text_is_filled(text: str) -> None:
    for told in (say(message("{a}", a=text)), str(message("{a}", a=text)), say(text), visible(text)):
        assert told.isprintable()
        assert told.encode()


def test_a_line_break_in_data_is_none_of_ours() -> None:
    assert visible("a\nb") == "a\\nb"


def test_what_unicode_lets_nobody_see_is_made_visible() -> None:
    """Default_Ignorable_Code_Point is no category; its letters that are no format characters are listed."""
    ignorable = {*"\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0", *map(chr, range(0x180B, 0x1810))}
    ignorable |= {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0000, 0xE1000)), "\u2065"}
    unseen = {c for c in map(chr, range(sys.maxunicode + 1)) if category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}

    assert {c for c in unseen | ignorable if not UNSEEN.match(c)} == set()
    assert not [c for c in "a é ñ 鍵 の ー 　 \u00a0 ｶ 🔑" if UNSEEN.match(c)]


def test_a_name_with_a_tab_ends_no_column() -> None:
    assert (
        shown_line(("Log file", "s3://b/a\tvalid\tFORGED", "valid"))
        == "Log file\ts3://b/a\\tvalid\\tFORGED\tvalid"
    )


def test_a_line_of_the_log_is_safe_to_show() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(VisibleFormatter("%(message)s"))
    handler.emit(
        logging.LogRecord("trailseal", logging.INFO, "", 0, "request %s", ("\x1b[2J\nFORGED",), None)
    )

    assert out.getvalue() == "request \\x1b[2J\\nFORGED\n"


def test_what_a_plan_for_readers_adds_can_be_copied() -> None:
    found = structs.replace(filled(Outlook, "x"), reader_statements=({"Sid": "x", "Effect": "Allow"},))
    lines = list(outlook_lines(found, Range(low=1, high=2), ()))

    assert json.loads("".join(map(shown_line, lines[lines.index("{") :]))) == {"Sid": "x", "Effect": "Allow"}
