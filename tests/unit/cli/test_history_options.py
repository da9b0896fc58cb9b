"""What `history reencrypt` takes on the command line is what the library knows."""

from __future__ import annotations

from enum import StrEnum

import click
import pytest

from trailseal.cli.history.reencrypt import reencrypt
from trailseal.history.reencrypt.engines import EngineName, EngineOptions
from trailseal.history.reencrypt.keep_readers import LOSE_ACCESS
from trailseal.history.reencrypt.options import ReencryptOptions, WantedMethod
from trailseal.history.reencrypt.trial import COPIES
from trailseal.history.rules.summary import Verify

OPTIONS = {option.name: option for option in reencrypt.params}


@pytest.mark.parametrize(
    ("name", "known"), [("engine", EngineName), ("method", WantedMethod), ("verify", Verify)]
)
def test_an_options_words_are_those_of_the_library(name: str, known: type[StrEnum]) -> None:
    choice = OPTIONS[name].type

    assert isinstance(choice, click.Choice)
    assert list(choice.choices) == list(known)


def test_what_can_be_accepted_is_what_the_library_takes_on() -> None:
    choice = OPTIONS["accept"].type

    assert isinstance(choice, click.Choice)
    assert list(choice.choices) == [LOSE_ACCESS, COPIES]


@pytest.mark.parametrize("name", ["method", "verify", "context", "bucket_key", "from_other_keys"])
def test_what_is_not_said_is_what_the_library_does_unasked(name: str) -> None:
    found = OPTIONS[name].get_default(click.Context(reencrypt))

    assert found == getattr(ReencryptOptions(), name)


def test_a_shard_is_as_large_as_the_library_makes_it() -> None:
    assert OPTIONS["shard_size"].default == EngineOptions().spark.shard_size
