from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from trailseal.view.rows import lines_of, print_lines


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


def test_the_long_cell_keeps_some_room_on_a_narrow_screen():
    lines = list(lines_of(rows(("a" * 30, "one two three four five")), 20))

    assert [line.plain.strip() for line in lines] == [f"{'a' * 30}  one two three four", "five"]


def test_lines_are_written_as_they_are():
    out = io.StringIO()
    console = Console(file=out, width=10)

    print_lines([Text("longer than ten"), Text(), Text("end")], console)
    print_lines([], console)

    assert out.getvalue() == "longer than ten\n\nend\n"
