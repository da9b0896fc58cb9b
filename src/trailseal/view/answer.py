"""A verb's one result on stdout: text for a person, or the JSON document."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from trailseal.view.json_document import json_document

if TYPE_CHECKING:
    from rich.console import Console

Result = TypeVar("Result", bound=Struct)


def answer(result: Result, output: str, write: Callable[[Result, Console], None]) -> None:
    """Print `result` as JSON, or let `write` tell it. Colours and width are the terminal's."""
    if output == "json":
        sys.stdout.write(json_document(result))
        return
    from rich.console import Console

    write(result, Console(highlight=False, emoji=False, markup=False))
