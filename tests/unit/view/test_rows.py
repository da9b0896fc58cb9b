from __future__ import annotations

import io

from rich.text import Text

from trailseal.view.rows import lines_of
from trailseal.view.terminal import Terminal


def rows(*texts: tuple[str, ...]) -> list[tuple[Text, ...]]:
    return [tuple(map(Text, each)) for each in texts]


def test_short_cells_are_as_wide_as_the_widest_of_their_column():
    lines = lines_of(rows(("a", "bb", "first"), ("aaa", "", "second")), 80)

    assert [line.plain for line in lines] == ["a    bb  first", "aaa      second"]


def test_the_long_cell_is_wrapped_beside_the_others():
    lines = lines_of(rows(("who", "one two three four five six seven")), 30)

    assert [line.plain for line in lines] == ["who  one two three four five", "     six seven"]


def test_letters_of_two_columns_count_as_two():
    lines = lines_of(rows(("誰", "x"), ("a", "y")), 80)

    assert [line.plain for line in lines] == ["誰  x", "a   y"]


def test_the_long_cell_stands_below_where_it_has_no_room():
    lines = list(lines_of(rows(("a" * 30, "one two three four five")), 20))

    assert [line.plain for line in lines] == ["a" * 30, "  one two three four", "  five"]


def test_a_cell_that_is_far_longer_than_others_pushes_its_own_row_alone():
    lines = list(lines_of(rows(("a" * 60, "x"), ("b", "y")), 200))

    assert [line.plain for line in lines] == [f"{'a' * 60}  x", "b  y"]


def test_numbers_end_together():
    lines = list(lines_of(rows(("a", "1,000"), ("bb", "2")), 80, right=(1,)))

    assert [line.plain for line in lines] == ["a   1,000", "bb      2"]


def test_lines_are_written_as_they_are():
    out = io.StringIO()
    console = Terminal(file=out, width=20)

    console.print_lines([Text("longer than twenty letters"), Text(), Text("end")])
    console.print_lines([])

    assert out.getvalue() == "longer than twenty letters\n\nend\n"
