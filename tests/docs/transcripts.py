"""
Transcripts in the documentation: found, run again, compared.

A page says `<!-- transcript: story -->` before a ```console block: its `$` lines are then run in turn,
in one shell, against a lab of that scenario, and the output must be what stands there, except for
what differs from run to run (times, identifiers, ports), which is compared by its shape. A line that
is `...` stands for any number of lines, none of which tells of a failure.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from forked import Forked
from labs import Nursery

ROOT = Path(__file__).parent.parent.parent
RUN = re.compile(r"<!-- run -->\n```console\n(?P<text>.*?)\n```", re.DOTALL)
COMMAND = re.compile(r"(?P<line>(?:[^\n]*\\\n)*[^\n]*)\n?(?P<output>.*)", re.DOTALL)
"""A command goes on behind a line that ends with a backslash."""
MARK = "=====trailseal-command-ended====="
BLOCK = re.compile(r"<!-- transcript: (?P<scenario>[a-z]+) -->\n```console\n(?P<text>.*?)\n```", re.DOTALL)
FAILURE = "Traceback |error: |エラー: "
SHAPES = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\bmrk-[0-9a-f]{32}\b"), "<mrk>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?( UTC)?"), "<time>"),
    (re.compile(r"\d{4}/\d\d/\d\d"), "<day>"),
    (re.compile(r"\d{8}T\d{4}(\d\d)?Z(_[A-Za-z0-9]{16})?"), "<file-time>"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?|minutes?)\b"), "<span>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "<address>"),
    (re.compile(r"\b[0-9a-f]{12,40}\b"), "<id>"),
    (re.compile(r"(/tmp|/var|/home|/root)/[^\s`'\"]+"), "<path>"),
    (re.compile(r"\b\d+\b(?= (log files?|digest files?|objects?|ログファイル|ダイジェスト))"), "<n>"),
    (re.compile(r"[─━═╌]{3,}"), "───"),
    (re.compile(r"[ \t]+"), " "),
)


class Command(Struct, frozen=True, kw_only=True):
    """One `$` line with the output that the page shows for it."""

    line: str
    output: str


class Transcript(Struct, frozen=True, kw_only=True):
    """One block of a page."""

    page: str
    scenario: str
    commands: tuple[Command, ...]


def transcripts() -> list[Transcript]:
    """Return every transcript of the README files and of `docs/`."""
    pages = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    return [
        Transcript(
            page=str(page.relative_to(ROOT)), scenario=match["scenario"], commands=commands_of(match["text"])
        )
        for page in pages
        for match in BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


def commands_of(text: str) -> tuple[Command, ...]:
    """Return the commands of a block in order."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    found = [match for part in parts if (match := COMMAND.fullmatch(part))]
    return tuple(Command(line=match["line"].strip(), output=match["output"].rstrip()) for match in found)


def steps(page: str) -> list[Command]:
    """Return all commands of a tutorial in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [command for match in RUN.finditer(text) for command in commands_of(match["text"])]


def run_all(lines: Sequence[str], environment: dict[str, str], folder: Path, *, limit: float) -> list[str]:
    """Run command lines in one shell and return the output of each."""
    done = subprocess.run(
        ["bash", "-c", "\n".join(part for line in lines for part in (line, f"echo; echo {MARK}"))],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=limit,
        check=False,
    )
    return done.stdout.decode().split(MARK)[:-1]


@contextmanager
def lines_on_a_lab(
    scenario: str, *, nursery: Nursery, forked: Forked, environment: dict[str, str], folder: Path
) -> Iterator[list[str]]:
    """
    Yield the lines that a shell begins with, for a lab of a scenario to be there while it runs.

    The command `trailseal` is forked, and first on the path of `environment` from then on.
    """
    lab = nursery.start_lab(folder / "state", scenario, cycle=1)
    command = folder / "bin" / "trailseal"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(forked.command)} "$@"\n')
    command.chmod(0o755)
    environment["PATH"] = f"{command.parent}:{environment['PATH']}"
    yield [f"export {name}={shlex.quote(value)}" for name, value in lab.variables().items() if value]
    lab.stop()


def shaped(text: str) -> list[str]:
    """Return the lines with everything that differs from run to run replaced by its shape."""
    for pattern, shape in SHAPES:
        text = pattern.sub(shape, text)
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


def agrees(shown: str, real: str) -> bool:
    """Whether the real output is what the page shows, up to shapes and `...` lines."""
    pattern = [_pattern(line) for line in shaped(shown)]
    return re.fullmatch("".join(pattern), "".join(f"{line}\n" for line in shaped(real))) is not None


def _pattern(line: str) -> str:
    if line == "...":
        return rf"(?:(?!{FAILURE}).*\n)*?"
    if line.endswith(" ..."):
        return re.escape(line.removesuffix("...").rstrip()) + r".*\n"
    return re.escape(line) + r"\n"
