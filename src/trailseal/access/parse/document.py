"""
A policy document as a whole: from JSON text, or a parsed value, to statements with their places.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from trailseal.access.parse.json_text import read_json
from trailseal.access.parse.kind import IN_IAM, IN_ORGANIZATIONS, OF_A_CALLER, PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import Statement, read_statement
from trailseal.access.request import Document
from trailseal.messages import message

VERSIONS = ("2012-10-17", "2008-10-17")
ELEMENTS = frozenset({"Version", "Id", "Statement"})
KEPT = 20_000
UNIQUE_SIDS = IN_IAM | IN_ORGANIZATIONS
"""
S3 takes equal Sids, and of KMS AWS's pages do not agree: there `policy lint` warns.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
"""
NO_BLANK_FIRST = IN_IAM | {PolicyKind.BUCKET}
"""What IAM and S3 parse has to begin with its brace: a blank line before it is refused."""


class Policy(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """
    A document's statements, with its Id for the explanation.

    Compared by identity, so that what was found out about it can be remembered.
    """

    id: str
    statements: tuple[Statement, ...]


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """A document taken apart: its statements, not read yet, each with its place."""

    id: str
    statements: Sequence[Any]
    places: Sequence[str]
    has_variables: bool


def read_policy(document: Document, kind: PolicyKind) -> Policy:
    """
    Return the policy in a document of this kind, given as JSON text or parsed.

    Raises:
        InvalidPolicyError: AWS would refuse it: it is not JSON, has a name twice, or breaks a rule.
    """
    if isinstance(document, str):
        return _read_text(document, kind)
    return _read(document, kind)


@lru_cache(maxsize=KEPT)
def _read_text(text: str, kind: PolicyKind) -> Policy:
    check_beginning(text, kind)
    return _read(read_json(text), kind)


def _read(raw: object, kind: PolicyKind) -> Policy:
    outline = read_outline(raw, kind)
    statements = tuple(
        read_statement(each, place=place, index=i, has_variables=outline.has_variables, kind=kind)
        for i, (each, place) in enumerate(zip(outline.statements, outline.places, strict=True))
    )
    if kind in UNIQUE_SIDS and (again := sids_again(statements)):
        raise InvalidPolicyError(f"{outline.places[again[0]]}.Sid", EQUAL_SIDS)
    return Policy(id=outline.id, statements=statements)


EQUAL_SIDS = message("another statement has this Sid too")


def sids_again(statements: Sequence[Statement]) -> tuple[int, ...]:
    """Return the positions of statements whose Sid an earlier one has; an empty Sid is none."""
    seen: set[str] = set()
    again: list[int] = []
    for i, statement in enumerate(statements):
        if statement.sid and statement.sid in seen:
            again.append(i)
        seen.add(statement.sid)
    return tuple(again)


def check_beginning(text: str, kind: PolicyKind) -> None:
    """
    Return when the text begins as this kind has to.

    Raises:
        InvalidPolicyError: something blank stands before the document.
    """
    if kind in NO_BLANK_FIRST and text[:1].isspace():
        raise InvalidPolicyError("", message("a policy of this kind begins with `{`, not with a blank"))


def read_outline(raw: object, kind: PolicyKind) -> Outline:
    """
    Return the document's outline.

    Identity policies have no Id: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_id.html
    Policies of organizations need the newer Version:
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html and
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html

    Raises:
        InvalidPolicyError: it is no object, has an element that no policy has, or lacks one.
    """
    if not isinstance(raw, Mapping):
        raise InvalidPolicyError("", message("a policy is an object"))
    for name in raw:
        if name not in ELEMENTS or (name == "Id" and kind in OF_A_CALLER):
            raise InvalidPolicyError(str(name), message("no such element"))
    version = _version(raw, kind)
    if "Statement" not in raw:
        raise InvalidPolicyError("Statement", message("a policy has statements"))
    given = raw["Statement"]
    alone = isinstance(given, Mapping)
    statements = [given] if alone else given
    if not isinstance(statements, list | tuple):
        raise InvalidPolicyError("Statement", message("a statement or a list of statements"))
    return Outline(
        id=raw["Id"] if isinstance(raw.get("Id"), str) else "",
        statements=statements,
        places=("Statement",) if alone else [f"Statement[{i}]" for i in range(len(statements))],
        has_variables=version == VERSIONS[0],
    )


def _version(raw: Mapping[str, Any], kind: PolicyKind) -> object:
    version = raw.get("Version", VERSIONS[1])
    if kind in IN_ORGANIZATIONS and version != VERSIONS[0]:
        raise InvalidPolicyError(
            "Version", message("a policy of this kind has the Version {version}", version=VERSIONS[0])
        )
    if version not in VERSIONS:
        raise InvalidPolicyError(
            "Version", message("Version is {new} or {old}", new=VERSIONS[0], old=VERSIONS[1])
        )
    return version
