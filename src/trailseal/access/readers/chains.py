"""
Chains of sts:AssumeRole that end in a reader.

An edge is decided by the ordinary engine: the role's trust policy is the resource policy of the call.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.decision import Decision, Effect
from trailseal.access.readers.changers import Sureness
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.questions import DENIED, in_iam
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.model.principal import Principal

ASSUME = "sts:AssumeRole"
MAX_DEPTH = 5
MAX_ROLES = 400
SOURCES = frozenset({SubjectKind.USER, SubjectKind.ROLE, SubjectKind.SESSION, SubjectKind.ACCOUNT})


class Chain(Struct, frozen=True, kw_only=True):
    """`roles` are assumed one after the other; the last one reads."""

    principal: str
    roles: tuple[str, ...]
    sureness: Sureness


class Chains(Struct, frozen=True, kw_only=True):
    """The shortest chain of each principal; `complete` is false when a bound was reached."""

    found: tuple[Chain, ...]
    complete: bool = True


def find_chains(estate: Estate, subjects: tuple[Subject, ...], readers: frozenset[str]) -> Chains:
    """Return how those that do not read themselves get to a role in `readers`."""
    routes: dict[str, Chain] = {}
    frontier: list[tuple[str, tuple[str, ...], Sureness]] = [
        (arn, (arn,), Sureness.OPEN) for arn in sorted(readers) if _role(estate, arn)
    ]
    complete = len(frontier) <= MAX_ROLES
    for _ in range(MAX_DEPTH):
        reached: list[tuple[str, tuple[str, ...], Sureness]] = []
        for arn, roles, sureness in frontier[:MAX_ROLES]:
            for chain in _one_step(estate, subjects, arn, roles, sureness):
                if chain.principal in readers or chain.principal in routes:
                    continue
                routes[chain.principal] = chain
                if _role(estate, chain.principal):
                    reached.append((chain.principal, (chain.principal, *roles), chain.sureness))
        if not reached:
            return Chains(found=_ordered(subjects, routes), complete=complete)
        complete = complete and len(reached) <= MAX_ROLES
        frontier = reached
    return Chains(found=_ordered(subjects, routes), complete=False)


def _ordered(subjects: tuple[Subject, ...], routes: dict[str, Chain]) -> tuple[Chain, ...]:
    return tuple(routes[s.arn] for s in subjects if s.arn in routes)


def _role(estate: Estate, arn: str) -> Principal | None:
    principal = estate.by_arn.get(arn)
    return principal if principal and principal.trust else None


def _one_step(
    estate: Estate, subjects: tuple[Subject, ...], arn: str, roles: tuple[str, ...], sureness: Sureness
) -> list[Chain]:
    role = estate.by_arn[arn]
    asking = tuple(
        s for s in subjects if s.kind in SOURCES and s.arn != arn and s.knowledge is not Knowledge.MISSING
    )
    kinds = Kinds(estate, (ASSUME,), (role.trust,))
    answers = answer_by_kind(asking, kinds, lambda s: _assumes(estate, s, role))
    return [
        Chain(principal=s.arn, roles=roles, sureness=_sure(decision, sureness))
        for s, decision in zip(asking, answers, strict=True)
        if decision.effect not in DENIED
    ]


def _assumes(estate: Estate, subject: Subject, role: Principal) -> Decision:
    if subject.knowledge is Knowledge.READ:
        return in_iam(estate, subject, ASSUME, role.arn, role.trust)
    worst = in_iam(estate, subject.worst_case(), ASSUME, role.arn, role.trust)
    return Decision(effect=Effect.UNKNOWN, reasons=worst.reasons) if worst.is_allowed else worst


def _sure(decision: Decision, so_far: Sureness) -> Sureness:
    return so_far if decision.is_allowed else Sureness.UNKNOWN
