"""The tests that SECURITY.md names are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_promise_names_a_test_that_exists() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "|---" not in line][1:]

    assert len(rows) > 10
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        for path, test in named:
            assert f"def {test}" in (ROOT / path).read_text(), row
