"""
Whether a condition key is in a caller's requests: for certain, possibly, or never.

Source: the "Availability" of each key in
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from trailseal.access.caller import CallerKind
from trailseal.access.keys.key import ConditionKey, SetBy, There, Travels
from trailseal.access.match.wildcard import matcher


class Presence(StrEnum):
    """Whether a request of some caller holds a key."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NEVER = "never"


EVERYBODY = frozenset(CallerKind)
SERVICE = frozenset({CallerKind.SERVICE})
PRINCIPALS = EVERYBODY - SERVICE - {CallerKind.ANONYMOUS}
SESSIONS = frozenset({CallerKind.ROLE, CallerKind.SESSION, CallerKind.FEDERATED})
NOBODY: frozenset[CallerKind] = frozenset()
CERTAIN = {
    There.ALWAYS: EVERYBODY,
    There.CALLERS: EVERYBODY - SERVICE,
    There.SIGNED: EVERYBODY - {CallerKind.ANONYMOUS},
    There.PRINCIPALS: PRINCIPALS,
    There.USERS: frozenset({CallerKind.USER}),
    There.SERVICES: SERVICE,
    There.TOKENS: SESSIONS,
}
"""Whose requests always hold such a key. Nobody else's ever do, but those in `POSSIBLE` may."""
POSSIBLE = {
    There.CALLERS: SERVICE,
    There.SAID: EVERYBODY,
    There.SOME_PRINCIPALS: PRINCIPALS,
    There.TOKENS: PRINCIPALS - SESSIONS,
    There.TEMPORARY: PRINCIPALS,
    There.SESSIONS: SESSIONS,
    There.SOME_SERVICES: SERVICE,
    There.ON_THE_WAY: NOBODY,
    There.SOMETIMES: EVERYBODY,
    There.SENT: EVERYBODY,
    There.MADE_UP: EVERYBODY,
}
"""Whose requests may hold such a key. Nobody else's ever do."""
KEPT = 10_000


@lru_cache(maxsize=KEPT)
def presence(key: ConditionKey, kind: CallerKind, *, on_the_way: bool = False) -> Presence:
    """
    Return whether requests by such a caller hold the key.

    `on_the_way`: the call is, or may be, one that an AWS service makes for the caller, as S3's to KMS.
    AWS describes such calls for principals only; that a service's own go otherwise it does not say. What
    stands in a session's token need not be in them where no page says that it is handed on.
    """
    if on_the_way and key.there is There.ON_THE_WAY:
        return Presence.NEVER if kind is CallerKind.ANONYMOUS else Presence.POSSIBLE
    if kind in CERTAIN.get(key.there, NOBODY):
        in_doubt = on_the_way and key.set_by is SetBy.SESSION and key.travels is Travels.UNVERIFIED
        return Presence.POSSIBLE if in_doubt else Presence.CERTAIN
    return Presence.POSSIBLE if kind in POSSIBLE.get(key.there, NOBODY) else Presence.NEVER


@lru_cache(maxsize=KEPT)
def goes_with(key: ConditionKey, action: str) -> bool:
    """Return whether requests for this action (no pattern) can hold the key at all."""
    return not key.only_for or any(matcher(pattern, ignore_case=True)(action) for pattern in key.only_for)
