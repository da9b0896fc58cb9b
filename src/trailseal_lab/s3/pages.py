"""
Which names of a bucket come on a page: after a marker, under a prefix, grouped by a delimiter.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct

MOST = 1000


class Wanted(Struct, frozen=True, kw_only=True):
    """What a list asks for; `after` is a name, or the common prefix that the page before ended with."""

    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    most: int = MOST


class ListPage(Struct, frozen=True, kw_only=True):
    """One page: names and common prefixes in their order, and whether there are more."""

    items: tuple[str, ...]
    groups: frozenset[str]
    truncated: bool

    @property
    def last(self) -> str:
        """What the next page comes after."""
        return self.items[-1] if self.items else ""


def page_of(names: Sequence[str], wanted: Wanted) -> ListPage:
    """Return a page of sorted names; a page of nothing is never cut short, as in S3."""
    items: list[str] = []
    groups: set[str] = set()
    for item, is_group in _items(names, wanted):
        if len(items) == wanted.most:
            return ListPage(items=tuple(items), groups=frozenset(groups), truncated=wanted.most > 0)
        items.append(item)
        groups |= {item} if is_group else set()
    return ListPage(items=tuple(items), groups=frozenset(groups), truncated=False)


def group_of(name: str, wanted: Wanted) -> str:
    """Return the common prefix that a name is shown as, "" where it is shown itself."""
    if not wanted.delimiter:
        return ""
    end = name.find(wanted.delimiter, len(wanted.prefix))
    return name[: end + len(wanted.delimiter)] if end >= 0 else ""


def _items(names: Sequence[str], wanted: Wanted) -> Iterator[tuple[str, bool]]:
    at = max(bisect_left(names, wanted.prefix), bisect_right(names, wanted.after) if wanted.after else 0)
    group = ""
    for name in names[at:]:
        if not name.startswith(wanted.prefix):
            return
        if group and name.startswith(group):
            continue
        group = group_of(name, wanted)
        if group != wanted.after or not group:
            yield (group or name), bool(group)
