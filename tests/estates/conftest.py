"""
Rows that are known to fail stand in pending.txt and are expected to fail there; a passing one passes.

Each line is the end of a test's ID. A line goes when the fault behind it is mended. With
`TRAILSEAL_PENDING=no` nothing is expected to fail.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PENDING = frozenset(
    line
    for line in (HERE / "pending.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("TRAILSEAL_PENDING") == "no":
        return
    for item in items:
        if item.path.parent == HERE and f"{item.path.name}::{item.name}" in PENDING:
            item.add_marker(pytest.mark.xfail(strict=False, reason="known to fail: pending.txt"))
