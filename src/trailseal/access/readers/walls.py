"""
What keeps somebody from reading although other policies let him: whoever takes it away lets him in.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from trailseal.access.lint.matching import reaches
from trailseal.access.lint.written import read_written, statements_in
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.questions import READING
from trailseal.errors import UsageProblem
from trailseal.model.principal import Principal, PrincipalKind

KEPT = 10_000


class Walls(Struct, frozen=True, kw_only=True):
    """Where a Deny or a boundary stands: ARNs of principals by kind, and whether in other policies."""

    bucket: bool = False
    denied: dict[str, tuple[str, ...]] = {}
    bounded: dict[str, tuple[str, ...]] = {}
    service_control: bool = False
    resource_control: bool = False


def walls_of(estate: Estate) -> Walls:
    """Return what may be taken away."""
    bucket = estate.bucket_policy if isinstance(estate.bucket_policy, str) else ""
    levels = [
        (level, kind)
        for i in estate.inventories
        for kind, found in (("scp", i.service_control_policies), ("rcp", i.resource_control_policies))
        for level in found
    ]
    denying = {
        kind
        for level, kind in levels
        for policy in level
        if denies_reading(policy.document, GUARDRAILS[kind])
    }
    return Walls(
        bucket=denies_reading(bucket, PolicyKind.BUCKET),
        denied=_by_kind(estate, with_a_deny=True),
        bounded=_by_kind(estate, with_a_deny=False),
        service_control="scp" in denying,
        resource_control="rcp" in denying,
    )


def _by_kind(estate: Estate, *, with_a_deny: bool) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for inventory in estate.inventories:
        shared = {p.name for p in inventory.shared if with_a_deny and denies_reading(p.document)}
        for principal in inventory.principals:
            stands = _has_deny(principal, shared) if with_a_deny else principal.boundary is not None
            if stands and principal.kind is not PrincipalKind.ROOT:
                found.setdefault(principal.kind.value, []).append(principal.arn)
    return {kind: tuple(arns) for kind, arns in found.items()}


def _has_deny(principal: Principal, shared: set[str]) -> bool:
    if any(name in shared for name in principal.shared):
        return True
    return any(denies_reading(policy.document) for policy in principal.policies)


GUARDRAILS = {"scp": PolicyKind.SCP, "rcp": PolicyKind.RCP}


@lru_cache(maxsize=KEPT)
def denies_reading(document: str, kind: PolicyKind = PolicyKind.IDENTITY) -> bool:
    """Whether a Deny in the document is about reading, or something in it cannot be decided."""
    if not document:
        return False
    try:
        statements = read_written(document).statements
    except UsageProblem:
        return True
    if any(s.undecided for s in read_stored(document, kind).statements):
        return True
    return any(
        statement.effect == "Deny" and any(reaches(statement, action) for action in READING)
        for statement in statements
    )


def services_of(estate: Estate, role: str) -> tuple[str, ...]:
    """Return the services that a known role's trust policy names, for which somebody may pass it."""
    principal = estate.by_arn.get(role)
    if principal is None or not principal.trust:
        return ()
    statements = statements_in(principal.trust)
    named = (value for s in statements if s.grants for kind, value in s.principals if kind == "Service")
    return tuple(dict.fromkeys(named))
