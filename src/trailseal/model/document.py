"""Writing the documents that users keep: JSON, UTF-8, safe to show. `reading` reads them."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from trailseal.messages import UNSEEN, visible

SURROGATE = re.compile("[\ud800-\udfff]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def encode(document: object) -> bytes:
    """
    Return indented JSON with a final newline.

    A lone surrogate, which no encoding has and no reader of ours takes, becomes the letters of its escape.
    """
    try:
        text = msgspec.json.encode(document)
    except UnicodeEncodeError:
        text = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(document)))
    return safe_json(msgspec.json.format(text, indent=2).decode() + "\n").encode()


def safe_json(text: str) -> str:
    """Return JSON with what could not be seen in a string as JSON's own escapes: the value stays the same."""
    return UNSEEN.sub(_escape, text) if UNSEEN.search(text.replace("\n", "")) else text


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return SURROGATE.sub(lambda found: visible(found[0]), value)
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(each) for name, each in value.items()}
    return [_without_surrogates(each) for each in value] if isinstance(value, list | tuple) else value


def ascii_json(text: str) -> str:
    """Return JSON in ASCII alone, for an encoding that lacks a letter of it."""
    return NOT_ASCII.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return letter if letter == "\n" else "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
