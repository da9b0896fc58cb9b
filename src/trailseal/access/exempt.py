"""
Calls that AWS asks no permission for.

Sources:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""

from __future__ import annotations

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.messages import message

IDENTITY = "sts:getcalleridentity"
SESSION_TOKEN = "sts:getsessiontoken"  # noqa: S105 - the name of an action
NO_PERMISSION = Reason(
    layer="request", outcome="allow", detail=message("AWS asks for no permission, and no policy denies it")
)
OUTSIDE = frozenset({CallerKind.SERVICE, CallerKind.ANONYMOUS})
LONG_TERM = frozenset({CallerKind.USER, CallerKind.ROOT})
"""Only their long-term keys can ask for a session token."""


def without_permission(caller: Caller, action: str) -> Decision | None:
    """Return the decision on a call that needs no permission, None where policies decide."""
    name = action.lower()
    free = (name == IDENTITY and caller.kind not in OUTSIDE) or (
        name == SESSION_TOKEN and caller.kind in LONG_TERM
    )
    return Decision(effect=Effect.ALLOWED, reasons=(NO_PERMISSION,)) if free else None
