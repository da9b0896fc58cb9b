"""Listings through the object plane: many folders at once, page after page."""

from __future__ import annotations

from collections.abc import Iterable

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, list_objects, list_versions
from trailseal.objects.moving_on import StandstillError, next_call
from trailseal.objects.pages import Page, read_page


def list_many(objects: Objects, bucket: str, folders: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """
    Return the keys under each of many (prefix, start-after) pairs, listed at once, in key order.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    pairs = tuple(folders)
    found: dict[str, list[str]] = {prefix: [] for prefix, _ in pairs}

    def then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
        page = page_of(answer)
        found[answer.call.about].extend(listed.key for listed in page.objects)
        return next_page(answer, page)

    calls = (list_objects(bucket, prefix, after=after, about=prefix) for prefix, after in pairs)
    for _ in objects.each(calls, then):
        pass
    for keys in found.values():
        keys.sort()
    return found


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
    found: dict[str, list[str]] = {prefix: [] for prefix in prefixes}

    def then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
        page, prefix = page_of(answer), answer.call.about
        found[prefix] += [folder.removeprefix(prefix).rstrip("/") for folder in page.folders]
        return next_page(answer, page)

    for _ in objects.each((list_objects(bucket, each, delimiter="/", about=each) for each in found), then):
        pass
    return {prefix: tuple(sorted(names)) for prefix, names in found.items()}


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
            message("this is no answer of S3: check AWS_ENDPOINT_URL, and what answers there"),
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
