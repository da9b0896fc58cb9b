"""The published schemas are fresh, and every verb that answers in JSON has one, the lab's too."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import click
import pytest

from docs.transcripts import ROOT
from schema_fit import SCHEMAS
from trailseal.cli.main import trailseal

sys.path.append(str(ROOT / "tools"))
import topics


def test_the_schemas_are_those_that_were_reviewed():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "schemas.py"), "check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def with_json(group, path=()):
    """Yield the names of all commands that answer in JSON."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from with_json(command, (*path, name))
        elif any(parameter.name == "output" for parameter in command.params):
            yield (*path, name)


@pytest.mark.parametrize("path", list(with_json(trailseal)), ids=" ".join)
def test_each_verb_that_answers_in_json_has_a_schema(path):
    own = {".".join(path[:length]) for length in range(1, len(path) + 1)}

    assert own & SCHEMAS.keys() or any(name.startswith(".".join(path) + ".") for name in SCHEMAS)


def test_the_wheel_holds_each_schema_by_itself():
    held = files("trailseal") / "schemas"
    if not (held / "check.json").is_file():
        pytest.skip("the sources are tested, not the wheel")
    for name, schema in SCHEMAS.items():
        assert json.loads((held / f"{name}.json").read_text(encoding="utf-8")) == schema


def test_the_wheel_holds_the_pages_of_both_languages():
    held = files("trailseal") / "topics"
    if not (files("trailseal") / "schemas" / "check.json").is_file():
        pytest.skip("the sources are tested, not the wheel")
    pages = {
        f"{name}.{each}.md": page for name, both in topics.pages().items() for each, page in both.items()
    }

    assert {each.name: each.read_bytes() for each in held.iterdir()} == {
        name: page.read_bytes() for name, page in pages.items()
    }


def test_each_schema_has_an_id_of_its_own():
    names = {schema["$id"] for schema in SCHEMAS.values()}

    assert names == {f"urn:trailseal:schema:{name}:1" for name in SCHEMAS}
