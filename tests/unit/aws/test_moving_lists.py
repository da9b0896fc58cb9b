"""A list of AWS that does not go on ends, and is told as what could not be read."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import PaginationError

import trailseal.aws
from trailseal.aws.errors import code_of, stops, unreadable
from trailseal.aws.moving_lists import MOST_PAGES, EndlessListError, Steps, watch


class Key:
    def __init__(self, name: str) -> None:
        self.name = name

    def search(self, page: dict[str, Any]) -> object:
        return page.get(self.name)


class Client:
    """A client whose pages never end."""

    def __init__(self, page: Callable[[int], dict[str, Any]], *, most: int = 10**6) -> None:
        self.page = page
        self.most = most
        self.result_keys = [Key("Contents"), Key("CommonPrefixes"), Key("Trails")]
        self.given = 0

    def get_paginator(self, _operation: str) -> Client:
        return self

    def paginate(self, **_: Any) -> Any:
        for number in range(self.most):
            self.given += 1
            yield self.page(number)


def same_token(_: int) -> dict[str, Any]:
    raise PaginationError(message="The same next token was received twice: t")


KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "the same token": same_token,
    "the same trails": lambda _: {"Trails": [{"TrailARN": "a"}]},
    "trails that come round": lambda number: {"Trails": [{"TrailARN": str(number % 5)}]},
    "nothing": lambda _: {"Trails": []},
    "the same keys": lambda _: {"Contents": [{"Key": "a"}]},
    "keys that go back": lambda number: {"Contents": [{"Key": f"{10**9 - number}"}]},
    "the same folders": lambda _: {"CommonPrefixes": [{"Prefix": "a/"}]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_that_does_not_go_on_ends_and_is_a_fact_of_its_place(kind: str) -> None:
    client: Any = Client(KINDS[kind])
    watch(client)

    with pytest.raises(EndlessListError) as told:
        list(client.get_paginator("list_trails").paginate())

    assert client.given <= 1100
    assert not stops(told.value)
    assert unreadable(told.value, call="cloudtrail:ListTrails").code == "EndlessList" == code_of(told.value)
    assert "the list of list_trails does not go on" in str(told.value)


def test_a_list_that_goes_on_comes_whole() -> None:
    pages = [{"Contents": [{"Key": f"{number:09}"}], "CommonPrefixes": None} for number in range(3000)]
    client: Any = Client(lambda number: pages[number], most=3000)
    watch(client)

    assert list(client.get_paginator("list_objects_v2").paginate()) == pages


def test_there_is_an_end_to_what_is_always_new() -> None:
    steps = Steps("list_keys")
    for number in range(MOST_PAGES):
        steps.take({}, [[number]])

    with pytest.raises(EndlessListError, match="too many pages"):
        steps.take({}, [[MOST_PAGES]])


def test_every_list_of_the_room_is_watched() -> None:
    """Whoever asks page by page asks a paginator, or holds each page against those before."""
    for path in Path(trailseal.aws.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.While):
                text = ast.unparse(node)
                assert "Token" not in text or ".take(" in text, path
