"""
A policy document as a whole.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import Statement, read_statement
from trailseal.access.request import Document
from trailseal.messages import message

VERSIONS = ("2012-10-17", "2008-10-17")
ELEMENTS = frozenset({"Version", "Id", "Statement"})
KEPT = 20_000


class Policy(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """
    A document's statements, with its Id for the explanation.

    Compared by identity, so that what was found out about it can be remembered.
    """

    id: str
    statements: tuple[Statement, ...]


def read_policy(document: Document) -> Policy:
    """
    Return the policy in a document given as JSON text or parsed.

    Raises:
        InvalidPolicyError: it is not JSON, nested too deeply, or not a policy.
    """
    if isinstance(document, str):
        return _read_text(document)
    return _read(document)


@lru_cache(maxsize=KEPT)
def _read_text(text: str) -> Policy:
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as problem:
        raise InvalidPolicyError("", message("not JSON: {problem}", problem=str(problem))) from None
    return _read(raw)


def _read(raw: object) -> Policy:
    if not isinstance(raw, Mapping):
        raise InvalidPolicyError("", message("a policy is an object"))
    for name in raw:
        if name not in ELEMENTS:
            raise InvalidPolicyError(str(name), message("no such element"))
    version = raw.get("Version", VERSIONS[1])
    if version not in VERSIONS:
        raise InvalidPolicyError(
            "Version", message("Version is {new} or {old}", new=VERSIONS[0], old=VERSIONS[1])
        )
    if "Statement" not in raw:
        raise InvalidPolicyError("Statement", message("a policy has statements"))
    given = raw["Statement"]
    alone = isinstance(given, Mapping)
    statements = [given] if alone else given
    if not isinstance(statements, list | tuple):
        raise InvalidPolicyError("Statement", message("a statement or a list of statements"))
    return Policy(
        id=raw["Id"] if isinstance(raw.get("Id"), str) else "",
        statements=tuple(
            read_statement(
                each,
                place="Statement" if alone else f"Statement[{i}]",
                index=i,
                has_variables=version == VERSIONS[0],
            )
            for i, each in enumerate(statements)
        ),
    )
