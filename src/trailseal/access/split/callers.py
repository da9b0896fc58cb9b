"""
All callers that policies can tell apart, one of each class: of known accounts and of any other.

A class is told by what AWS derives from the caller alone: its ARN, account, type, name. What else can
differ between two callers of a class is left open in the request, for the search to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from trailseal.access.caller import (
    SERVICE_LINKED,
    CallerKind,
    caller_kind,
    is_session_of,
    read_caller,
    role_arn,
)
from trailseal.access.facts import Facts, Lack, Value
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.split.automaton import Pattern, TooMany, compile_arn, compile_pattern
from trailseal.access.split.names import Tests, Tracks, accounts, is_generic, names, windows
from trailseal.access.split.texts import SERVICE_NAMES, patterns_of, texts
from trailseal.access.split.vocabulary import Vocabulary, tests_of
from trailseal.access.split.whitelist import COMPARISONS, Test
from trailseal.model.arn import ACCOUNT, account_of

ARN, USER, SERVICE, USER_ID = (
    "aws:principalarn",
    "aws:username",
    "aws:principalservicename",
    "aws:userid",
)
ACCOUNTS = ("aws:principalaccount", "kms:calleraccount")
SERVICES = "aws:principalservicenameslist"
OWN_KEYS = frozenset({ARN, USER, SERVICE, SERVICES, USER_ID, *ACCOUNTS})
"""Keys that a caller's own ARN settles: split here, or unknown for the class."""
SERVICE_LINKED_ROLES = f"arn:*:iam::*:{SERVICE_LINKED}*"
"""Roles that no policy of an organization limits: told apart though no policy names them."""


class Class(Struct, frozen=True, kw_only=True):
    """
    One class of callers, by one of them. `alone`: a policy names this very caller.

    `open_keys` are not the same for all of the class, so they are to be left unknown. `sessions` are
    the names of those sessions of a role that are classes of their own.
    """

    arn: str
    kind: CallerKind
    account: str = ""
    alone: bool = False
    open_keys: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


class Looking(Struct, frozen=True):
    """What the policies look at in one kind of request, with what is known of all such requests."""

    vocabulary: Vocabulary
    facts: Facts


class Universe(Struct, frozen=True, kw_only=True):
    """
    Everything that splits callers.

    `own_accounts` and the principals in `told_apart` are told apart in any case: else one that is
    listed could be the only caller of a class that others belong to as well. `fixed` are texts
    of the estate in which a number may stand that is compared with an account.
    """

    partition: str
    looking: tuple[Looking, ...]
    own_accounts: tuple[str, ...]
    told_apart: frozenset[str] = frozenset()
    fixed: tuple[str, ...] = ()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return the principals that somebody names, by type and value."""
        listed = [("AWS" if arn.startswith("arn:") else "Service", arn) for arn in self.told_apart]
        written = (p for looking in self.looking for p in looking.vocabulary.principals)
        return tuple(sorted({*listed, *written}))

    def variables(self) -> frozenset[str]:
        """Return the keys that policy variables name."""
        return frozenset().union(*(looking.vocabulary.variables for looking in self.looking))


def callers(universe: Universe) -> Iterator[Class]:
    """
    Yield one caller of each class.

    Raises:
        TooMany: the policies split callers into more classes than the bound allows.
    """
    yield Class(arn="anonymous", kind=CallerKind.ANONYMOUS, alone=True)
    yield from services(universe)
    yield from named_sessions(universe)
    for account in all_accounts(universe):
        yield from callers_of(universe, account)


def all_accounts(universe: Universe) -> tuple[str, ...]:
    """
    Return one account of each class.

    Raises:
        TooMany: there are more classes than the bound allows.
    """
    split = _split(universe, {})
    numbers = [*(_exactly(account) for account in _literal_accounts(universe))]
    numbers += [tuple(patterns_of(test)) for test in split.on(*ACCOUNTS, USER_ID)]
    heads = [f"arn:{universe.partition}:{service}::" for service in ("iam", "sts")]
    return accounts(_arn_tests(universe, split), tuple(numbers), heads)


def callers_of(universe: Universe, account: str) -> Iterator[Class]:
    """
    Yield one caller of each class in one account: root, users, roles, federated users.

    Raises:
        TooMany: the policies split callers into more classes than the bound allows.
    """
    known = account in _literal_accounts(universe)
    generic = known or _accounts_are_generic(universe)
    mine: dict[str, Value] = dict.fromkeys(ACCOUNTS, (account,)) if generic else {}
    split = _split(universe, mine)
    open_keys = {*split.unsure, *(() if generic else universe.variables().intersection(ACCOUNTS))}
    head = f"arn:{universe.partition}:iam::{account}"
    of_root = () if known else _sorted(open_keys)
    yield Class(arn=f"{head}:root", kind=CallerKind.ROOT, account=account, alone=known, open_keys=of_root)
    arns, literal = _arn_tests(universe, split), _literal_arns(universe)
    users = tuple(tuple(patterns_of(test)) for test in split.on(USER))
    ids = tuple(tuple(patterns_of(test)) for test in split.on(USER_ID))
    ways = (
        (CallerKind.USER, f"{head}:user/", Tracks(arns=arns, others=users), True),
        (CallerKind.ROLE, f"{head}:role/", Tracks(arns=arns), True),
        (
            CallerKind.FEDERATED,
            f"{head.replace(':iam:', ':sts:')}:federated-user/",
            Tracks(arns=arns, others=ids, before=f"{account}:"),
            False,
        ),
    )
    for kind, start, tracks, has_path in ways:
        for arn in names(start, tracks, has_path=has_path):
            alone = arn in literal
            differing = universe.variables() & {ARN, USER, USER_ID}
            yield Class(
                arn=arn,
                kind=kind,
                account=account,
                alone=alone,
                open_keys=() if alone else _sorted({*open_keys, *differing}),
                sessions=sessions_of(universe, arn) if kind is CallerKind.ROLE else (),
            )


def services(universe: Universe) -> Iterator[Class]:
    """Yield the services that are named, and one other of each class."""
    split = _split(universe, {})
    named = tuple(sorted({value for kind, value in universe.named() if kind == "Service"}))
    for service in named:
        yield Class(arn=service, kind=CallerKind.SERVICE, alone=True)
    tests = (*split.on(SERVICE), *(Test("StringEquals", "", (service,)) for service in named))
    differing = universe.variables() & {SERVICE, SERVICES}
    for service in texts(tests, SERVICE_NAMES):
        if service not in named:
            open_keys = _sorted({*split.unsure, *differing})
            yield Class(arn=service, kind=CallerKind.SERVICE, open_keys=open_keys)


def named_sessions(universe: Universe) -> Iterator[Class]:
    """Yield the sessions of roles that somebody names."""
    for kind, arn in universe.named():
        if kind == "AWS" and _kind(arn) is CallerKind.SESSION:
            yield Class(arn=arn, kind=CallerKind.SESSION, account=account_of(arn), alone=True)


class _Split(Struct, frozen=True, kw_only=True):
    """The tests on callers' own keys that are split, and the keys that have another."""

    tests: dict[str, tuple[Test, ...]]
    unsure: frozenset[str]

    def on(self, *keys: str) -> tuple[Test, ...]:
        return tuple(dict.fromkeys(test for key in keys for test in self.tests.get(key, ())))


def _split(universe: Universe, mine: Mapping[str, Value]) -> _Split:
    found: dict[str, set[Test]] = {}
    unsure: set[str] = set()
    unknown: dict[str, Value] = dict.fromkeys(OWN_KEYS, Lack.UNKNOWN)
    for looking in universe.looking:
        known = {**looking.facts.known, **unknown, **mine}
        tests = tests_of(looking.vocabulary, structs.replace(looking.facts, known=known))
        unsure |= tests.tied & OWN_KEYS
        for key in OWN_KEYS:
            for test in tests.on(key):
                if _is_text(test) and key != SERVICES:
                    found.setdefault(key, set()).add(test)
                elif test.operator != "Null":
                    unsure.add(key)
    return _Split(
        tests={key: tuple(sorted(tests)) for key, tests in found.items() if key not in unsure},
        unsure=frozenset(unsure),
    )


def _is_text(test: Test) -> bool:
    if test.operator not in COMPARISONS:
        return False
    try:
        patterns_of(test)
    except TooMany:
        return False
    return True


def _exactly(text: str) -> tuple[Pattern, ...]:
    return (compile_pattern(text, literal=True),)


def _arn_tests(universe: Universe, split: _Split) -> Tests:
    tests = [tuple(patterns_of(test)) for test in split.on(ARN)]
    tests += [_exactly(arn) for arn in sorted(_literal_arns(universe))]
    linked = compile_arn(SERVICE_LINKED_ROLES)
    return (*tests, (linked,) if linked else ())


def _literal_arns(universe: Universe) -> frozenset[str]:
    """Return the callers that are named, and the roles of those that are named by session."""
    arns = [value for kind, value in universe.named() if kind == "AWS" and value.startswith("arn:")]
    kinds = {CallerKind.USER, CallerKind.ROLE, CallerKind.FEDERATED}
    roles = frozenset(role_arn(arn) for arn in arns if _kind(arn) is CallerKind.SESSION)
    return roles | {arn for arn in arns if _kind(arn) in kinds}


def _kind(arn: str) -> CallerKind | None:
    """Return the kind of one caller; where a wildcard stands, it would be several."""
    return None if has_wildcard(arn) else caller_kind(arn)


def _literal_accounts(universe: Universe) -> tuple[str, ...]:
    found = set(universe.own_accounts)
    for kind, value in universe.named():
        if kind == "AWS":
            found.add(account_of(value) or value)
    if universe.variables().intersection(ACCOUNTS):
        found.update(windows((*universe.fixed, *_texts(universe))))
    return tuple(sorted(account for account in found if ACCOUNT.fullmatch(account)))


def _accounts_are_generic(universe: Universe) -> bool:
    if not universe.variables().intersection(ACCOUNTS):
        return True
    heads = sorted(universe.fixed, key=len, reverse=True)
    return is_generic(_without_head(text, heads) for text in _texts(universe))


def _without_head(text: str, heads: list[str]) -> str:
    return next((text[len(head) :] for head in heads if text.startswith(head)), text)


def _texts(universe: Universe) -> Iterator[str]:
    for looking in universe.looking:
        yield from (value for look in looking.vocabulary.looks for value in look.test.values)
        yield from (pattern for pattern, _ in looking.vocabulary.resources)


def sessions_of(universe: Universe, role: str) -> tuple[str, ...]:
    """Return the names of a role's sessions that somebody names."""
    named = (arn for kind, arn in universe.named() if kind == "AWS" and not has_wildcard(arn))
    return tuple(sorted({read_caller(arn).session for arn in named if is_session_of(arn, role)}))


def _sorted(keys: set[str] | frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(keys))
