"""Listings through the object plane: many folders at once, page after page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, list_objects, list_versions
from trailseal.objects.moving_on import StandstillError, next_call
from trailseal.objects.pages import Listed, Page, read_page

Folder = tuple[str, str]
"""A prefix, and the key after which it is listed."""
GoesOn = Callable[[str, Page], bool | str]
"""Whether a prefix's listing goes on after a page, or the key after which it does, past what lies between."""


def list_many(objects: Objects, bucket: str, folders: Iterable[Folder]) -> dict[str, list[str]]:
    """
    Return the keys under each of many (prefix, start-after) pairs, listed at once, in key order.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    listed = _pages(objects, _calls(bucket, folders), page_of)
    return {prefix: sorted(e.key for page in pages for e in page.objects) for prefix, pages in listed.items()}


def listed_of(
    objects: Objects, bucket: str, folders: Iterable[Folder], *, goes_on: GoesOn = lambda *_: True
) -> dict[str, tuple[Listed, ...] | Unreadable]:
    """
    Return what lies under each of many (prefix, start-after) pairs, in key order, or the refusal of that one.

    Of each page with objects, `goes_on` says what is listed next.

    Raises:
        TrailsealError: an answer is no listing, or a listing does not go on.
    """
    refused: dict[str, Unreadable] = {}
    listed = _pages(objects, _calls(bucket, folders), _or_refused(refused), goes_on)
    return {
        prefix: refused.get(prefix)
        or tuple(sorted((each for page in pages for each in page.objects), key=lambda each: each.key))
        for prefix, pages in listed.items()
    }


def subfolders(objects: Objects, bucket: str, prefix: str) -> tuple[str, ...]:
    """
    Return the names of the folders directly under a prefix.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    return subfolders_of(objects, bucket, (prefix,))[prefix]


def subfolders_of(objects: Objects, bucket: str, prefixes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """
    Return the names of the folders directly under each of many prefixes, listed at once.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    listed = _pages(objects, _folder_calls(bucket, prefixes), page_of)
    return {prefix: _names(prefix, pages) for prefix, pages in listed.items()}


def subfolders_told(
    objects: Objects, bucket: str, prefixes: Iterable[str]
) -> dict[str, tuple[str, ...] | Unreadable]:
    """
    Return the names of the folders directly under each of many prefixes, or the refusal of that one.

    Raises:
        TrailsealError: an answer is no listing, or a listing does not go on.
    """
    refused: dict[str, Unreadable] = {}
    listed = _pages(objects, _folder_calls(bucket, prefixes), _or_refused(refused))
    return {prefix: refused.get(prefix) or _names(prefix, pages) for prefix, pages in listed.items()}


def unlisted(answer: ObjectResponse) -> Unreadable:
    """Return the refusal of a listing as a value; it is `about` its prefix."""
    where = f"s3://{answer.call.bucket}/{answer.call.about}"
    return Unreadable(call="s3:ListBucket", code=answer.error, where=where, detail=answer.message)


def _calls(bucket: str, folders: Iterable[Folder]) -> dict[str, ObjectRequest]:
    return {prefix: list_objects(bucket, prefix, after=after, about=prefix) for prefix, after in folders}


def _folder_calls(bucket: str, prefixes: Iterable[str]) -> dict[str, ObjectRequest]:
    return {each: list_objects(bucket, each, delimiter="/", about=each) for each in prefixes}


def _names(prefix: str, pages: Iterable[Page]) -> tuple[str, ...]:
    return tuple(sorted(each.removeprefix(prefix).rstrip("/") for page in pages for each in page.folders))


def _or_refused(refused: dict[str, Unreadable]) -> Callable[[ObjectResponse], Page]:
    """Return a reader of answers for which a refusal is a page of nothing, and noted."""

    def read(answer: ObjectResponse) -> Page:
        if not answer.error:
            return page_of(answer)
        refused[answer.call.about] = unlisted(answer)
        return Page()

    return read


def _pages(
    objects: Objects,
    calls: dict[str, ObjectRequest],
    read: Callable[[ObjectResponse], Page],
    goes_on: GoesOn = lambda *_: True,
) -> dict[str, list[Page]]:
    """Return the pages of many listings by prefix, listed at once."""
    found: dict[str, list[Page]] = {prefix: [] for prefix in calls}

    def then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
        page, prefix = read(answer), answer.call.about
        found[prefix].append(page)
        more = goes_on(prefix, page) if page.objects else True
        further = next_page(answer, page) if more else ()
        if further and isinstance(more, str):
            return (list_objects(answer.call.bucket, prefix, after=more, about=prefix),)
        return further

    for _ in objects.each(calls.values(), then):
        pass
    return found


def more_than(
    objects: Objects, bucket: str, prefixes: Iterable[str], number: int, *, versions: bool = False
) -> bool:
    """
    Return whether there are more objects (or versions) than `number`; no more are listed than that needs.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    ask = list_versions if versions else list_objects

    def then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
        return next_page(answer, page_of(answer))

    found = 0
    for answer in objects.each((ask(bucket, prefix) for prefix in prefixes), then):
        found += len(page_of(answer).objects)
        if found > number:
            return True
    return False


def next_page(answer: ObjectResponse, page: Page) -> tuple[ObjectRequest, ...]:
    """
    Return the call for the page after the one in an answer, with the same `about`; none at the end.

    Raises:
        TrailsealError: the listing does not go on.
    """
    try:
        call = next_call(answer.call, page)
    except StandstillError as problem:
        raise TrailsealError(
            message(
                "the listing of `{bucket}` does not go on: {problem}",
                bucket=answer.call.bucket,
                problem=str(problem),
            ),
            message("this is not an answer from S3: check AWS_ENDPOINT_URL, and what answers there"),
        ) from problem
    return () if call is None else (call,)


def page_of(answer: ObjectResponse) -> Page:
    """
    Return the page in an answer.

    Raises:
        TrailsealError: it is an error, or not a listing.
    """
    if answer.error:
        raise TrailsealError(
            message(
                "`{bucket}` cannot be listed: {error} {text}",
                bucket=answer.call.bucket,
                error=answer.error,
                text=answer.message,
            ),
            message("allow s3:ListBucket on the bucket, and check its name and Region"),
        )
    try:
        return read_page(answer.body)
    except ValueError as problem:
        raise TrailsealError(
            message(
                "`{bucket}` answered with no listing: {problem}",
                bucket=answer.call.bucket,
                problem=str(problem),
            )
        ) from problem
