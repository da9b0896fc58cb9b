"""A table that is one test judges each row, and tells each that fails."""

from __future__ import annotations

import sys

import pytest

from rows import each_row


def test_every_row_is_judged_and_each_that_fails_is_told_by_name():
    judged = []

    @each_row("lang", ["en", "ja"])
    @each_row(("number", "sign"), [(1, "a"), pytest.param(2, "b", id="two"), (3, "c")])
    def odd(number, sign, lang):
        judged.append((lang, number, sign))
        assert number % 2, sign
        if number > 2:
            pytest.fail("too many")

    with pytest.raises(BaseExceptionGroup, match="2 of 2 rows") as told:
        odd()

    assert judged == [(lang, n, s) for lang in ("en", "ja") for n, s in ((1, "a"), (2, "b"), (3, "c"))]
    notes = [[row.__notes__ for row in language.exceptions] for language in told.value.exceptions]
    assert notes == [[["in the row: two"], ["in the row: 3, 'c'"]]] * 2
    assert [language.__notes__ for language in told.value.exceptions] == [
        ["in the row: 'en'"],
        ["in the row: 'ja'"],
    ]


@pytest.mark.parametrize(
    "ends", [pytest.fail, pytest.skip, pytest.xfail, pytest.importorskip, sys.exit, AssertionError, KeyError]
)
def test_however_a_row_ends_it_has_failed_by_its_name_and_the_others_are_judged(ends):
    judged = []

    def end(number):
        judged.append(number)
        if number != 2:
            found = ends("no_such_module")
            assert isinstance(found, Exception)
            raise found

    with pytest.raises(BaseExceptionGroup) as told:
        each_row("number", [1, 2, 3])(end)()

    assert judged == [1, 2, 3]
    assert [row.__notes__ for row in told.value.exceptions] == [["in the row: 1"], ["in the row: 3"]]


def test_whoever_stops_the_run_stops_a_table():
    def stop(number):
        raise KeyboardInterrupt(number)

    with pytest.raises(KeyboardInterrupt, match="1"):
        each_row("number", [1, 2])(stop)()


@pytest.mark.parametrize(
    ("ids", "named"), [(None, ["1", "own"]), (["a", "b"], ["a", "own"]), (hex, ["0x1", "own"])]
)
def test_a_row_is_named_by_itself_before_its_table(ids, named):
    rows = [1, pytest.param(2, id="own")]

    with pytest.raises(BaseExceptionGroup) as told:
        each_row("number", rows, ids=ids)(lambda number: pytest.fail(f"{number}"))()

    assert [row.__notes__ for row in told.value.exceptions] == [[f"in the row: {name}"] for name in named]


@each_row("number", [1, 2, 3])
def test_fixtures_are_those_of_the_test(number, tmp_path):
    with (tmp_path / "rows").open("a") as file:
        file.write(f"{number}")

    assert (tmp_path / "rows").read_text() == "123"[:number]


@pytest.mark.parametrize("rows", [[], [pytest.param(1, marks=pytest.mark.skip)]])
def test_a_table_that_shows_nothing_is_refused(rows):
    with pytest.raises(AssertionError):
        each_row("number", rows)


def test_a_name_that_the_test_does_not_take_is_refused():
    with pytest.raises(AssertionError):
        each_row("number", [1])(lambda: None)


def test_rows_that_take_long_to_make_are_made_when_the_test_runs():
    made = []
    judged = []

    def rows():
        made.append("once")
        return [1, pytest.param(2, id="two")]

    def odd(number):
        judged.append(number)
        assert number % 2

    table = each_row("number", rows)(odd)
    assert not made
    for _ in range(2):
        with pytest.raises(BaseExceptionGroup, match="1 of 2 rows") as told:
            table()

    assert (made, judged) == (["once"], [1, 2, 1, 2])
    assert told.value.exceptions[0].__notes__ == ["in the row: two"]


def test_rows_that_are_made_when_the_test_runs_are_some():
    def judge(number):
        assert number

    with pytest.raises(AssertionError, match="shows nothing"):
        each_row("number", list)(judge)()
