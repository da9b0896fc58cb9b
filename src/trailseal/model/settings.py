"""Files of settings that a person writes, in TOML."""

from __future__ import annotations

import re
import tomllib
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.reading import place_of, text_in

T = TypeVar("T")
LONGEST, DOTS = 1 << 20, 4096
"""Bytes, and dots: Python's reader takes time and memory by the square of a key's parts."""
LINE = re.compile(r"\(at line (\d+)")
LONG_NUMBER = re.compile(r"[0-9_]{4000,}")
TOPIC = "trailseal help configuration"


class UserSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user has settled once for all verbs; "" is not settled."""

    profile: str = ""
    language: Literal["", "en", "ja"] = ""
    format: Literal["", "text", "json"] = ""


def read_settings(raw: bytes, kind: type[T], *, name: str) -> T:
    """
    Return what a file of settings holds, as a value of `kind`.

    Raises:
        UsageProblem: it is not TOML, is larger than any, or holds a setting that does not exist or cannot be.
    """
    text = text_in(raw, name=name)
    if len(raw) > LONGEST or text.count(".") > DOTS:
        raise UsageProblem(message("`{name}` is larger than any file of settings", name=name))
    try:
        return msgspec.convert(tomllib.loads(text), type=kind)
    except tomllib.TOMLDecodeError as problem:
        at = LINE.search(str(problem))
        line = int(at[1]) if at else len(text.splitlines())
        raise _no_toml(name, line) from None
    except RecursionError:
        raise UsageProblem(message("`{name}` is nested too deeply", name=name)) from None
    except msgspec.ValidationError as problem:
        place = place_of(problem).removeprefix("$.")
        raise UsageProblem(
            message(
                "`{name}` holds a setting that cannot be: look at `{place}`",
                name=name,
                place=place,
            ),
            message("the settings are explained: {command}", command=TOPIC),
        ) from None
    except ValueError:  # Python's own bound on the digits of a number, which TOML's is far below
        found = LONG_NUMBER.search(text)
        raise _no_toml(name, text.count("\n", 0, found.start() if found else None) + 1) from None


def _no_toml(name: str, line: int) -> UsageProblem:
    return UsageProblem(message("`{name}` is not TOML: look at line {line}", name=name, line=line))
