"""Where lines end: between words and phrases, by width, and never where 禁則 forbids it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import trailseal
from trailseal.messages import WIDE
from trailseal.view.breaking import COMMAND, NOT_FIRST, NOT_LAST, joined, line_ends, width_of
from verb_tree import verbs

ARN = "arn:aws:kms:us-east-1:111122223333:key/9e38-1"
TIME = "2026-11-23T12:00:00Z"
CLOSING = sorted(letter for letter in NOT_FIRST if WIDE.match(letter))
OPENING = sorted(letter for letter in NOT_LAST if WIDE.match(letter))
words = st.sampled_from(
    [ARN, TIME, "--accept", "role/etl", "82", "74%", "(SSE-S3)", " ", " ", "の", "キーポリシー", "証跡",
     "読めます", "ファイル", "っ", *CLOSING, *OPENING]
)  # fmt: skip


def broken(text: str, width: int, indent: int = 0) -> list[str]:
    ends = [0, *line_ends(text, width, indent), len(text)]
    return [text[begin:end].rstrip() for begin, end in pairwise(ends)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("鍵の 読み手、次へ", 10, ["鍵の", "読み手、", "次へ"]),
        ("読めるのは一人だけです。", 14, ["読めるのは", "一人だけです。"]),
        (
            "ログファイルは「SSE-S3」（既定）で暗号化",
            20,
            ["ログファイルは", "「SSE-S3」（既定）で", "暗号化"],
        ),
        ("CODE を付けて、キーを切り替えます", 12, ["CODE を", "付けて、", "キーを切り", "替えます"]),
        ("オブジェクト 1 つの JSON 文書", 14, ["オブジェクト", "1 つの", "JSON 文書"]),
        ("マルチリージョンキーポリシー", 10, ["マルチリー", "ジョンキー", "ポリシー"]),
        (f"証跡 {ARN}。次", 20, ["証跡", f"{ARN}。", "次"]),
        ("one re-encrypts two", 12, ["one", "re-encrypts", "two"]),
        (
            f"How to see it: trailseal policy show {ARN}",
            12,
            ["How to see", "it:", f"trailseal policy show {ARN}"],
        ),
        ("次に: aws kms list-keys --region here", 20, ["次に:", "aws kms list-keys --region here"]),
        (
            "bring it: aws kms one --key a, then do what is left",
            16,
            ["bring it:", "aws kms one --key a,", "then do what is", "left"],
        ),
        ("持ち込む: aws kms one --key a、次に残り", 14, ["持ち込む:", "aws kms one --key a、", "次に残り"]),
        (
            """put it: aws s3api put --policy '{"a": 1, "b": "c, d"}' --x, or not""",
            20,
            ["put it:", """aws s3api put --policy '{"a": 1, "b": "c, d"}' --x,""", "or not"],
        ),
    ],
)
def test_lines_end_between_phrases_and_within_one_that_is_too_long(text, width, lines):
    assert broken(text, width) == lines


@given(st.lists(words, max_size=30).map("".join), st.integers(4, 90), st.integers(0, 3))
def test_wherever_a_line_ends_it_may(text, width, indent):
    ends = line_ends(text, width, indent)

    for end in ends:
        before, after = text[:end].rstrip()[-1:], text[end]
        assert not after.isspace()
        assert not (after in NOT_FIRST and WIDE.match(after))
        if not text[end - 1].isspace():
            assert before not in NOT_LAST
            assert WIDE.match(before) or WIDE.match(after)
    assert ends == sorted(set(ends))
    assert "".join(broken(text, width, indent)).replace(" ", "") == text.replace(" ", "")


@given(st.lists(words, max_size=30).map("".join), st.integers(20, 90))
def test_a_line_is_too_wide_only_where_it_can_end_nowhere_sooner(text, width):
    for line in broken(text.strip(), width):
        if width_of(line) > width:
            assert not [end for end in line_ends(line, 1) if width_of(line[:end].rstrip()) >= width]
            assert max(map(width_of, broken(line, 1))) > width


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=20))
def test_a_width_is_the_terminals(text):
    assert width_of(text) == cell_len(text)


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("読めない", "ものを", "読めないものを"),
        ("終わります。", "`trailseal plan`", "終わります。`trailseal plan`"),
        ("終了コード", "3", "終了コード 3"),
        ("the", "end", "the end"),
        ("", "end", "end"),
        ("9e38", "（バケットキー）", "9e38（バケットキー）"),
    ],
)
def test_lines_of_a_paragraph_are_joined_as_their_letters_ask(first, second, one):
    assert joined(first, second) == one


VERBS = {names[:length] for names, _ in verbs() for length in (1, 2, 3)}
AT_THE_END = re.compile(r"(?:trailseal|aws) [a-z][^`]*\Z")

ON_A_LINE_OF_ITS_OWN = "Next: save this plan with --out FILE, then trailseal apply FILE"
"""Written as it stands, never wrapped."""


def templates() -> set[str]:
    """Return every text in both languages; one that is a command with its hint is not wrapped."""
    with (Path(trailseal.__file__).parent / "locale/ja/LC_MESSAGES/trailseal.po").open("rb") as file:
        texts = [each for found in read_po(file, locale="ja") for each in (found.id, found.string)]
    return {one for each in texts for one in (each if isinstance(each, list | tuple) else [each]) if one}


def is_typed(command: str) -> bool:
    """Whether words are nothing but a verb with its options, values and names, or several of these."""
    if not command.isascii() and not command.endswith("、"):
        return False
    return all(map(_is_one_typed, command.rstrip(" ,、").split(" && ")))


def _is_one_typed(command: str) -> bool:
    first, *others = command.split()
    named = 2
    if first == "trailseal":
        named = max((n for n in (1, 2, 3) if tuple(others[:n]) in VERBS), default=0)
    return bool(named) and all(
        word.startswith(("-", "{")) or word.isupper() or before.startswith("-")
        for before, word in pairwise(["", *others[named:]])
    )


def test_a_text_leaves_whole_what_is_typed_and_nothing_else() -> None:
    found = {text: COMMAND.search(text) for text in templates()}

    assert [text for text, command in found.items() if command and not is_typed(command[0])] == []
    ends = {text: end for text in found if (end := AT_THE_END.search(text)) and is_typed(end[0])}
    assert len(ends) > 50
    assert {t for t, end in ends.items() if end.start() and not found[t]} == {ON_A_LINE_OF_ITS_OWN}


def test_no_view_measures_by_letters():
    """`:<12` and `ljust` count letters, of which a wide one takes two columns."""
    rooms = [Path(trailseal.__file__).parent / room for room in ("view", "cli")]
    files = [path for room in rooms for path in room.rglob("*.py")]
    padded = {f.name for f in files if re.search(r":<\d|\.ljust\(|:\^\d", f.read_text(encoding="utf-8"))}

    assert padded <= {"plan.py"}
