"""What a misspelt name may have been meant to be."""

from __future__ import annotations

from difflib import get_close_matches

MAX_GUESSES = 40
"""Names that are looked up among all others; a document with more has another trouble than its spelling."""
LIKENESS = 0.6


class Guesses:
    """Finds the names that were meant, each once, and no more than anybody reads."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, tuple[str, ...]], str] = {}

    def closest(self, name: str, names: tuple[str, ...]) -> str:
        """Return the most similar of `names`, "" when none is similar or enough were looked up."""
        asked = name, names
        if asked not in self._found:
            if len(self._found) >= MAX_GUESSES:
                return ""
            self._found[asked] = next(iter(get_close_matches(name, names, n=1, cutoff=LIKENESS)), "")
        return self._found[asked]
