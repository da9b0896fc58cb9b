"""A verb's one result on stdout: text for a person, or the JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from trailseal.view.json_document import json_document
from trailseal.view.streams import write_json, write_lines

if TYPE_CHECKING:
    from trailseal.view.terminal import Terminal

Result = TypeVar("Result", bound=Struct)


def answer(
    result: Result,
    output: str,
    write: Callable[[Result, Terminal], None],
    brief: Callable[[Result], Iterable[str]] | None = None,
) -> None:
    """
    Print `result` as JSON, in the lines of `brief`, or let `write` tell it.

    Colours and width are the terminal's.
    """
    if output == "json":
        write_json(json_document(result))
        return
    if brief and output == "brief":
        write_lines(brief(result))
        return
    from trailseal.view.terminal import Terminal

    write(result, Terminal())
