"""Every command line that the documentation shows is one that trailseal's own parser takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from docs.transcripts import ROOT, commands_of
from trailseal.cli.main import trailseal
from trailseal.errors import TrailsealError

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```(?:console|sh)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
PROMPT = re.compile(r"^\$ ", re.MULTILINE)
INDENTED = re.compile(r"^    (?P<line>trailseal .*)$", re.MULTILINE)
INNER = re.compile(r"\$\((trailseal [^()]*)\)")
STREAM = re.compile(r"(?<=\s)[12](?=>)")
OPERATORS = re.compile(r"[|&;<>()]+")


def lines_of(page: Path) -> list[str]:
    """Return the command lines that a page shows, in blocks with and without a prompt, and indented."""
    text = page.read_text(encoding="utf-8")
    found = [match["line"] for match in INDENTED.finditer(text)]
    for match in BLOCK.finditer(text):
        shown = match["text"]
        if PROMPT.search(shown):
            found += [command.line for command in commands_of(shown)]
        else:
            found += shown.replace("\\\n", " ").splitlines()
    return found


def calls_of(line: str) -> list[list[str]]:
    """
    Return the words of each call of trailseal in a shell's line, those of `$(…)` too.

    A call with a word that another program prints is left out: nobody knows the word.
    """
    inner = [words for part in INNER.findall(line) for words in calls_of(part)]
    lexer = shlex.shlex(STREAM.sub("", line.replace("\\\n", " ")), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    calls: list[list[str]] = [[]]
    for word in lexer:
        if OPERATORS.fullmatch(word):
            calls.append([])
        else:
            calls[-1].append(word)
    return [*inner, *(call for call in calls if call[:1] == ["trailseal"] and "$(" not in "".join(call))]


def parse(words: list[str]) -> None:
    """Read a call as the command line reads it, and do nothing of it."""
    command: click.Command = trailseal
    context = command.make_context("trailseal", list(words[1:]))
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, below, rest = command.resolve_command(context, rest)
        assert below is not None
        command, context = below, below.make_context(name, rest, parent=context)


CALLS = sorted(
    {
        (str(page.relative_to(ROOT)), tuple(call))
        for page in PAGES
        for line in lines_of(page)
        for call in calls_of(line)
    }
)


@pytest.mark.parametrize(("page", "call"), CALLS, ids=[f"{page}: {shlex.join(call)}" for page, call in CALLS])
def test_a_command_that_is_shown_can_be_read(page, call):
    try:
        parse(list(call))
    except click.exceptions.Exit:  # of --help and --version
        return
    except (click.ClickException, TrailsealError) as problem:
        pytest.fail(f"{page}: {shlex.join(call)}: {problem}")


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("trailseal plan --out p.json >/dev/null 2>&1", [["trailseal", "plan", "--out", "p.json"]]),
        ('eval "$(trailseal lab env)"', [["trailseal", "lab", "env"]]),
        ("trailseal check | head -2; trailseal who", [["trailseal", "check"], ["trailseal", "who"]]),
        ("aws s3 ls", []),
        ("trailseal plan \\\n  --trail a", [["trailseal", "plan", "--trail", "a"]]),
    ],
)
def test_calls_are_found_in_a_shells_line(line, calls):
    assert calls_of(line) == calls
