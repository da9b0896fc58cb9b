"""
Calls that no policy decides on: AWS asks for no permission, or takes them from some kinds of caller only.

Sources:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.caller import CallerKind
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.messages import message

KEPT = 10_000
IDENTITY = "sts:getcalleridentity"
SESSION_TOKEN = "sts:getsessiontoken"  # noqa: S105 - the name of an action
BY_LONG_TERM_KEYS = frozenset({SESSION_TOKEN, "sts:getfederationtoken"})
NO_PERMISSION = Reason(
    layer="request", outcome="allow", detail=message("AWS asks for no permission, and no policy denies it")
)
NOT_BY_A_SESSION = Reason(
    layer="request",
    outcome="missing",
    detail=message("AWS takes this call from users and the root user only, with their long-term keys"),
)
NOT_BY_ROOT = frozenset({"sts:assumerole", "sts:assumeroot"})
NOT_BY_THE_ROOT_USER = Reason(
    layer="request", outcome="missing", detail=message("the root user can assume no role")
)
OUTSIDE = frozenset({CallerKind.SERVICE, CallerKind.ANONYMOUS})
LONG_TERM = frozenset({CallerKind.USER, CallerKind.ROOT})


@lru_cache(maxsize=KEPT)
def without_policies(kind: CallerKind, action: str) -> Decision | None:
    """Return the decision on a call that no policy decides on, None where policies do."""
    name = action.lower()
    if name == IDENTITY and kind not in OUTSIDE:
        return Decision(effect=Effect.ALLOWED, reasons=(NO_PERMISSION,))
    if kind is CallerKind.ROOT and name in NOT_BY_ROOT:
        return Decision(effect=Effect.IMPLICITLY_DENIED, reasons=(NOT_BY_THE_ROOT_USER,))
    closed = name in BY_LONG_TERM_KEYS and kind not in LONG_TERM
    if closed or (kind is CallerKind.FEDERATED and name.startswith("sts:")):
        return Decision(effect=Effect.IMPLICITLY_DENIED, reasons=(NOT_BY_A_SESSION,))
    return Decision(effect=Effect.ALLOWED, reasons=(NO_PERMISSION,)) if name == SESSION_TOKEN else None
