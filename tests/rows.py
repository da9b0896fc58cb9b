"""
A table of many small rows as one test: each row is judged, and each that fails is told.

    @each_row(("kind", "form"), REFUSED)
    def test_a_form_is_refused(kind, form): ...

pytest asks more of a machine for a test than most rows do. It is for rows that share what fixtures they have:
nothing that a row leaves behind may matter to the next. What changes the process stays `parametrize`, and so
does what may be skipped: a row that skips itself has failed, for the other rows are judged all the same.

Every worker collects every test: rows that take long to make are given as a function, called when the test
runs.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

Test = Callable[..., None]
FAILED = (Exception, pytest.fail.Exception, pytest.skip.Exception, SystemExit, BaseExceptionGroup)


Rows = Iterable[Any] | Callable[[], Iterable[Any]]


def each_row(names: str | Sequence[str], rows: Rows, *, ids: Any = None) -> Callable[[Test], Test]:
    """Return what makes one test of a function and all rows, which are written as those of `parametrize`."""
    fields: tuple[str, ...] = (names,) if isinstance(names, str) else tuple(names)
    several = not isinstance(names, str)
    table = functools.cache(lambda: _table(rows, several=several, ids=ids))
    if not callable(rows):
        table()  # what is wrong with it is told where it stands

    def one_test(test: Test) -> Test:
        @functools.wraps(test)
        def all_rows(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            for name, values in table():
                try:
                    test(**dict(zip(fields, values, strict=True)), **fixtures)
                except FAILED as error:
                    error.add_note(f"in the row: {name()}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(table())} rows", failed)

        asked = inspect.signature(test)
        left = [each for each in asked.parameters.values() if each.name not in fields]
        assert len(left) == len(asked.parameters) - len(fields), "the test takes what the rows give"
        all_rows.__signature__ = asked.replace(parameters=left)  # type: ignore[attr-defined]
        return all_rows

    return one_test


def _table(rows: Rows, *, several: bool, ids: Any) -> list[tuple[Callable[[], str], tuple[Any, ...]]]:
    """Return the values of each row, with what tells its name."""
    made = [_row(row, several=several) for row in (rows() if callable(rows) else rows)]
    given = [None] * len(made) if ids is None or callable(ids) else list(ids)
    assert made, "a table without rows shows nothing"
    assert len(given) == len(made)

    def name(values: tuple[Any, ...], own: object) -> str:
        return str(own or ", ".join(str(ids(value)) if callable(ids) else repr(value) for value in values))

    return [
        (functools.partial(name, values, own or given[number]), values)
        for number, (values, own) in enumerate(made)
    ]


def _row(row: Any, *, several: bool) -> tuple[tuple[Any, ...], str]:
    """Return a row's values, and the name that `pytest.param` gave it."""
    if isinstance(row, type(pytest.param())):
        assert not row.marks, "a row that is marked is a test of its own"
        return tuple(row.values), str(row.id or "")
    return (tuple(row) if several else (row,)), ""
