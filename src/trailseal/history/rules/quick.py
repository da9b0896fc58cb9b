"""
The quick estimate: where in time each Region's log files turn to SSE-KMS, found by bisecting.

It rests on one switch: older files are SSE-S3, newer ones SSE-KMS. Days away from the switch are looked at
too, and the share of them that agrees is the confidence that is stated.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, timedelta

from msgspec import Struct

CHECKS = 8


class DayQuestion(Struct, frozen=True):
    """Is the first object on or after this day under a KMS key? The answer is its day, and whether."""

    day: date


class DayAnswer(Struct, frozen=True):
    """The first object on or after a day; `sealed` is None when there is none, or it cannot be looked at."""

    day: date
    sealed: bool | None


class SwitchDay(Struct, frozen=True, kw_only=True):
    """
    What the bisecting found for one prefix.

    `day` is the first day with an SSE-KMS object, None when there is none; `agree` of `looked` other days
    are on the side where they should be.
    """

    prefix: str
    first: date
    last: date
    day: date | None
    agree: int
    looked: int
    files_a_day: float = 0.0
    newest_sealed: bool | None = None
    """Whether the newest object is under a KMS key, where no day begins so; None where that was not asked."""

    @property
    def before(self) -> int:
        """About how many objects are not under a KMS key."""
        end = self.day or self.last + timedelta(days=1)
        return round((end - self.first).days * self.files_a_day)

    @property
    def confidence(self) -> float:
        """The share of looked-at days that agree."""
        return self.agree / self.looked if self.looked else 0.0


class Quick(Struct, frozen=True, kw_only=True):
    """The estimate for a bucket."""

    format: int = 1
    bucket: str
    regions: tuple[SwitchDay, ...]
    without_days: tuple[str, ...] = ()
    """Prefixes under which there are no folders of days, so that nothing is known of them."""


def bisect(prefix: str, first: date, last: date) -> Generator[DayQuestion, DayAnswer, SwitchDay]:
    """Ask for days until the switch lies between two neighbours, then for days on both sides."""
    low, high = first, last + timedelta(days=1)
    while low < high:
        middle = low + (high - low) // 2
        seen = yield DayQuestion(middle)
        if seen.sealed:
            high = middle
        else:
            low = middle + timedelta(days=1)
    day = high if high <= last else None
    agree = looked = 0
    span = (last - first).days + 1
    for number in range(min(CHECKS, span)):
        seen = yield DayQuestion(first + timedelta(days=number * span // min(CHECKS, span)))
        if seen.sealed is not None:
            looked += 1
            agree += seen.sealed == (day is not None and seen.day >= day)
    return SwitchDay(prefix=prefix, first=first, last=last, day=day, agree=agree, looked=looked)
