"""
Transcripts in the documentation: found, run again, compared.

A page says `<!-- transcript: story -->` before a ```console block: its `$` lines are then run in turn,
in one shell, against a lab of that scenario, and the output must be what stands there, except for
what differs from run to run (times, identifiers, ports), which is compared by its shape. A line that
is `...` stands for any number of lines.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"<!-- transcript: (?P<scenario>[a-z]+) -->\n```console\n(?P<text>.*?)\n```", re.DOTALL)
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
    split = [part.partition("\n") for part in parts]
    return tuple(Command(line=line.strip(), output=output.rstrip()) for line, _, output in split)


def shaped(text: str) -> list[str]:
    """Return the lines with everything that differs from run to run replaced by its shape."""
    for pattern, shape in SHAPES:
        text = pattern.sub(shape, text)
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


def agrees(shown: str, real: str) -> bool:
    """Whether the real output is what the page shows, up to shapes and `...` lines."""
    pattern = [r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in shaped(shown)]
    return re.fullmatch("".join(pattern), "".join(f"{line}\n" for line in shaped(real))) is not None
