"""The page on architecture tells the rooms as they are, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

from docs.transcripts import ROOT

PACKAGE = ROOT / "src" / "trailseal"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROW = re.compile(r"^\| `([a-z/]+)/` \| .* \| (.*) \|$", re.MULTILINE)
PURE = ("model", "access", "objects", "controls", "plan", "cost", "history/rules")
NO_ROOM = frozenset({"schemas", "topics", "__pycache__"})


def told() -> dict[str, set[str]]:
    """Return what each room may import as the page has it."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {room: set(cell.split(", ")) for room, cell in ROW.findall(page)}
    for may in rooms.values():
        if "the pure rooms" in may:
            may.update(PURE)
        if "everything" in may:
            may.update(rooms)
    return rooms


def imported(path: Path) -> Iterator[str]:
    """Yield the full names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module":
            yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def room_of(name: str, rooms: dict[str, set[str]]) -> str:
    """Return the innermost room that a path or a module lies in, "" for the ground."""
    place = name.replace(".", "/") + "/"
    return max((room for room in rooms if place.startswith(f"{room}/")), key=len, default="")


def test_every_room_is_told():
    found = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - NO_ROOM

    assert {room.partition("/")[0] for room in told()} == found


@pytest.mark.parametrize("room", told())
def test_a_room_imports_what_the_page_says_and_nothing_else(room):
    rooms = told()
    files = (PACKAGE / room).rglob("*.py")
    own = [path for path in files if room_of(str(path.parent.relative_to(PACKAGE)), rooms) == room]
    names = {
        name.removeprefix("trailseal.") for path in own for name in imported(path) if "trailseal." in name
    }

    assert {other for name in names if (other := room_of(name, rooms)) not in {"", room}} <= rooms[room]


def test_the_contract_of_the_lab_names_every_room():
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    named = {
        module.removeprefix("trailseal.")
        for contract in contracts
        if contract["source_modules" if "source_modules" in contract else "layers"] == ["trailseal_lab"]
        for module in contract["forbidden_modules"]
    }

    assert named | {"model", "access"} == {room.partition("/")[0] for room in told()}


@pytest.mark.parametrize(
    ("package", "extras"), [("trailseal", ("history", "spark")), ("trailseal_lab", ("lab", "history"))]
)
def test_what_is_imported_is_declared(package, extras):
    project = PROJECT["project"]
    lines = [*project["dependencies"], *(x for e in extras for x in project["optional-dependencies"][e])]
    declared = {plain(re.split(r"[\[<>=]", line)[0]) for line in lines}
    of = packages_distributions()
    top = {
        name.partition(".")[0] for path in (ROOT / "src" / package).rglob("*.py") for name in imported(path)
    }
    outside = top - set(sys.stdlib_module_names) - {"trailseal", "trailseal_lab"}

    missing = {name for name in outside if not declared & {plain(each) for each in of.get(name, [name])}}
    assert missing == set()


BROUGHT_FOR_ANOTHER = {"flask", "flask-cors"}
"""moto's server imports them, and does not bring them by itself."""


def test_what_is_declared_is_imported():
    project = PROJECT["project"]
    lines = chain(project["dependencies"], *project["optional-dependencies"].values())
    declared = {plain(re.split(r"[\[<>=]", line)[0]) for line in lines}
    of = packages_distributions()
    files = [
        path for package in ("trailseal", "trailseal_lab") for path in (ROOT / "src" / package).rglob("*.py")
    ]
    top = {name.partition(".")[0] for path in files for name in imported(path)}

    assert declared - {plain(each) for name in top for each in of.get(name, [name])} == BROUGHT_FOR_ANOTHER


def test_no_class_name_stands_for_two_ideas():
    found: dict[str, list[str]] = {}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(str(path.relative_to(ROOT)))

    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_no_table_has_a_key_twice():
    """The first of the two would be shown nowhere; ruff compares literal keys and names alone."""
    found = []
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = [ast.unparse(key) for key in node.keys if key is not None]
                found += [f"{path.relative_to(ROOT)}:{node.lineno} {k}" for k in keys if keys.count(k) > 1]

    assert found == []


EXAMPLES = {
    "access/lint/catalogue.py": "the examples of what a rule is about",
    "access/lint/together.py": "requests that no estate makes, to compare two statements by",
    "plan/intent.py": "the example of an intent",
}


def test_no_arn_is_written_with_the_partition_of_most_regions():
    """The account at hand may be in aws-cn or aws-us-gov: `model.arn` puts ARNs together."""
    found = set()
    for path in (ROOT / "src" / "trailseal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.search(r"(?<![`\w])arn:aws:(?!\.)", text):
                found.add(str(path.relative_to(ROOT / "src" / "trailseal")))

    assert found == EXAMPLES.keys()


def plain(name: str) -> str:
    """Return a distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
