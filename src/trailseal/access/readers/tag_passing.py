"""
Whether somebody may pass certain tags to a role's session: what was chosen for them has to be possible.

A yes is exact, for a session with these tags and no others. Whoever is not let pass them may still come
to tags that answer the same, so anything else is a doubt and no proof of the contrary.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trailseal.access.caller import nobody_in, read_caller
from trailseal.access.conditions.holds import holds
from trailseal.access.conditions.operator import Condition
from trailseal.access.facts import OTHERS, Facts, OneOf, Value
from trailseal.access.kleene import Kleene
from trailseal.access.match.relevant import on_action
from trailseal.access.pairs import REQUEST_TAG, TAG_KEYS
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.statement import Statement
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.session_tags import TAG, TAG_SESSION
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.request import Request
from trailseal.messages import Message, message

SESSIONS = frozenset({SubjectKind.ROLE, SubjectKind.SESSION})
NOT_SURE = message("the trust policy may let nobody pass the session tags of the way that was found")
SOMEBODY = read_caller(nobody_in("aws"))


def impossible_tags(subject: Subject, request: Request) -> Message | None:
    """Return why a known role's session may not have the tags in a request, None where it can."""
    if subject.kind not in SESSIONS or not subject.trust:
        return None
    own = dict(_tags(subject.context))
    said = {key: value for key, value in _tags(request.context) if own.get(key) != value}
    return None if not said or may_pass(subject.trust, said) else NOT_SURE


def _tags(context: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Return the tags; of one that may be passed with another value the role's own."""
    found = []
    for key, value in context.items():
        values = value.patterns if isinstance(value, OneOf) else value
        if key.lower().startswith(TAG.lower()) and isinstance(values, tuple) and values:
            found.append((key.lower().removeprefix(TAG.lower()), values[0]))
    return found


def may_pass(trust: str, tags: Mapping[str, str]) -> bool:
    """Whether the trust policy certainly lets somebody pass these tags and no others; keys in lower case."""
    statements = on_action(read_stored(trust, PolicyKind.TRUST), TAG_SESSION)
    known: dict[str, Value] = {REQUEST_TAG + OTHERS: (), TAG_KEYS: tuple(_spelt(tags, statements))}
    known |= {REQUEST_TAG + key: (value,) for key, value in tags.items()}
    facts = Facts(known=known, closed=False, caller=SOMEBODY, action=TAG_SESSION)
    met = [(statement.allows, _meets(statement, facts)) for statement in statements]
    return (True, True) in met and all(answer is False for allows, answer in met if not allows)


def _meets(statement: Statement, facts: Facts) -> Kleene:
    """Return whether the statement's conditions on tags hold. Somebody meets the others, or none does."""
    if statement.undecided is not None:
        return None
    conditions = [c for c in statement.conditions if c.key == TAG_KEYS or c.key.startswith(REQUEST_TAG)]
    answers = [None if c.has_variable else _holds(c, statement, facts) for c in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(condition: Condition, statement: Statement, facts: Facts) -> Kleene:
    return holds(condition, facts, has_variables=statement.has_variables)


def _spelt(tags: Mapping[str, str], statements: tuple[Statement, ...]) -> list[str]:
    """Return the keys as the policy writes them: the case of letters matters in aws:TagKeys alone."""
    written = [v for s in statements for c in s.conditions if c.key == TAG_KEYS for v in c.values]
    return [next((value for value in written if value.lower() == key), key) for key in tags]
