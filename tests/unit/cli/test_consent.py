"""Nothing is changed before somebody agrees, and each way of not agreeing has one end."""

from __future__ import annotations

import io
import sys

import click
import pytest

from trailseal.cli.consent import agreed, ask
from trailseal.errors import ExitCode, TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal.view.streams import open_streams

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

    ask(QUESTION, yes=True)

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


@pytest.mark.parametrize("written", [None, b"", b"\xff\n", b"\xffy\n", b"\0\n"])
def test_what_is_no_answer_is_none(monkeypatch, written):
    """A closed stdin, and letters that its encoding has not."""
    stdin = None if written is None else io.TextIOWrapper(io.BytesIO(written), encoding="utf-8")
    for name, stream in {"stdin": stdin, "stdout": sys.stdout, "stderr": sys.stderr}.items():
        monkeypatch.setattr(sys, name, stream)
    open_streams()

    with pytest.raises(UsageProblem, match="nobody can be asked here"):
        ask(QUESTION, yes=False)


def test_an_interruption_stays_one(monkeypatch):
    class Interrupted(io.StringIO):
        def readline(self, size=-1):
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())

    with pytest.raises(click.Abort):
        ask(QUESTION, yes=False)
