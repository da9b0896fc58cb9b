"""Nothing is changed before somebody agrees, and each way of not agreeing has one end."""

from __future__ import annotations

import io
import sys

import click
import pytest

from trailseal.cli.consent import agreed, ask
from trailseal.errors import ExitCode, TrailsealError
from trailseal.messages import message

QUESTION = message("Do this?")


@pytest.fixture
def answer(monkeypatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.mark.parametrize(("text", "expected"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_an_answer_is_taken(answer, text, expected):
    answer(text)

    assert agreed(QUESTION, yes=False) is expected


def test_yes_asks_nobody(answer, capsys):
    answer("")

    assert ask(QUESTION, yes=True) is None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [("n\n", ExitCode.FAILED, "nothing was changed"), ("", ExitCode.USAGE, "nobody can be asked here")],
    ids=["no", "nobody"],
)
def test_without_agreement_a_command_ends(answer, text, code, said):
    answer(text)
    with pytest.raises(TrailsealError, match=said) as ended:
        ask(QUESTION, yes=False)

    assert ended.value.exit_code == code


def test_an_interruption_stays_one(monkeypatch):
    class Interrupted(io.StringIO):
        def readline(self, size=-1):
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())

    with pytest.raises(click.Abort):
        ask(QUESTION, yes=False)
