"""
Policy documents as JSON values: reading, writing, comparing.

A document is compared by what it says: AWS may return one string where a list of one was given, and
the order of actions, principals and statements means nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trailseal.access.parse.json_text import read_json
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.model.foreign import DEEPEST
from trailseal.model.json_text import depth
from trailseal.plan.names import word

Statement = dict[str, Any]
Document = dict[str, Any]
LONGEST = 32_768
"""A key policy's limit in bytes. Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
VERSION = "2012-10-17"


def parse(text: str) -> Document:
    """
    Return the document in `text`.

    Raises:
        ValueError: it is not a JSON object with statements, or has a name twice and so no one meaning.
    """
    try:
        document = read_json(text)
    except InvalidPolicyError as problem:
        raise ValueError(str(problem)) from None
    if not isinstance(document, dict) or "Statement" not in document or depth(document) > DEEPEST:
        raise ValueError(text[:40])
    if not all(isinstance(statement, dict) for statement in statements(document)):
        raise ValueError(text[:40])
    return document


def write(document: Document) -> str:
    """Return the document as text, indented as the console shows it."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def as_sent(text: str) -> str:
    """
    Return the policy that is sent: written anew, without a blank, from the value that is read and shown.

    Whatever else a text could hold, a reader of AWS's never sees it.

    Raises:
        ValueError: it is no document, or has a name twice and so no one meaning.
    """
    return msgspec.json.encode(parse(text)).decode()


def statements(document: Document) -> list[Statement]:
    """Return the statements; a document may hold one without a list around it."""
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def meaning(text: str) -> str:
    """Return a text that is the same for two that say the same; of what is no document, the text itself."""
    try:
        return repr(normal(parse(text)))
    except ValueError:
        return text


def same(one: str, other: str) -> bool:
    """Whether two texts say the same. A text that is no document is like nothing but itself."""
    return one == other or meaning(one) == meaning(other)


def normal(value: Any) -> Any:
    """
    Return `value` in a form that is equal where two say the same: order is nothing, and one is a list of one.

    Each kind keeps its name, since Python takes `true` for 1 and a list of pairs could pass for an object.
    """
    if isinstance(value, dict):
        return ("object", *sorted((name, normal(inner)) for name, inner in value.items()))
    if isinstance(value, list):
        inner = sorted((normal(each) for each in value), key=repr)
        return inner[0] if len(inner) == 1 else ("list", *inner)
    return (type(value).__name__, value)


def fits(text: str) -> bool:
    """Whether KMS takes a policy of this length."""
    return len(text.encode()) <= LONGEST


def listed(value: Any) -> tuple[str, ...]:
    """Return a string or a list of strings as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def labels(names: tuple[str, ...], policy: str) -> tuple[str, ...]:
    """
    Return how statements of a policy are named in a plan: by the Sid if that is one word, else by position.

    A Sid of a key or a bucket policy may be any text, and a plan carries none that it does not send.
    """
    try:
        sids = [str(statement.get("Sid", "")) for statement in statements(parse(policy))]
    except ValueError:
        sids = []
    return tuple(dict.fromkeys(label for name in names if (label := _label(name, sids))))


def _label(name: str, sids: list[str]) -> str:
    return f"#{sids.index(name) + 1}" if name in sids and not word(name) else word(name)
