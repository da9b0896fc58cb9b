"""
What is known of a request's context: given, derived from the caller and the path, absent, or unknown.

A key that is derived from something that only partly determines it is *one of a set*: a session's ARN
does not show its role's path, so aws:PrincipalArn lies among the roles of that name, whatever the path.
`derived_facts` makes them from what is given.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.keys.key import SetBy, There, Travels
from trailseal.access.keys.presence import Presence, goes_with, presence
from trailseal.access.keys.table import find
from trailseal.access.match.wildcard import LITERAL_STAR


class Lack(Enum):
    """Why there is no value: the key is not in the request, or nobody told us."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


class OneOf(Struct, frozen=True):
    """
    The key is in the request, and each value of it lies in one of these patterns (`*`, `?`).

    `among` holds values that are certainly among those of a key with several values, `but_for` patterns
    of values that are somebody else's. `since` is a moment before which no value lies, "" for none.
    """

    patterns: tuple[str, ...]
    among: tuple[str, ...] = ()
    but_for: tuple[str, ...] = ()
    since: str = ""


Value = tuple[str, ...] | OneOf | Lack
"""What a key comes to. An empty tuple is a key that is absent for certain."""
Context = Mapping[str, Value]
THERE = OneOf(("*",))
"""A key that is in the request, of whose value nothing is known."""
TRUE_OR_FALSE = OneOf(("true", "false"))
KEPT = 10_000
SHAPES = 1_000
"""So many sets of names are remembered: a program that asks for decisions writes a few."""
OTHERS = LITERAL_STAR
"""After a family's name: every key of the family that is not known itself. No user's text can hold it."""
VIA = "aws:viaawsservice"


class Facts(Struct, frozen=True, kw_only=True):
    """
    A request's context, ready to be asked. Keys are lower case.

    A family's name with `OTHERS` speaks for all keys of the family that are not known themselves.
    """

    known: dict[str, Value]
    closed: bool
    """Whether a key that is not known is absent; else it is unknown, unless its nature says otherwise."""
    caller: Caller
    action: str = ""
    keeps_variables: bool = False
    """Whether it is not known what AWS makes of a policy variable in the place that is asked about."""

    def get(self, key: str) -> Value:
        """Return the values of a condition key (lower case), or why there are none."""
        if (found := self.known.get(key)) is not None:
            return found
        if (found := self.known.get(_others(key))) is not None:
            return found
        if self.closed:
            return Lack.ABSENT
        return _by_nature(key, self.caller.kind, self.action, self.known.get(VIA, ("false",)))

    def keeping_variables(self) -> Facts:
        """Return the facts for a place where it is not known what AWS makes of a policy variable."""
        return replace(self, keeps_variables=True)


class LookedAtFactsError(Exception):
    """Something was decided by the facts of a request, where what holds without them was asked for."""


class UntoldFacts:
    """In the place of a request's facts: whatever looks at one of them raises LookedAtFactsError."""

    def __getattr__(self, name: str) -> NoReturn:
        """Raise, whatever is looked at."""
        raise LookedAtFactsError(name)


UNTOLD: Any = UntoldFacts()


@lru_cache(maxsize=KEPT)
def _others(key: str) -> str:
    row = find(key)
    return row.name.lower() + OTHERS if row is not None and row.family else ""


@lru_cache(maxsize=KEPT)
def _by_nature(key: str, caller: CallerKind, action: str, via: Value) -> Value:
    """
    Return what the nature of a key tells of one that is neither given nor derived.

    A service that calls for a principal does not hand on the network that the first request came through.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    row = find(key)
    if row is None:
        return Lack.UNKNOWN
    if row.there is There.MADE_UP or not goes_with(row, action):
        return Lack.ABSENT
    if via == ("true",) and row.set_by is SetBy.NETWORK and row.travels is Travels.NO:
        return Lack.ABSENT
    match presence(row, caller, on_the_way=via != ("false",)):
        case Presence.CERTAIN:
            return THERE
        case Presence.POSSIBLE:
            return Lack.UNKNOWN
        case _:
            return Lack.ABSENT
