"""The published schemas are fresh, and the documents are what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from key_policies import console
from schema_fit import SCHEMAS, fits
from story_account import CONSOLE, USER1, account
from trailseal.cli.main import trailseal
from trailseal.run.policy import check, difference, show
from trailseal.run.who_question import Question, SavedObjects, proof, readers
from trailseal.view.json_document import json_document

ROOT = Path(__file__).parents[3]


def test_the_schemas_are_fresh():
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
    names = {file.stem for file in SCHEMAS.glob("*.json")}

    own = {".".join(path[:length]) for length in range(1, len(path) + 1)}

    assert own & names or any(name.startswith(".".join(path) + ".") for name in names)


class Keys:
    def key_policy(self, key_id):
        return {"alias/a": CONSOLE, "alias/b": console(reader=USER1)}[key_id]


SEEN = account()
DOCUMENTS = {
    "who.answer": lambda: readers(SEEN, Question(), SavedObjects(SEEN)),
    "who.proof": lambda: proof(SEEN, Question(only=(USER1,))),
    "policy.show": lambda: show("alias/a", Keys()),
    "policy.lint": lambda: check("alias/a", Keys()),
    "policy.diff": lambda: difference("alias/a", "alias/b", Keys()),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_what_its_schema_says(name):
    path = ROOT / "src" / "trailseal" / "schemas" / f"{name}.json"
    schema = json.loads(path.read_text(encoding="utf-8"))

    assert fits(json.loads(json_document(DOCUMENTS[name]())), schema, schema)
    assert not fits({"format": 2}, schema, schema)
