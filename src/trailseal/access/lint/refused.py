"""
What AWS refuses of a document of its kind: its length, names that stand twice, forms that it does not take.

The strict reader of the engine decides it. What the rules on spelling and principals have told already of
a statement is not told again.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.written import WrittenPolicy
from trailseal.access.parse.document import check_beginning
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.length import length_problem
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import UndecidedForm
from trailseal.access.parse.stored import read_stored
from trailseal.messages import message

TOO_LONG = "KP114"
WITH_EQUAL_SIDS = {
    PolicyKind.KEY: LintSeverity.WARNING,
    PolicyKind.BUCKET: LintSeverity.NOTE,
    PolicyKind.RESOURCE: LintSeverity.NOTE,
}
"""IAM refuses equal Sids, S3 takes them; of KMS AWS's pages do not agree."""


def check_length(policy: WrittenPolicy, kind: PolicyKind) -> Iterator[LintFinding]:
    """Yield a finding when the policy is longer than AWS takes, written as short as JSON lets it."""
    problem = length_problem(policy.compact, kind)
    if problem is not None:
        yield LintFinding(
            rule=TOO_LONG,
            severity=LintSeverity.ERROR,
            statement="",
            text=problem,
            remedy=message("shorten it: put accounts and names together in one statement, or use wildcards"),
        )


def check_sids(policy: WrittenPolicy, kind: PolicyKind) -> Iterator[LintFinding]:
    """Yield the Sids that several statements have, where AWS does not refuse them outright."""
    severity = WITH_EQUAL_SIDS.get(kind)
    often = Counter(statement.sid for statement in policy.statements if statement.sid)
    for sid, count in often.items():
        if severity is not None and count > 1:
            positions = ", ".join(f"#{s.position}" for s in policy.statements if s.sid == sid)
            yield LintFinding(
                rule="KP115",
                severity=severity,
                statement=sid,
                text=message(
                    "the statements {positions} all have the Sid `{sid}`", positions=positions, sid=sid
                ),
                remedy=message("give each statement a Sid of its own"),
            )


def check(policy: WrittenPolicy, kind: PolicyKind, told: Collection[str]) -> Iterator[LintFinding]:
    """Yield what the strict reader refuses; `told` are the statements that are known to be refused."""
    yield from (_refused("", form) for form in refused_as_a_whole(policy, kind, spelt=bool(policy.strange)))
    undecided = refused_statements(policy, kind)
    for statement in policy.statements:
        if statement.position in undecided and statement.name not in told:
            yield _refused(statement.name, undecided[statement.position])


def refused_as_a_whole(policy: WrittenPolicy, kind: PolicyKind, *, spelt: bool) -> Iterator[UndecidedForm]:
    """Yield what is refused of the text: names that stand twice, and a document that is none of this kind."""
    text = policy.document
    yield from (
        UndecidedForm(form=message("`{name}` appears twice", name=place.rpartition(".")[2]), place=place)
        for place in policy.twice
    )
    if isinstance(text, str):
        try:
            check_beginning(text, kind)
        except InvalidPolicyError as problem:
            yield UndecidedForm(form=problem.what, place=problem.place)
    first = next(iter(read_stored(policy.document, kind).statements), None)
    whole = first.undecided if first is not None else None
    if whole is not None and not spelt and not is_in_a_statement(whole) and whole.place not in policy.twice:
        yield whole


def is_in_a_statement(undecided: UndecidedForm) -> bool:
    """Whether the form stands in one statement, and not in the document around them."""
    return undecided.place.startswith(("Statement[", "Statement."))


def refused_statements(policy: WrittenPolicy, kind: PolicyKind) -> dict[int, UndecidedForm]:
    """Return what is refused of each statement, by its position: the first form in it."""
    found: dict[int, UndecidedForm] = {}
    for statement in read_stored(policy.document, kind).statements:
        undecided = statement.undecided
        if undecided is not None and is_in_a_statement(undecided):
            found.setdefault(statement.index + 1, undecided)
    return found


def _refused(statement: str, undecided: UndecidedForm) -> LintFinding:
    return LintFinding(
        rule="KP110",
        severity=LintSeverity.ERROR,
        statement=statement,
        text=undecided.form,
        remedy=message("correct {place}: AWS refuses a document with it", place=f"`{undecided.place}`")
        if undecided.place
        else message("correct the beginning: AWS refuses a document with it"),
    )
