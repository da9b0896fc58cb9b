"""
Subjects that no policy can tell apart, put together, so that each kind is decided once.

An account of ten thousand principals has some dozens of kinds. A policy that says nothing about the
actions in question is left out before kinds are formed; what tells principals apart beyond their
policies (their ARN in a condition, a policy variable, a tag) is part of the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from msgspec import structs

from trailseal.access.caller import is_service_linked_role
from trailseal.access.lint.matching import reaches
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement, principals_in, read_written
from trailseal.access.match.wildcard import matches
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.subject import Subject, SubjectKind
from trailseal.access.readers.wording import has_variable, speaks_of
from trailseal.errors import UsageProblem

Answer = TypeVar("Answer")
KEPT = 10_000
Kind = tuple[object, ...]
BY_ARN = "aws:principalarn"
PERSONAL = ("aws:username", "aws:userid", "aws:principaltag/", "aws:sourceidentity")
"""Keys that hold something else for each principal. What a policy variable holds may do so too."""
PLAIN = frozenset({SubjectKind.USER, SubjectKind.ROLE})


class Kinds:
    """Sorts subjects by everything that can matter to `actions` in one estate."""

    def __init__(self, estate: Estate, actions: tuple[str, ...], governing: tuple[str, ...]) -> None:
        self._actions = actions
        self._services = {action.partition(":")[0].lower() for action in actions}
        self._relevant: dict[str, bool] = {}
        self._reduced: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._patterns: dict[str, frozenset[str] | None] = {}
        self._governing = (*governing, *estate.guardrails)
        self._named = {value for document in governing for _, value in principals_in(document)}
        self._named |= (
            {g.grantee_service_principal or g.grantee_principal for g in estate.grants}
            if isinstance(estate.grants, tuple)
            else set()
        )

    def reduced(self, subject: Subject) -> Subject:
        """Return the subject with only those policies that say something about the actions."""
        given = subject.documents
        kept = self._reduced.get(given)
        if kept is None:
            known = self._relevant
            said = [known[d] if d in known else self._says_something(d) for d in given]
            kept = self._reduced[given] = tuple([n for n, says in enumerate(said) if says])
        if len(kept) == len(given):
            return subject
        return structs.replace(
            subject,
            documents=tuple([given[n] for n in kept]),
            names=tuple([subject.names[n] for n in kept]) if subject.names else (),
        )

    def kind(self, subject: Subject) -> Kind:
        """Return equal values for subjects that get equal answers; `subject` is a reduced one."""
        documents = frozenset(subject.documents)
        alone = subject.kind not in PLAIN or subject.arn in self._named
        looked_at = self._looked_at(subject)
        if alone or looked_at is None:
            return (subject.arn,)
        matched = frozenset(
            (p, matches(p, subject.arn)) for p in looked_at if matches(p.lower(), subject.arn.lower())
        )
        org = subject.context.get("aws:PrincipalOrgID")
        linked = is_service_linked_role(subject.arn)
        return (subject.kind, subject.account, documents, subject.boundary, matched, org, linked)

    def _says_something(self, document: str) -> bool:
        policy = _read(document)
        says = (
            policy is None
            or _is_open(document)
            or any(self._is_about_actions(statement) for statement in policy.statements)
        )
        self._relevant[document] = says
        return says

    def _is_about_actions(self, statement: WrittenStatement) -> bool:
        """Most statements are about other services, which the first part of an action tells."""
        if "Action" not in statement.negated and not any(map(self._may_be_named, statement.actions)):
            return False
        return any(reaches(statement, action) for action in self._actions)

    def _may_be_named(self, pattern: str) -> bool:
        service = pattern.partition(":")[0].lower()
        return service in self._services or "*" in service or "?" in service

    def _looked_at(self, subject: Subject) -> frozenset[str] | None:
        boundary = (subject.boundary,) if subject.boundary else ()
        found: frozenset[str] = frozenset()
        for document in (*self._governing, *subject.documents, *boundary):
            patterns = self._arn_patterns(document)
            if patterns is None:
                return None
            found |= patterns
        return found

    def _arn_patterns(self, document: str) -> frozenset[str] | None:
        """Return the patterns that the document tries on the caller's ARN, None when it looks closer."""
        if document not in self._patterns:
            policy = _read(document)
            personal = speaks_of(document, PERSONAL) or has_variable(document)
            self._patterns[document] = None if policy is None or personal else frozenset(_values(policy))
        return self._patterns[document]


@lru_cache(maxsize=KEPT)
def _read(document: str) -> WrittenPolicy | None:
    try:
        return read_written(document)
    except UsageProblem:
        return None


def _is_open(document: str) -> bool:
    """Whether something in the document can not be decided: no action is told of it, so it may be any."""
    return any(s.undecided is not None for s in read_stored(document, PolicyKind.IDENTITY).statements)


def _values(policy: WrittenPolicy) -> Iterator[str]:
    for statement in policy.statements:
        for clause in statement.clauses:
            if clause.key.lower() == BY_ARN:
                yield from clause.values


def group_by_kind(subjects: tuple[Subject, ...], kinds: Kinds) -> dict[Kind, list[Subject]]:
    """Return the subjects of each kind, reduced, in their order."""
    groups: dict[Kind, list[Subject]] = {}
    for subject in subjects:
        reduced = kinds.reduced(subject)
        groups.setdefault(kinds.kind(reduced), []).append(reduced)
    return groups


def answer_by_kind(
    subjects: tuple[Subject, ...], kinds: Kinds, ask: Callable[[Subject], Answer]
) -> list[Answer]:
    """Return the answer for each subject, asking once for each kind."""
    known: dict[Kind, Answer] = {}
    answers = []
    for subject in subjects:
        reduced = kinds.reduced(subject)
        kind = kinds.kind(reduced)
        if kind not in known:
            known[kind] = ask(reduced)
        answers.append(known[kind])
    return answers
