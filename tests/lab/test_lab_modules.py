"""The lab loads every module that answers, watches or acts with time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from trailseal_lab.services import MODULES
from witnesses import ROOT

LAB = ROOT / "src" / "trailseal_lab"
REGISTERING = frozenset({"answers", "each_cycle", "observes"})


def names_of(path: Path) -> Iterator[str]:
    """Yield the names of what decorates the functions of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            for each in node.decorator_list:
                called = each.func if isinstance(each, ast.Call) else each
                if isinstance(called, ast.Name):
                    yield called.id


def test_every_module_that_registers_something_is_loaded() -> None:
    registering = {
        ".".join(path.relative_to(LAB).with_suffix("").parts)
        for path in LAB.rglob("*.py")
        if REGISTERING & set(names_of(path))
    }

    assert registering - set(MODULES) == set()
