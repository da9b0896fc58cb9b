"""
Lists that end: a page has to bring its list further.

A server that gives the same pages again and again, or ever new tokens without new keys, would keep a listing
going for ever. S3 lists keys in their order; some servers list a folder's own in another, so a few pages that
lie before what was seen are let pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, quote

from msgspec import Struct, structs

from trailseal.objects.calls import ObjectRequest
from trailseal.objects.pages import Page

STANDSTILLS = 1000
"""Pages in a row that may bring no further key: of nothing but what is gone, or of one key's versions."""
OVER = frozenset({"continuation-token", "key-marker", "version-id-marker"})


class StandstillError(ValueError):
    """A list does not go on, and says that it does."""


class Reached(Struct, frozen=True):
    """
    How far a list has come.

    `mark` is how some earlier page began, another one after 1, 2, 4, 8… pages: pages that come round meet it.
    """

    furthest: str = ""
    standstills: int = 0
    mark: str = ""
    pages: int = 0
    until: int = 1


def further(reached: Reached, first: str, names: Sequence[str] | None) -> Reached:
    """
    Return how far a list has come with one more page, which begins with `first`.

    `names` are those on it where the list has an order, None where it has none that anybody promises.

    Raises:
        StandstillError: it has begun again, or brought nothing for many pages.
    """
    if first and first == reached.mark:
        raise StandstillError("the same again")
    furthest = max(reached.furthest, *names, "") if names is not None else ""
    goes_on = furthest > reached.furthest if names is not None else bool(first)
    if not goes_on and reached.standstills >= STANDSTILLS:
        raise StandstillError("page after page with nothing new")
    turn = reached.pages + 1 == reached.until
    return Reached(
        furthest=furthest,
        standstills=0 if goes_on else reached.standstills + 1,
        mark=first if turn else reached.mark,
        pages=reached.pages + 1,
        until=reached.until * 2 if turn else reached.until,
    )


def next_call(call: ObjectRequest, page: Page) -> ObjectRequest | None:
    """
    Return the call for the page after `page`, which `call` brought, with the same `about`; None at the end.

    Raises:
        StandstillError: the listing does not go on.
    """
    if not page.token and not page.key_marker:
        return None
    asked = parse_qs(call.query, keep_blank_values=True)
    now = {
        "continuation-token": page.token,
        "key-marker": page.key_marker,
        "version-id-marker": page.version_marker,
    }
    if all("".join(asked.get(name, ())) == value for name, value in now.items()):
        raise StandstillError("the same page again")
    names = [*(listed.key for listed in page.objects), *page.folders, page.key_marker]
    first = f"{page.objects[0].key} {page.objects[0].version_id}" if page.objects else names[0]
    kept = [part for part in call.query.split("&") if part.partition("=")[0] not in OVER]
    kept += [f"{name}={quote(value, safe='')}" for name, value in now.items() if value]
    return structs.replace(
        call, query="&".join(kept), reached=further(call.reached or Reached(), first, names)
    )
