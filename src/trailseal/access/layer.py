"""
What one layer of policies says to a request: three-valued, with the statements that say it.

An explicit deny wins over everything in a layer; what cannot be known is kept apart from both.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from msgspec import Struct

from trailseal.access.decision import Reason
from trailseal.access.kleene import Kleene
from trailseal.access.match.relevant import is_settled, on_action
from trailseal.access.match.statement import Meeting, RequestFacts, meet, without_facts
from trailseal.access.parse.document import Policy, read_policy
from trailseal.access.parse.kind import PolicyKind, kind_on_resource
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import Statement
from trailseal.access.parse.stored import read_stored
from trailseal.access.request import Document
from trailseal.messages import Words

KEPT = 10_000


class LayerAnswer(Struct, frozen=True, kw_only=True):
    """One layer's answer. `allows` and `denies` are independent: a deny is weighed at the end."""

    allows: Kleene
    denies: Kleene
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Words, ...] = ()


NamedPolicies = tuple[tuple[str, Policy], ...]
"""Policies, each with the name that an explanation shows."""
SILENT = LayerAnswer(allows=False, denies=False)


class MetStatement(Struct, frozen=True, kw_only=True):
    """A statement that meets the request, or may."""

    statement: Statement
    meeting: Meeting
    policy: str

    def reason(self, layer: str, outcome: str) -> Reason:
        """Return the reason that names this statement."""
        if (undecided := self.statement.undecided) is not None:
            return Reason(
                layer=layer,
                outcome="not decided",
                policy=self.policy,
                statement=undecided.place or self.statement.label,
                detail=undecided.form,
            )
        if self.meeting.applies:
            return Reason(layer=layer, outcome=outcome, policy=self.policy, statement=self.statement.label)
        text = " and ".join(map(str, self.meeting.open_conditions))
        return Reason(
            layer=layer, outcome="unknown", policy=self.policy, statement=self.statement.label, detail=text
        )


def find(policies: NamedPolicies, asked: RequestFacts) -> list[MetStatement]:
    """Return the statements of identity policies that meet the request, or may."""
    found: list[MetStatement] = []
    for name, policy in policies:
        for statement in on_action(policy, asked.action):
            meeting = meet(statement, asked)
            if meeting.applies is not False:
                found.append(MetStatement(statement=statement, meeting=meeting, policy=name))
    return found


def answer(layer: str, policies: NamedPolicies, asked: RequestFacts) -> LayerAnswer:
    """Return the answer of a layer of identity policies."""
    settled = _settled(layer, policies, asked.action, asked.resource)
    return weigh(layer, find(policies, asked)) if settled is None else settled


@lru_cache(maxsize=KEPT)
def _settled(layer: str, policies: NamedPolicies, action: str, resource: str) -> LayerAnswer | None:
    """Return the answer that holds whatever the facts of a request are, None where they matter."""
    if all(is_settled(policy, action, resource) for _, policy in policies):
        return weigh(layer, find(policies, without_facts(action, resource)))
    return None


def weigh(layer: str, found: list[MetStatement]) -> LayerAnswer:
    """Return a layer's answer from the statements that meet the request."""
    if not found:
        return SILENT
    denies = [f for f in found if not f.statement.allows]
    allows = [f for f in found if f.statement.allows] if denies else found
    sure = [f for f in allows if f.meeting.applies]
    sure_deny = True in [f.meeting.applies for f in denies]
    deciding = [*denies, *(sure or allows)]
    return LayerAnswer(
        allows=True if sure else (None if allows else False),
        denies=True if sure_deny else (None if denies else False),
        reasons=tuple([f.reason(layer, "allow" if f.statement.allows else "deny") for f in deciding]),
        conditions=() if sure and not denies else conditions_of(deciding),
    )


def conditions_of(found: Iterable[MetStatement]) -> tuple[str, ...]:
    """
    Return what would have to hold (or, for a deny, not hold) for the request to be allowed.

    Expressions of the policy language with `and` and `not`: data, the same in every language.
    """
    texts = [
        f"{'' if f.statement.allows else 'not '}({' and '.join(map(str, f.meeting.open_conditions))})"
        for f in found
        if f.meeting.applies is None and f.meeting.open_conditions
    ]
    return tuple(dict.fromkeys(texts))


Reader = Callable[[Document, PolicyKind], Policy]
KINDS = {
    "identity": PolicyKind.IDENTITY,
    "boundary": PolicyKind.BOUNDARY,
    "session": PolicyKind.SESSION,
    "scp": PolicyKind.SCP,
    "rcp": PolicyKind.RCP,
    "vpc_endpoint": PolicyKind.ENDPOINT,
}


def documents(layer: str, given: tuple[Document, ...], asked: RequestFacts) -> NamedPolicies:
    """
    Return the layer's documents read as their kind.

    Raises:
        InvalidPolicyError: AWS would refuse one that a person hands in; the place begins with the layer.
    """
    action = asked.action if layer == "resource" else ""
    reader = read_stored if asked.stored else read_policy
    try:
        found = _remembered(layer, given, action, reader)
    except TypeError:
        found = _read(layer, given, action, reader)
    if isinstance(found, InvalidPolicyError):
        raise InvalidPolicyError(found.place, found.what)
    return found


def _read(
    layer: str, given: tuple[Document, ...], action: str, reader: Reader
) -> NamedPolicies | InvalidPolicyError:
    """Return the problem rather than raise it, so that it is remembered too."""
    kind = KINDS.get(layer.partition("[")[0]) or kind_on_resource(action)
    read: list[tuple[str, Policy]] = []
    for number, document in enumerate(given):
        try:
            policy = reader(document, kind)
        except InvalidPolicyError as problem:
            place = f"{layer}[{number}]" + f".{problem.place}" * bool(problem.place)
            return InvalidPolicyError(place, problem.what)
        read.append((policy.id or f"{layer}[{number}]", policy))
    return tuple(read)


_remembered = lru_cache(maxsize=KEPT)(_read)
