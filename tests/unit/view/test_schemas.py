"""The published schemas are fresh, and the documents are what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from key_policies import console
from story_account import CONSOLE, USER1, account
from trailseal.run.policy import check, difference, show
from trailseal.run.who_question import Question, SavedObjects, proof, readers
from trailseal.view.json_document import json_document

ROOT = Path(__file__).parents[3]
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def test_the_schemas_are_fresh():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "schemas.py"), "check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def fits(value, schema, whole):  # noqa: PLR0911 - one answer for each word of a schema
    """Whether a value is what a schema of ours says: the words that msgspec writes, and no others."""
    if "$ref" in schema:
        return fits(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        return any(fits(value, each, whole) for each in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return value == schema["const"]
    kind = schema.get("type")
    if kind and not isinstance(value, KINDS[kind]):
        return False
    if kind == "array" and isinstance(schema.get("items"), dict):
        return all(fits(each, schema["items"], whole) for each in value)
    if kind == "object":
        named = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        return set(schema.get("required", ())) <= set(value) and all(
            fits(each, named.get(name, others if isinstance(others, dict) else {}), whole)
            for name, each in value.items()
        )
    return True


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
