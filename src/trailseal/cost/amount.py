"""Ranges: what is estimated has a low and a high end, and arithmetic keeps both."""

from __future__ import annotations

from msgspec import Struct


class Range(Struct, frozen=True):
    """From `low` to `high`, both meant; the same number twice is a number that is known."""

    low: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def times(self, low: float, high: float | None = None) -> Range:
        """Return the range multiplied by a number, or end by end by another range."""
        return Range(self.low * low, self.high * (low if high is None else high))

    def less(self, free: float) -> Range:
        """Return what is left after a free amount: the low end has all of it, the high end none."""
        return Range(max(0.0, self.low - free), self.high)

    @property
    def is_known(self) -> bool:
        """Whether both ends are the same number."""
        return self.low == self.high


NOTHING = Range(0.0, 0.0)


def exactly(number: float) -> Range:
    """Return a number that is known."""
    return Range(float(number), float(number))


def total(amounts: tuple[Range, ...]) -> Range:
    """Return the sum, nothing for none."""
    return sum(amounts, start=NOTHING)
