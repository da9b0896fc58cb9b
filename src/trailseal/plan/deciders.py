"""What decides about a reader, as a plan holds it: the layer of policies, and the statement's name."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.access.decision import Decision
from trailseal.plan.document import labels
from trailseal.plan.names import WordOrNothing


class Layer(StrEnum):
    """Where it stands. The words are those of `access.decision.Reason`."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    RESOURCE = "resource"
    VPC_ENDPOINT = "vpc_endpoint"
    GRANT = "grant"
    PUBLIC_ACCESS_BLOCK = "public_access_block"
    REQUEST = "request"


class Says(StrEnum):
    """What it says of the request."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"
    NOT_DECIDED = "not decided"
    MISSING = "missing"
    DELEGATES = "delegates"
    INVALID = "invalid"


class Decider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that decides about decrypting, or that is missing."""

    layer: Layer
    outcome: Says
    statement: WordOrNothing = ""
    """Its Sid, else its position (`#2`); "" where no statement decides."""


def deciders(decision: Decision | None, policy: str) -> tuple[Decider, ...]:
    """Return what decided, or was found lacking; `policy` is the text of the policy on the resource."""
    if decision is None:
        return ()
    telling = (r for r in decision.reasons if r.statement or r.detail or r.layer == Layer.GRANT)
    return tuple(
        dict.fromkeys(
            Decider(
                layer=Layer(reason.layer),
                outcome=Says(reason.outcome),
                statement=next(iter(labels((reason.statement,), policy)), ""),
            )
            for reason in telling
        )
    )
