"""The digest files of many chains listed: no more of them than a window needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from trailseal.history.rules.chain import BEFORE, NEVER, SPILL, ChainId, end_in_key
from trailseal.history.rules.digest import is_backfill
from trailseal.history.rules.validation import Window
from trailseal.history.rules.walk import TRIED
from trailseal.model.log_file import FIRST_YEAR
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import Objects
from trailseal.objects.folders import listed_of
from trailseal.objects.pages import Listed, Page

PAST = timedelta(days=1)
"""So long after a window, other trails' digest files in its folder are looked at."""


class DigestListing:
    """
    How one chain's folder is listed for a window: from a day before it on, or from its beginning.

    A listing from the beginning tells besides whether the chain is older than the window. From its first page
    it leaps to the window; of the years after the window it ends with the digest files that a walk tries.
    """

    def __init__(self, chain: ChainId, window: Window, *, from_beginning: bool = False) -> None:
        self.chain = chain
        self._window = window
        self._near = chain.first_key(window.start - BEFORE)
        self._past = chain.first_key(window.until + PAST)
        self._from_beginning = from_beginning or window.start.year < FIRST_YEAR
        self._leapt = False
        self._older = False
        self._later = 0

    @property
    def after(self) -> str:
        """The key after which the folder is listed."""
        return "" if self._from_beginning else self._near

    @property
    def has_older(self) -> bool | None:
        """Whether the chain has a digest file before the window, None where the listing does not tell."""
        return self._older or (None if self._leapt or not self._from_beginning else False)

    def goes_on(self, page: Page) -> bool | str:
        """Whether the listing goes on after a page with objects, or the key from which it does."""
        for each in page.objects:
            if self.chain.owns(each.key) and not is_backfill(each.key):
                end = end_in_key(each.key)
                self._older = self._older or NEVER < end < self._window.start
                self._later += end > self._window.until + SPILL
        last = page.objects[-1].key
        if last < self._near:
            self._leapt = True
            return self._near
        return last <= self._past or self._later < TRIED

    def near(self, listed: Iterable[Listed]) -> tuple[Listed, ...]:
        """Return what lies in the window, around it and after it, wherever the listing began."""
        return tuple(each for each in listed if each.key > self._near)


def list_digests(
    objects: Objects, bucket: str, listings: Iterable[DigestListing]
) -> dict[str, tuple[Listed, ...] | Unreadable]:
    """
    Return what lies in the folders of chains in and around the window, by folder, or the refusal of that one.

    Raises:
        TrailsealError: an answer is no listing, or a listing does not go on.
    """
    by_folder = {each.chain.folder: each for each in listings}
    folders = [(folder, each.after) for folder, each in by_folder.items()]
    listed = listed_of(objects, bucket, folders, goes_on=lambda folder, page: by_folder[folder].goes_on(page))
    return {
        folder: every if isinstance(every, Unreadable) else by_folder[folder].near(every)
        for folder, every in listed.items()
    }
