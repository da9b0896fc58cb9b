"""botocore's paginators, made to end: an endpoint that gives the same pages for ever is no AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import PaginationError

from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.objects.moving_on import Reached, StandstillError, further

MOST_PAGES = 100_000
"""A hundred million objects; nothing that is asked for page by page has more."""
NAMES = {"Contents": "Key", "CommonPrefixes": "Prefix"}
"""The lists that S3 gives in the order of their names."""


class EndlessListError(NotAwsAnswerError):
    """A list that says that it goes on, and does not."""

    fmt = "the list of {operation} does not go on: {problem}"
    code = "EndlessList"


def watch(client: Any) -> None:
    """Let the client's paginators raise `EndlessListError` where a list does not go on."""
    unwatched = client.get_paginator

    def get_paginator(operation: str) -> _Watched:
        return _Watched(unwatched(operation), operation)

    client.get_paginator = get_paginator


class _Watched:
    def __init__(self, paginator: Any, operation: str) -> None:
        self._paginator = paginator
        self._operation = operation

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages, as botocore's paginator does."""
        steps = Steps(self._operation)
        try:
            for page in self._paginator.paginate(**asked):
                steps.take(page, [each.search(page) for each in self._paginator.result_keys])
                yield page
        except PaginationError as error:
            raise EndlessListError(operation=self._operation, problem="the same page again") from error


class Steps:
    """The pages of one list, each held against those before."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._reached = Reached()

    def take(self, page: dict[str, Any], found: list[Any]) -> None:
        """
        Take a page and the lists on it.

        Raises:
            EndlessListError: it has come before, or nothing has come for many pages, or too much.
        """
        in_order = [each[name] for part, name in NAMES.items() for each in page.get(part) or ()]
        try:
            self._reached = further(self._reached, repr(found) if any(found) else "", in_order or None)
        except StandstillError as problem:
            raise EndlessListError(operation=self._operation, problem=str(problem)) from problem
        if self._reached.pages > MOST_PAGES:
            raise EndlessListError(operation=self._operation, problem="too many pages")
