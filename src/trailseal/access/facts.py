"""
What is known of a request's context: given, derived from the caller and the path, absent, or unknown.

A key that is derived from something that only partly determines it is *one of a set*: a session's ARN
does not show its role's path, so aws:PrincipalArn lies among the roles of that name, whatever the path.
Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

import re
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
from trailseal.model.arn import Arn, is_arn


class Lack(Enum):
    """Why there is no value: the key is not in the request, or nobody told us."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


class OneOf(Struct, frozen=True):
    """
    The key is in the request, and each value of it lies in one of these patterns (`*`, `?`).

    `among` holds values that are certainly among those of a key with several values, `but_for` patterns
    of values that are somebody else's.
    """

    patterns: tuple[str, ...]
    among: tuple[str, ...] = ()
    but_for: tuple[str, ...] = ()


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
CONTEXT = "kms:encryptioncontext:"
PAIR_NAMES = "kms:encryptioncontextkeys"
REQUEST_TAG, TAG_KEYS = "aws:requesttag/", "aws:tagkeys"
LISTS = {
    CONTEXT: PAIR_NAMES,
    REQUEST_TAG: TAG_KEYS,
    "s3:requestobjecttag/": "s3:requestobjecttagkeys",
}
"""The families of pairs that a request carries, each with the key that lists the names of its pairs."""
LISTED = frozenset(LISTS.values())
UNIQUE_ID = re.compile(r"(A(?:IDA|ROA)[A-Z0-9]+)(?::|\Z)")
"""What a unique ID looks like where it begins the value of aws:userid, alone or before a session's name."""
REMOVES = re.compile(r"untag|delete|remove", re.IGNORECASE | re.ASCII)
"""Actions that name tags to remove: such a request has names, and where it has pairs no page promises."""
VIA = "aws:viaawsservice"
CALLED_VIA = "aws:calledvia"
ENDS_OF_CHAIN = ("aws:calledviafirst", "aws:calledvialast")
THROUGH = "kms:viaservice"
THE_WAY = frozenset({CALLED_VIA, THROUGH, *ENDS_OF_CHAIN})
CALLER_ACCOUNT = "kms:calleraccount"
ASSUMED_ROOT = "aws:assumedroot"


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


def facts_of(
    caller: Caller,
    *,
    action: str,
    resource: str,
    resource_account: str,
    given: Context,
    derive: bool,
    closed: bool,
) -> Facts:
    """Return the request's facts; a key that is given wins over a derived one."""
    names = _names(tuple(given))
    known: dict[str, Value] = dict(zip(names.lowered, given.values(), strict=True))
    is_given = VIA in known
    if names.tied:
        if carries_context(action) is False:
            _drop_context(known)
        _tie_pairs(known, given, names.pairs, action, derive=derive)
    if not closed and is_root_session(caller, known):
        known.setdefault("aws:sourceidentity", Lack.UNKNOWN)
    if derive:
        known = _derived(caller, action, resource_account, _region_in(resource)) | known
        _derive_source_account(known)
        if not THE_WAY.isdisjoint(known) or known[VIA] == ("true",):
            _derive_the_way(known, caller, is_given=is_given, closed=closed)
    return Facts(known=known, closed=closed, caller=caller, action=action)


def is_root_session(caller: Caller, known: Mapping[str, Value]) -> bool:
    """
    Whether the request is told to come, or maybe to come, from a session that AssumeRoot made.

    Such a session has the source identity of whoever made it.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    if caller.kind is not CallerKind.ROOT:
        return False
    told = known.get(ASSUMED_ROOT, ())
    return (
        any(value.lower() == "true" for value in told) if isinstance(told, tuple) else told is not Lack.ABSENT
    )


class KeyNames(Struct, frozen=True):
    """What the names in a context tell, whatever the values are."""

    lowered: tuple[str, ...]
    pairs: dict[str, dict[str, str]]
    """For each family of pairs the names of its pairs, each with the key as it is written."""
    tied: bool
    """Whether there is any pair, or a list of the names of pairs."""


@lru_cache(maxsize=SHAPES)
def _names(given: tuple[str, ...]) -> KeyNames:
    """Kept because requests name the same few keys and differ in the values: it saves a look at each name."""
    lowered = tuple([key.lower() for key in given])
    pairs = {
        head: {key[len(head) :]: key for key, low in zip(given, lowered, strict=True) if low.startswith(head)}
        for head in LISTS
    }
    return KeyNames(lowered, pairs, any(pairs.values()) or not LISTED.isdisjoint(lowered))


@lru_cache(maxsize=KEPT)
def _service(action: str) -> str:
    return action.partition(":")[0].lower()


@lru_cache(maxsize=KEPT)
def carries_context(action: str) -> bool | None:
    """
    Whether a request for the action carries an encryption context, None for what is no action of KMS.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    row = find(PAIR_NAMES)
    return goes_with(row, action) if row is not None and _service(action) == "kms" else None


def _drop_context(known: dict[str, Value]) -> None:
    for key in [key for key in known if key == PAIR_NAMES or key.startswith(CONTEXT)]:
        del known[key]


def _tie_pairs(
    known: dict[str, Value], given: Context, pairs: dict[str, dict[str, str]], action: str, *, derive: bool
) -> None:
    """
    Add what a list of names tells of its pairs, and what the pairs tell of the list.

    The caller makes up both, so that one is absent where nobody speaks of it: but not beside the other.
    Without `derive` nothing more is said of it than that.
    """
    for head, names in _lists_of(action):
        if names in known:
            sure = derive and not (head == REQUEST_TAG and REMOVES.search(action))
            _tell_pairs(known, head, known[names], THERE if sure else Lack.UNKNOWN)
        elif (of_family := pairs[head]) and (told := _names_told(of_family, given)):
            known[names] = told if derive else Lack.UNKNOWN


@lru_cache(maxsize=KEPT)
def _lists_of(action: str) -> tuple[tuple[str, str], ...]:
    """Return those of LISTS that requests for the action can hold."""
    rows = ((head, names, find(names)) for head, names in LISTS.items())
    return tuple((head, names) for head, names, row in rows if row is not None and goes_with(row, action))


def _tell_pairs(known: dict[str, Value], head: str, names: Value, pair: Value) -> None:
    """A list of which not every name is known leaves open what other pairs there are."""
    certain = names.among if isinstance(names, OneOf) else names
    if names is Lack.UNKNOWN or isinstance(names, OneOf):
        known.setdefault(head + OTHERS, Lack.UNKNOWN)
    for name in certain if isinstance(certain, tuple) else ():
        known.setdefault(head + name.lower(), pair)


def _names_told(of_family: dict[str, str], given: Context) -> Value:
    """Return the names of the given pairs, of which one that may be absent leaves the list open."""
    values = {name: given[key] for name, key in of_family.items()}
    certain = tuple(sorted([n for n, value in values.items() if value and not isinstance(value, Lack)]))
    if Lack.UNKNOWN not in values.values():
        return certain
    return OneOf(("*",), among=certain) if certain else Lack.UNKNOWN


def _derive_source_account(known: dict[str, Value]) -> None:
    source = known.get("aws:sourcearn")
    if isinstance(source, tuple) and "aws:sourceaccount" not in known:
        accounts = {Arn.parse(arn).account for arn in source if is_arn(arn)} - {""}
        known |= {"aws:sourceaccount": tuple(sorted(accounts))} if accounts else {}


def _derive_the_way(known: dict[str, Value], caller: Caller, *, is_given: bool, closed: bool) -> None:
    """
    Add what follows from the way of the call: directly, or by a service that calls for the caller.

    S3's call to KMS for a reader is AWS's own example of a forward access session.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    chain = known.get(CALLED_VIA)
    if not is_given and caller.kind is not CallerKind.SERVICE:
        known[VIA] = _by_a_service(known)
    ends = tuple(end for key in ENDS_OF_CHAIN if isinstance(end := known.get(key), tuple))
    among = tuple(dict.fromkeys(service for end in ends for service in end))
    if chain is None and known[VIA] == ("true",) and (among or not closed):
        chain = known[CALLED_VIA] = OneOf(("*",), among=among) if among else THERE
    first, last = ENDS_OF_CHAIN
    if isinstance(chain, OneOf):
        known.setdefault(first, THERE if among else chain)
        known.setdefault(last, THERE if among else chain)
    elif isinstance(chain, tuple) and chain:
        known.setdefault(first, chain[:1])
        known.setdefault(last, chain[-1:])


def _by_a_service(known: dict[str, Value]) -> Value:
    chain = [known.get(key, ()) for key in (CALLED_VIA, *ENDS_OF_CHAIN)]
    if any(part not in {(), Lack.ABSENT, Lack.UNKNOWN} for part in chain):
        return ("true",)
    if Lack.UNKNOWN in chain:
        return TRUE_OR_FALSE
    through = known.get(THROUGH, ())
    if isinstance(through, tuple) and all(service.startswith("s3.") for service in through):
        return ("true",) if through else ("false",)
    return ("false",) if through is Lack.ABSENT else TRUE_OR_FALSE


@lru_cache(maxsize=KEPT)
def _region_in(resource: str) -> str:
    return Arn.parse(resource).region if is_arn(resource) else ""


@lru_cache(maxsize=KEPT)
def _derived(caller: Caller, action: str, resource_account: str, region: str) -> dict[str, Value]:
    known = of_caller(caller)
    known[VIA] = TRUE_OR_FALSE if caller.kind is CallerKind.SERVICE else ("false",)
    account = find(CALLER_ACCOUNT)
    if caller.account and account is not None and goes_with(account, action):
        known[CALLER_ACCOUNT] = (caller.account,)
    if resource_account:
        known["aws:resourceaccount"] = (resource_account,)
        if _service(action) == "s3":
            known["s3:resourceaccount"] = (resource_account,)
    if region:
        known["aws:requestedregion"] = (region,)
    return known


def unique_id_in(user_id: Value | None) -> str:
    """Return the unique ID of a user or a role that a value of aws:userid tells, "" where it tells none."""
    if isinstance(user_id, OneOf):
        told = user_id.patterns[0] if len(user_id.patterns) == 1 else ""
    else:
        told = user_id[0] if isinstance(user_id, tuple) and user_id else ""
    found = UNIQUE_ID.match(told)
    return found[1] if found else ""


def of_caller(caller: Caller) -> dict[str, Value]:
    """Return the context keys that tell who the caller is."""
    if caller.kind is CallerKind.SERVICE:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (caller.text,),
            "aws:principalservicenameslist": OneOf(("*",), among=(caller.text,)),
        }
    if caller.kind is CallerKind.ANONYMOUS:
        return {
            "aws:principaltype": ("Anonymous",),
            "aws:principalaccount": ("anonymous",),
        }
    roles = caller.roles
    known: dict[str, Value] = {
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": OneOf(roles) if roles else (caller.text,),
        "aws:principalaccount": (caller.account,),
        "aws:principaltype": (PRINCIPAL_TYPES[caller.kind],),
        "aws:userid": _user_id(caller),
    }
    return known | ({"aws:username": (caller.name,)} if caller.kind is CallerKind.USER else {})


PRINCIPAL_TYPES = {
    CallerKind.USER: "User",
    CallerKind.ROOT: "Account",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.SESSION: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
}


def _user_id(caller: Caller) -> Value:
    """Return what aws:userid can be: unique IDs begin with AIDA for users and with AROA for roles."""
    match caller.kind:
        case CallerKind.ROOT:
            return (caller.account,)
        case CallerKind.FEDERATED:
            return (f"{caller.account}:{caller.name}",)
        case CallerKind.USER:
            return OneOf(("AIDA*",))
        case CallerKind.SESSION:
            return OneOf((f"AROA*:{caller.session}",))
        case _:
            return OneOf(("AROA*:*",))
