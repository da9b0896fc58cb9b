"""
The streams in whatever encoding they have: no text, no JSON and no answer ever fails over a letter.

Every start loads this module, `--help` too, so it loads as little as it can.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from trailseal.messages import visible

STAND_INS = {"→": "->", "·": "*", "…": "...", "×": "x", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'"}
"""What stands for a sign of our own where the encoding lacks it."""
ERRORS = "trailseal.stand-ins"
Line = str | tuple[str, ...]
"""One line of text; a tuple holds its columns, which tabs part."""


def open_streams() -> None:
    """
    Let no stream fail over a letter: stdout and stderr print a stand-in for what their encoding lacks.

    A stream that was closed before the start holds nothing, and takes all.
    """
    codecs.register_error(ERRORS, _stand_in)
    for name, mode, errors in (("stdin", "r", "replace"), ("stdout", "w", ERRORS), ("stderr", "w", ERRORS)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    text = "".join(STAND_INS.get(letter, "?") for letter in lacking)
    return text, error.end


def can_write(text: str) -> bool:
    """Whether stdout's encoding has every letter of a text."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_nowhere(stream: TextIO) -> bool:
    """Whether a stream is the null device: what is written to it nobody can have seen."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), Path(os.devnull).stat())
    except (OSError, ValueError):
        return False


def write_lines(lines: Iterable[Line], *, err: bool = False) -> None:
    """Write lines as they are safe to show, to stdout or stderr."""
    text = "".join(f"{shown_line(line)}\n" for line in lines)
    _write(sys.stderr if err else sys.stdout, text)


def shown_line(line: Line) -> str:
    """Return a line as it is safe to show: a tab of ours ends a column, one in data is an escape."""
    return visible(line) if isinstance(line, str) else "\t".join(map(visible, line))


def write_json(text: str) -> None:
    """Write JSON to stdout; where the encoding lacks a letter, with JSON's own escapes."""
    from trailseal.model.document import ascii_json

    _write(sys.stdout, text if can_write(text) else ascii_json(text))


def _write(stream: TextIO, text: str) -> None:
    """Write at once. By a closed pipe's number click would end the process itself, so it is told without."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise BrokenPipeError from None
