"""
What a role's sessions may say of themselves in tags: a session tag wins over the role's own.

Whoever assumes the role passes them, where the trust policy lets him sts:TagSession; its conditions
on aws:RequestTag and aws:TagKeys tell which, in an Allow as in a Deny.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html and
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from trailseal.access.facts import OTHERS, Lack, OneOf, Value
from trailseal.access.lint.matching import EVERYBODY, reaches
from trailseal.access.lint.written import Clause, WrittenStatement, read_written
from trailseal.access.match.wildcard import has_wildcard, matches
from trailseal.access.pairs import REQUEST_TAG, TAG_KEYS
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.errors import UsageProblem

TAG_SESSION = "sts:TagSession"
TAG = "aws:PrincipalTag/"
ALL_TAGS = TAG + OTHERS
COMPARES = frozenset({"stringequals", "stringlike"})
DIFFERS = frozenset({"stringnotequals", "stringnotlike"})
ANYTHING = ("*",)
KEPT = 4_000
ANY_OTHER = ""
"""A tag that the trust policy does not name: no tag has this key."""


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
    found: dict[str, Value] = {ALL_TAGS: _if_passed(trust, ANY_OTHER)}
    found |= {TAG + key: _if_passed(trust, key) for key in _named(trust)}
    own = {key.lower() for key in tags}
    found = {key: value for key, value in found.items() if key.removeprefix(TAG) not in own}
    for key, value in tags.items():
        passed = tuple(dict.fromkeys(_values(trust, key)))
        found[TAG + key] = OneOf((value, *passed)) if passed else (value,)
    return found


def _if_passed(trust: str, key: str) -> Value:
    """Return what a tag is that the role does not have."""
    return Lack.UNKNOWN if any(True for _ in _values(trust, key)) else ()


def _values(trust: str, key: str) -> Iterator[str]:
    """Yield patterns of the values that a session may be given for the tag."""
    if any(_denies(statement, key) for statement in _denying(trust)):
        return
    for statement in _passing(trust):
        if statement is not None and any(_bars(clause, key) for clause in statement.clauses):
            continue
        wanted = [c for c in statement.clauses if _asks_for(c, key)] if statement else []
        yield from wanted[0].values if wanted else ANYTHING


def _bars(clause: Clause, key: str) -> bool:
    """Whether the clause lets only other tags be passed."""
    word, operator = _operator(clause)
    if clause.key.lower() != TAG_KEYS or word != "forallvalues" or operator not in COMPARES:
        return False
    return _names_none(clause, key)


def _denies(statement: WrittenStatement, key: str) -> bool:
    """
    Whether a Deny keeps everybody from passing the tag.

    One with a condition that looks at anything else may spare somebody.
    """
    if statement.negated & {"Principal"} or EVERYBODY not in statement.principals:
        return False
    return all(_is_met(clause, key) for clause in statement.clauses)


def _is_met(clause: Clause, key: str) -> bool:
    """Whether the clause holds for certain where the tag is among those that are passed."""
    word, operator = _operator(clause)
    if clause.key.lower() == REQUEST_TAG + key.lower():
        return operator == "null" and False in clause.wants_absent
    others = clause.key.lower() == TAG_KEYS and word == "foranyvalue" and operator in DIFFERS
    return others and bool(clause.values) and _names_none(clause, key)


def _operator(clause: Clause) -> tuple[str, str]:
    """Return the word for sets and the operator, in lower case."""
    word, _, operator = clause.operator.lower().removesuffix("ignorecase").rpartition(":")
    return word, operator


def _names_none(clause: Clause, key: str) -> bool:
    """Whether none of the values is the tag's key; names of tags are compared without case here."""
    if key == ANY_OTHER:
        return not any(has_wildcard(value) or "${" in value for value in clause.values)
    return not any("${" in value or matches(value.lower(), key.lower()) for value in clause.values)


def _asks_for(clause: Clause, key: str) -> bool:
    """Whether the clause fixes the value that is passed for the tag; one without a value fixes none."""
    same = clause.key.lower() == REQUEST_TAG + key.lower() and bool(clause.values)
    return same and clause.operator.lower() in COMPARES and not any("${" in v for v in clause.values)


@lru_cache(maxsize=KEPT)
def _named(trust: str) -> tuple[str, ...]:
    """Return the keys of tags that the trust policy names, in lower case."""
    statements = (*(s for s in _passing(trust) if s is not None), *_denying(trust))
    clauses = [clause for statement in statements for clause in statement.clauses]
    keys = [c.key.lower().removeprefix(REQUEST_TAG) for c in clauses if c.key.lower().startswith(REQUEST_TAG)]
    keys += [value.lower() for c in clauses if c.key.lower() == TAG_KEYS for value in c.values]
    return tuple(dict.fromkeys(key for key in keys if key and not has_wildcard(key) and "${" not in key))


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


@lru_cache(maxsize=KEPT)
def _denying(trust: str) -> tuple[WrittenStatement, ...]:
    """Return the statements that deny somebody to pass tags; none where the policy cannot be decided."""
    if None in _passing(trust) or not trust:
        return ()
    statements = read_written(trust).statements
    return tuple(s for s in statements if s.effect == "Deny" and reaches(s, TAG_SESSION))
