"""
`*` and `?` in patterns, in time that a hostile pattern cannot blow up.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

LITERAL_STAR, LITERAL_MARK = "\udc2a", "\udc3f"
"""
What stands for a `*` or `?` that came out of a policy variable and so is no wildcard.

Lone surrogates: no JSON text can bring them in.
"""
ONE_SEGMENT = "\udc2f"
"""A `*` that takes no `/`, in patterns of ours: no policy can write one."""
KEPT = 50_000
TO_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def lower(text: str) -> str:
    """Return a text with the letters of ASCII in lower case: no other letter is one of them."""
    return text.lower() if text.isascii() else text.translate(TO_LOWER)


def literal(value: str) -> str:
    """Return a value to put into a pattern so that its own `*` and `?` match only themselves."""
    return value.replace("*", LITERAL_STAR).replace("?", LITERAL_MARK)


def has_wildcard(pattern: str) -> bool:
    """Whether the pattern can match more than one text."""
    return "*" in pattern or "?" in pattern


@lru_cache(maxsize=KEPT)
def matcher(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """Return the function that tells whether a text matches `pattern`."""
    if pattern == "*":
        return _everything
    if not has_wildcard(pattern):
        only = plain(pattern)
        if ignore_case:
            folded = lower(only)
            return lambda text: lower(text) == folded
        return only.__eq__
    flags = re.DOTALL | (re.IGNORECASE | re.ASCII if ignore_case else 0)
    compiled = re.compile(_expression(pattern), flags)
    return lambda text: compiled.fullmatch(text) is not None


def matches(pattern: str, text: str) -> bool:
    """Whether `text` matches `pattern`, case and all."""
    return matcher(pattern)(text)


def _everything(_text: str) -> bool:
    return True


def plain(text: str) -> str:
    """Return a pattern's text with its literal stars and marks as they are written."""
    return text.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def _expression(pattern: str) -> str:
    """
    Return a regular expression without backtracking between the stars.

    Each piece between two stars is taken at its leftmost place, in an atomic group: if a match
    exists at all, that choice finds it, so nothing ever has to be tried again.
    """
    first, *rest = pattern.split("*")
    pieces = [_piece(first)]
    if rest:
        *middle, last = rest
        pieces += [f"(?>.*?{_piece(each)})" for each in middle if each]
        pieces.append(f".*{_piece(last)}")
    return "".join(pieces)


def _piece(text: str) -> str:
    return "".join("." if c == "?" else re.escape(plain(c)) for c in text)
