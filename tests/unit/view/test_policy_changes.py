"""What is shown of a policy's change: whatever differs, and nothing that could pass for words of ours."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from rows import each_row
from trailseal.view.policy_changes import policy_changes, print_changes, quoted
from trailseal.view.terminal import Terminal

STATEMENT = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:user/b"]},
    "Action": ["kms:Decrypt", "kms:DescribeKey"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceArn": "arn:x", "aws:SourceAccount": ["1", "2"]}},
}
VALUES = ["other", "a sentence, and more", "", "true", True, None, 1, [], {}, ["x"], {"y": "z"}]
STAYS = {"Sid": "Root", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


def policy(*statements: dict[str, Any], **head: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **head, "Statement": list(statements)})


def shown(before: str, after: str) -> str:
    out = io.StringIO()
    print_changes(policy_changes(before, after), Terminal(file=out, width=10_000))
    return out.getvalue()


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield each place of a statement at which a value stands, but its Sid's."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        if (*place, name) != ("Sid",):
            yield (*place, name)
            yield from places(inner, (*place, name))


def with_value(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(STATEMENT)
    at: Any = changed
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    return changed


@each_row("value", VALUES, ids=map(repr, VALUES))
@each_row("place", list(places(STATEMENT)), ids=str)
def test_whatever_changes_in_a_statement_is_shown_with_what_stood_there(place, value) -> None:
    changed = with_value(place, value)
    lines = shown(policy(STAYS, STATEMENT), policy(STAYS, changed)).splitlines()

    assert lines[0].strip() == "~ Readers"
    assert lines[-1].strip() == "1 statement stays as it is"
    told = "\n".join(lines[1:-1])
    assert told
    leaf = {"['x']": "x", "{'y': 'z'}": "z"}.get(repr(value), value)
    assert quoted(leaf) in told


@pytest.mark.parametrize("missing", [name for name in STATEMENT if name != "Sid"])
def test_an_element_that_goes_is_shown(missing: str) -> None:
    left = {name: value for name, value in STATEMENT.items() if name != missing}

    assert f"- {missing}" in shown(policy(STATEMENT), policy(left))
    assert f"+ {missing}" in shown(policy(left), policy(STATEMENT))


def test_a_new_statement_stands_whole_and_a_policy_that_stays_is_counted() -> None:
    assert [line.strip() for line in shown("", policy(STATEMENT)).splitlines()] == [
        "+ Readers: Allow kms:Decrypt, kms:DescribeKey",
        "Principal AWS: arn:aws:iam::111122223333:role/a, arn:aws:iam::111122223333:user/b",
        "Condition StringEquals aws:SourceArn: arn:x",
        'Condition StringEquals aws:SourceAccount: "1", "2"',
    ]
    assert (
        shown(policy(STAYS, STATEMENT), policy(STATEMENT, STAYS)).strip() == "2 statements stay as they are"
    )
    assert "- Readers: Allow" in shown(policy(STAYS, STATEMENT), policy(STAYS))
    assert shown(policy(STAYS), policy(STAYS, Id="x")).splitlines()[1].split() == ["+", '"Id":"x"']
    assert "+ Empty" in shown("", policy({"Sid": "Empty"}))
    assert "NotAction: kms:*" in shown("", policy({"Sid": "a", "Effect": "Deny", "NotAction": "kms:*"}))


@pytest.mark.parametrize("text", ["two words", "a,b", "true", "12", "", '"', "鍵", "a\nb", "-1.5e3"])
def test_what_could_pass_for_something_else_is_quoted(text: str) -> None:
    assert quoted(text) == json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize(
    "word", ["kms:*", "arn:aws:iam::111122223333:role/a+b=c@d", "*", "2012-10-17x", "trueish"]
)
def test_a_plain_word_stands_as_it_is(word: str) -> None:
    assert quoted(word) == word
