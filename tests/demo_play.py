"""
The whole of what `demo` prints, as it stands in `tests/golden`, but for times, identifiers, numbers of files.

    PYTHONPATH=src python tests/demo_play.py    play it in each language and write the files again
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from docs.transcripts import SHAPES

LANGUAGES = ("en", "ja")
COLUMNS = "100"
GOLDEN = Path(__file__).parent / "golden"
BLANKS = 2
"""Of the shapes of a transcript the last ones are of rules and blanks, which belong to a screen."""
ANY_ID = r"\b[0-9a-f]{12,40}\b"
ID = re.compile(r"\b(?!\d{12}\b)[0-9a-f]{12,40}\b")
"""Of an identifier; an account is no such one, and stays."""
MORE = (
    (ID, "<id>"),
    (re.compile(r"(?<=およそ )\d+ (秒|分)"), "<span>"),
    (re.compile(r"(?<=ログファイル )\d+(?= 件)"), "<n>"),
)


def play(lang: str) -> subprocess.CompletedProcess[str]:
    """Return the demo as a user sees it: stdout and stderr in one."""
    return subprocess.run(
        [sys.executable, "-m", "trailseal", "demo", "--cycle", "1", "--lang", lang],
        env={**os.environ, "COLUMNS": COLUMNS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )


def plain(text: str) -> str:
    """Return the text with what differs from play to play replaced by its shape."""
    for pattern, shape in (*(each for each in SHAPES[:-BLANKS] if each[0].pattern != ANY_ID), *MORE):
        text = pattern.sub(shape, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def golden(lang: str) -> Path:
    """Return the file of one language."""
    return GOLDEN / f"demo.{lang}.txt"


if __name__ == "__main__":
    for each in LANGUAGES:
        golden(each).write_text(plain(play(each).stdout), encoding="utf-8")
