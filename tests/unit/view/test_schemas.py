"""The documents are what the published schemas say."""

from __future__ import annotations

import json

import pytest

from key_policies import console
from schema_fit import fits_schema
from story_account import CONSOLE, USER1, account
from trailseal.run.policy import check, difference, show
from trailseal.run.who_question import Question, SavedObjects, proof, readers
from trailseal.view.json_document import json_document


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
    assert fits_schema(json.loads(json_document(DOCUMENTS[name]())), name)
    assert not fits_schema({"format": 2}, name)
