"""
What a role's sessions may say of themselves in tags: a session tag wins over the role's own.

Whoever assumes the role passes them, where the trust policy lets him sts:TagSession; its conditions
on aws:RequestTag and aws:TagKeys tell which.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html and
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.lint.matching import glob, reaches
from trailseal.access.lint.written import Clause, WrittenStatement, read_written
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.errors import UsageProblem

TAG_SESSION = "sts:TagSession"
TAG = "aws:PrincipalTag/"
ALL_TAGS = TAG + "*"
REQUEST_TAG = "aws:requesttag/"
TAG_KEYS = "aws:tagkeys"
COMPARES = frozenset({"stringequals", "stringlike"})
ANYTHING = ("*",)
KEPT = 4_000


def tags_of_user(tags: Mapping[str, str]) -> dict[str, Value]:
    """Return the tags of somebody who has no sessions that could say otherwise."""
    found: dict[str, Value] = {TAG + key: (value,) for key, value in tags.items()}
    return found | {ALL_TAGS: ()}


def tags_of_sessions(tags: Mapping[str, str], trust: str) -> dict[str, Value]:
    """
    Return what the tags of a role's sessions can be.

    Where nobody may pass any, they are the role's. A tag that is the role's is there in any case, with
    its value or a passed one; another one is there if it is passed.
    """
    if not _passing(trust):
        return tags_of_user(tags)
    found: dict[str, Value] = {ALL_TAGS: Lack.UNKNOWN}
    for key, value in tags.items():
        passed = tuple(dict.fromkeys(_values(trust, key)))
        found[TAG + key] = OneOf((value, *passed)) if passed else (value,)
    return found


def _values(trust: str, key: str) -> Iterator[str]:
    """Yield patterns of the values that a session may be given for the tag."""
    for statement in _passing(trust):
        if statement is not None and any(_bars(clause, key) for clause in statement.clauses):
            continue
        wanted = [c for c in statement.clauses if _asks_for(c, key)] if statement else []
        yield from wanted[0].values if wanted else ANYTHING


def _bars(clause: Clause, key: str) -> bool:
    """Whether the clause lets only other tags be passed."""
    word, _, operator = clause.operator.lower().removesuffix("ignorecase").partition(":")
    if clause.key.lower() != TAG_KEYS or word != "forallvalues" or operator not in COMPARES:
        return False
    return not any("${" in value or glob(value.lower(), key.lower()) for value in clause.values)


def _asks_for(clause: Clause, key: str) -> bool:
    """Whether the clause fixes the value that is passed for the tag."""
    same = clause.key.lower() == REQUEST_TAG + key.lower()
    return same and clause.operator.lower() in COMPARES and not any("${" in v for v in clause.values)


@lru_cache(maxsize=KEPT)
def _passing(trust: str) -> tuple[WrittenStatement | None, ...]:
    """Return the statements that let somebody pass tags; None for one that cannot be decided."""
    if not trust:
        return ()
    try:
        statements = read_written(trust).statements
    except UsageProblem:
        return (None,)
    if any(s.undecided is not None for s in read_stored(trust, PolicyKind.TRUST).statements):
        return (None,)
    return tuple(s for s in statements if s.grants and reaches(s, TAG_SESSION))
