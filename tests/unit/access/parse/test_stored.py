"""What AWS holds is never refused: what cannot be told of it is undecided, and narrowed by the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.parse.document import read_policy
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.stored import read_stored
from trailseal.access.request import Policies, Request

ALICE, BOB = (f"arn:aws:iam::123456789012:user/{name}" for name in ("alice", "bob"))
OBJECT = "arn:aws:s3:::logs/a"
kinds = st.sampled_from(sorted(PolicyKind))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
words = st.sampled_from(
    [
        *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *(
            "Resource",
            "NotResource",
            "Condition",
            "StringEquals",
            "NumericEquals",
            "IpAddress",
            "Null",
            "AWS",
        ),
        *("Allow", "Deny", "*", "s3:*", "2012-10-17", ALICE),
    ]
)
anything = st.recursive(
    scalars | words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(anything, kinds)
def test_any_value_is_read_or_refused_and_what_is_stored_is_always_read(value: Any, kind: PolicyKind) -> None:
    stored = read_stored(value, kind)
    try:
        strict = read_policy(value, kind)
    except InvalidPolicyError:
        assert any(s.undecided for s in stored.statements)
    else:
        assert stored.statements == strict.statements


@given(st.text(max_size=40), kinds)
def test_any_text_is_read_when_it_is_stored(text: str, kind: PolicyKind) -> None:
    assert read_stored(text, kind).statements is not None


def identity(*statements: Any) -> str:
    """Return an identity policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def ask(document: str, *, action: str = "s3:GetObject", more: str = "") -> Decision:
    """Return the decision on alice's request under a stored identity policy, and one that allows all."""
    request = Request(principal=ALICE, action=action, resource=OBJECT, resource_account="123456789012")
    policies = Policies(identity=(document, *([more] if more else [])))
    return authorize(request, policies, unknown_context="absent", stored=True)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("{", "#1"),
        ('{"Statement":[],"Statement":[]}', "Statement"),
        ('{"Version":"2008-10-17","Version":"2012-10-17","Statement":[]}', "Version"),
        (identity("x"), "Statement[0]"),
        (identity(ALL | {"Effect": "allow"}), "Statement[0].Effect"),
        (identity(ALL | {"Actions": "s3:*"}), "Statement[0].Actions"),
        (identity({"Effect": "Allow", "Resource": "*"}), "Statement[0].Action"),
        (identity(ALL)[:-3] + ',"Action":"sqs:*"}]}', "Statement[0].Action"),
        (identity(ALL)[:-3] + ',"Effect":"Deny"}]}', "Statement[0].Effect"),
        (
            identity(ALL | {"Condition": {"NumericEquals": {"aws:x": "y"}}}),
            "Statement[0].Condition.NumericEquals.aws:x",
        ),
    ],
)
def test_an_undecided_form_leaves_the_answer_unknown_and_names_its_place(document: str, place: str) -> None:
    alone, beside = ask(document), ask(document, more=identity(ALL))

    assert alone.effect is Effect.UNKNOWN
    assert ("not decided", place) in {(r.outcome, r.statement) for r in alone.reasons}
    may_deny = place in {"#1", "Statement", "Version", "Statement[0]", "Statement[0].Effect"}
    assert beside.effect is (Effect.UNKNOWN if may_deny else Effect.ALLOWED)


def test_what_can_be_read_of_an_undecided_statement_narrows_it() -> None:
    other = identity(
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"aws:x": "y"}}}
    )

    assert ask(other).effect is Effect.IMPLICITLY_DENIED
    assert ask(other, action="sqs:SendMessage").effect is Effect.UNKNOWN


def test_an_undecided_deny_never_denies_for_certain() -> None:
    deny = identity(
        ALL, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:x": "y"}}}
    )
    decision = ask(deny)

    assert decision.effect is Effect.UNKNOWN
    assert [r.outcome for r in decision.reasons] == ["not decided", "allow"]


def test_a_stored_principal_that_is_undecided_may_be_anybody() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/a*"},
        "Action": "s3:*",
    }
    document = json.dumps({"Statement": statement | {"Resource": "*"}})
    request = Request(principal=BOB, action="s3:GetObject", resource=OBJECT, resource_account="123456789012")

    stored = authorize(request, Policies(identity=(), resource=document), stored=True)

    assert stored.effect is Effect.UNKNOWN
    assert authorize(request, Policies(identity=(), resource=document)).effect is Effect.INVALID
