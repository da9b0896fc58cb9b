"""What a request comes to, with the reasons. The explanation is the result, not a log beside it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.messages import Words


class Effect(StrEnum):
    """The five answers. Unknown is neither allowed nor denied; invalid is no answer at all."""

    ALLOWED = "allowed"
    IMPLICITLY_DENIED = "implicitly_denied"
    EXPLICITLY_DENIED = "explicitly_denied"
    UNKNOWN = "unknown"
    INVALID = "invalid"


DENIED = frozenset({Effect.IMPLICITLY_DENIED, Effect.EXPLICITLY_DENIED})


class Reason(Struct, frozen=True, kw_only=True):
    """
    One thing that decided, or that is missing.

    `layer` is one of identity, boundary, session, scp, rcp, resource, vpc_endpoint, grant,
    public_access_block, request; `policy` names the document in that layer and `statement` its Sid
    or its position (`#2`).
    What quotes a policy is data; a sentence of ours is marked for translation.
    """

    layer: str
    outcome: str
    """`allow`, `deny`, `unknown`, `not decided`, `missing`, `delegates` or `invalid`."""
    policy: Words = ""
    statement: str = ""
    detail: Words = ""


class Decision(Struct, frozen=True, kw_only=True):
    """`conditions` are set when the effect is unknown: what would have to hold for it to be allowed."""

    effect: Effect
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Words, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """True only for a proven allow; an unknown is not one."""
        return self.effect is Effect.ALLOWED
