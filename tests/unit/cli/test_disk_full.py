"""Where an answer cannot be written, one line says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [["--help"], ["permissions", "check"], ["simulate"]], ids=" ".join)
def test_a_full_disk_is_one_line(words: list[str]) -> None:
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "trailseal", "--lang", "en", *words],
            input="{}\n", stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert ended.returncode == 1
    assert ended.stderr == "error: reading or writing failed: No space left on device\n"
