"""
Subjects that no policy can tell apart, put together, so that each kind is decided once.

An account of ten thousand principals has some dozens of kinds. A policy that says nothing about the
actions in question is left out before kinds are formed; what tells principals apart beyond their
policies (their ARN in a condition, a policy variable, a tag) is part of the kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from msgspec import structs

from trailseal.access.caller import is_service_linked_role, read_caller
from trailseal.access.caller_facts import unique_id_in
from trailseal.access.conditions.holds import holds
from trailseal.access.conditions.operator import Condition, read_conditions
from trailseal.access.facts import Facts
from trailseal.access.kleene import Kleene
from trailseal.access.lint.matching import reaches
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement, principals_in, read_written
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.subject_kind import SubjectKind
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
        alone = subject.kind not in PLAIN or self._is_named(subject)
        looked_at = self._looked_at(subject)
        if alone or looked_at is None:
            return (subject.arn, subject.maker)
        matched = by_arn(looked_at, subject.arn)
        org = subject.context.get("aws:PrincipalOrgID")
        linked = is_service_linked_role(subject.arn)
        return (subject.kind, subject.account, documents, subject.boundary, matched, org, linked)

    def _is_named(self, subject: Subject) -> bool:
        """Whether a policy or a grant names the subject, by its ARN or by its unique ID."""
        told = unique_id_in(subject.context.get("aws:userid"))
        return subject.arn in self._named or (bool(told) and told in self._named)

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

    def _looked_at(self, subject: Subject) -> frozenset[Condition] | None:
        boundary = (subject.boundary,) if subject.boundary else ()
        found: frozenset[Condition] = frozenset()
        for document in (*self._governing, *subject.documents, *boundary):
            tests = _tests_on_arn(document)
            if tests is None:
                return None
            found |= tests
        return found


@lru_cache(maxsize=KEPT)
def _read(document: str) -> WrittenPolicy | None:
    try:
        return read_written(document)
    except UsageProblem:
        return None


def _is_open(document: str) -> bool:
    """Whether something in the document cannot be decided: no action is told of it, so it may be any."""
    return any(s.undecided is not None for s in read_stored(document, PolicyKind.IDENTITY).statements)


@lru_cache(maxsize=KEPT)
def _tests_on_arn(document: str) -> frozenset[Condition] | None:
    """Return the document's conditions on the caller's ARN, None when it looks closer."""
    policy = _read(document)
    if policy is None or speaks_of(document, PERSONAL) or has_variable(document):
        return None
    written = (c for s in policy.statements for c in s.clauses if c.key.lower() == BY_ARN)
    return frozenset(condition for clause in written for condition in _conditions(clause))


def _conditions(clause: Clause) -> tuple[Condition, ...]:
    """Return a clause as the engine reads it. One that it refuses it does not hold against anybody."""
    try:
        return read_conditions({clause.operator: {clause.key: clause.values}}, "")
    except InvalidPolicyError:
        return ()


def by_arn(tests: frozenset[Condition], arn: str) -> frozenset[tuple[Condition, Kleene]]:
    """
    Return how each condition answers for a caller with the ARN, as the engine holds it against him.

    A sign for itself, as `${*}`, is one only in policies of the newer Version: both readings are answered.
    """
    facts = Facts(known={BY_ARN: (arn,)}, closed=False, caller=read_caller(arn))
    return frozenset(
        (test, holds(test, facts, has_variables=reading))
        for test in tests
        for reading in ((True, False) if test.has_variable else (False,))
    )


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
