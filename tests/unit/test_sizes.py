"""Modules and functions stay small enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent.parent / "src"
LONGEST_FILE = {"trailseal": 400, "trailseal_lab": 500}
LONGEST_FUNCTION, LONGEST_VERB = 40, 80
"""Lines of code: a docstring, a comment and an empty line are none."""
VERBS = ("cli", "verbs")


def files() -> Iterator[tuple[str, Path]]:
    return ((room, file) for room in LONGEST_FILE for file in sorted((SOURCE / room).rglob("*.py")))


def functions(text: str) -> Iterator[tuple[str, int]]:
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first, *_ = node.body
            starts = first.end_lineno or 0 if ast.get_docstring(node) is not None else first.lineno - 1
            code = (line.strip() for line in lines[starts : node.end_lineno])
            yield node.name, sum(bool(line) and not line.startswith("#") for line in code)


def test_no_module_is_longer_than_can_be_read() -> None:
    long = [f"{f}" for room, f in files() if f.read_text("utf-8").count("\n") > LONGEST_FILE[room]]

    assert long == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{file.relative_to(SOURCE)}: {name} has {count} lines"
        for _, file in files()
        for name, count in functions(file.read_text("utf-8"))
        if count > (LONGEST_VERB if {*file.parts} & {*VERBS} else LONGEST_FUNCTION)
    ]

    assert long == []


def test_a_function_is_counted_without_what_it_says_of_itself() -> None:
    text = 'def f() -> int:\n    """Two\n\n    lines."""\n    # why\n\n    one = 1\n    return one\n'

    assert list(functions(text)) == [("f", 2)]
