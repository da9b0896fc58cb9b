"""
Reading and writing the documents that users keep: JSON, UTF-8, strict on the way in.

A document carries `format`, so that an older trailseal can say that it does not know a newer one.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message

Doc = TypeVar("Doc")


def encode(document: object) -> bytes:
    """Return indented JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def decode(raw: bytes, kind: type[Doc], *, name: str) -> Doc:
    """
    Return the document in `raw`.

    Raises:
        UsageProblem: it is not JSON, is cut short, or is not a document of this kind.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as problem:
        what = message(
            "`{name}` is not a document that this version reads: {problem}", name=name, problem=str(problem)
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        what = message("`{name}` is not JSON, or is cut short: {problem}", name=name, problem=str(problem))
    raise UsageProblem(what, _hint())


def _hint() -> Message:
    return message("write it again with the command that made it")
