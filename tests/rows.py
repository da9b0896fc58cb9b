"""
A table of many small rows as one test: each row is judged, and each that fails is told.

    @each_row(("kind", "form"), REFUSED)
    def test_a_form_is_refused(kind, form): ...

pytest asks more of a machine for a test than most rows do. It is for rows that share what fixtures they have:
nothing that a row leaves behind may matter to the next. What changes the process stays `parametrize`, and so
does what may be skipped: a row that skips itself has failed, for the other rows are judged all the same.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

Test = Callable[..., None]
FAILED = (Exception, pytest.fail.Exception, pytest.skip.Exception, SystemExit, BaseExceptionGroup)


def each_row(names: str | Sequence[str], rows: Iterable[Any], *, ids: Any = None) -> Callable[[Test], Test]:
    """Return what makes one test of a function and all rows, which are written as those of `parametrize`."""
    fields: tuple[str, ...] = (names,) if isinstance(names, str) else tuple(names)
    table = [_row(row, several=not isinstance(names, str)) for row in rows]
    given = None if ids is None or callable(ids) else list(ids)
    assert table, "a table without rows shows nothing"
    assert given is None or len(given) == len(table)

    def name(number: int) -> str:
        values, own = table[number]
        if own or given:
            return str(own or (given and given[number]))
        return ", ".join(str(ids(value)) if ids else repr(value) for value in values)

    def one_test(test: Test) -> Test:
        @functools.wraps(test)
        def all_rows(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            for number, (values, _) in enumerate(table):
                try:
                    test(**dict(zip(fields, values, strict=True)), **fixtures)
                except FAILED as error:
                    error.add_note(f"in the row: {name(number)}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(table)} rows", failed)

        asked = inspect.signature(test)
        left = [each for each in asked.parameters.values() if each.name not in fields]
        assert len(left) == len(asked.parameters) - len(fields), "the test takes what the rows give"
        all_rows.__signature__ = asked.replace(parameters=left)  # type: ignore[attr-defined]
        return all_rows

    return one_test


def _row(row: Any, *, several: bool) -> tuple[tuple[Any, ...], str]:
    """Return a row's values, and the name that `pytest.param` gave it."""
    if isinstance(row, type(pytest.param())):
        assert not row.marks, "a row that is marked is a test of its own"
        return tuple(row.values), str(row.id or "")
    return (tuple(row) if several else (row,)), ""
