"""How many of the delivered objects are looked at: all of few, and of many a few of each place and day."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from trailseal.model.log_file import Delivered
from trailseal.model.unreadable import Unreadable
from trailseal.plan.plan import Watched
from trailseal.run.deliveries import Stored

MOST = 10_000
"""Objects that are each looked at; of more, a sample is."""


class Listing(Struct, kw_only=True):
    """What a listing shows of one place, of which `objects` are looked at, or why it shows nothing."""

    place: Watched
    kind: Delivered
    objects: tuple[Stored, ...] | Unreadable
    listed: int = 0

    @property
    def chosen(self) -> int:
        """How many are looked at."""
        return 0 if isinstance(self.objects, Unreadable) else len(self.objects)


class Listings:
    """The listings of every place; beyond `MOST` objects only samples are kept, which need little memory."""

    def __init__(self, *, every: bool) -> None:
        self._every = every
        self._listed = 0
        self._by_trail: dict[str, list[Listing]] = {}

    def add(self, listing: Listing) -> None:
        """Take one place's objects, newest first."""
        listing.listed = listing.chosen
        was, self._listed = self._listed, self._listed + listing.listed
        self._by_trail.setdefault(listing.place.trail_arn, []).append(listing)
        if self._every or self._listed <= MOST:
            return
        for each in self._all() if was <= MOST else (listing,):
            if not isinstance(each.objects, Unreadable):
                each.objects = sample(each.objects)

    def of(self, trail_arn: str) -> tuple[Listing, ...]:
        """Return the places of one trail."""
        return tuple(self._by_trail.get(trail_arn, ()))

    def _all(self) -> Iterable[Listing]:
        return (each for listings in self._by_trail.values() for each in listings)


def sample(objects: tuple[Stored, ...]) -> tuple[Stored, ...]:
    """Return the last of each day, and the first of all; they come newest first, and so does the sample."""
    by_day = {each.last_modified.date(): each for each in reversed(objects)}
    kept = {each.key for each in by_day.values()} | {each.key for each in objects[-1:]}
    return tuple(each for each in objects if each.key in kept)
