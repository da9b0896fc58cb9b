"""
All callers that the policies can tell apart, one of each kind: of known accounts and of any other.

An ARN is fixed text around an account and a name, so accounts are split first, twelve digits long,
and names after them, by the patterns that are still alive.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.lint.matching import account_root, role_of_session
from trailseal.access.prove.vocabulary import Comparison, Vocabulary
from trailseal.access.readers.subject import Knowledge, Subject, SubjectKind
from trailseal.access.split.automaton import (
    Pattern,
    State,
    answers,
    compile_pattern,
    fixed_length,
    run,
    start,
    words,
)

NAME = string.ascii_letters + string.digits + "+=,.@_-/"
DIGITS = string.digits
KINDS = (
    (SubjectKind.USER, "iam", "user/"),
    (SubjectKind.ROLE, "iam", "role/"),
    (SubjectKind.FEDERATED, "sts", "federated-user/"),
)
OTHER_SERVICE = "trailseal-witness.amazonaws.com"
ACCOUNT_KEYS = ("kms:calleraccount", "aws:principalaccount")
ARN_PARTS = 6


class Universe(Struct, frozen=True, kw_only=True):
    """The patterns that split ARNs, and those that split account numbers alone."""

    partition: str
    arns: tuple[Pattern, ...]
    accounts: tuple[Pattern, ...]
    named: tuple[str, ...]
    services: tuple[str, ...]


def universe(
    looked: Vocabulary, *, partition: str, own_accounts: tuple[str, ...], told_apart: frozenset[str]
) -> Universe:
    """
    Return how the policies split callers.

    `own_accounts` and the ARNs in `told_apart` are told apart from all others in any case: else a
    listed reader could be the only witness of a kind that others belong to as well.
    """
    patterns = [(t.value, False) for t in _tests(looked, "aws:principalarn")]
    patterns += [
        (value, True) for kind, value in looked.principals if kind == "AWS" and value.startswith("arn:")
    ]
    patterns += [(role_of_session(arn) or arn, True) for arn in sorted(told_apart) if arn.startswith("arn:")]
    accounts = [(t.value, False) for key in ACCOUNT_KEYS for t in _tests(looked, key)]
    accounts += [(a, True) for p in looked.principals if (a := account_root(p))]
    accounts += [(account, True) for account in own_accounts]
    named = sorted(v for kind, v in looked.principals if kind == "AWS" and v.count(":") >= ARN_PARTS - 1)
    services = sorted(v for kind, v in looked.principals if kind == "Service")
    return Universe(
        partition=partition,
        arns=_compiled(patterns),
        accounts=_compiled(accounts),
        named=tuple(n for n in named if not account_root(("AWS", n))),
        services=(*services, OTHER_SERVICE),
    )


def _tests(looked: Vocabulary, key: str) -> list[Comparison]:
    return sorted(looked.keys[key].tests) if key in looked.keys else []


def _compiled(patterns: list[tuple[str, bool]]) -> tuple[Pattern, ...]:
    return tuple(compile_pattern(text, literal=literal) for text, literal in dict.fromkeys(patterns))


def callers(universe: Universe) -> Iterator[Subject]:
    """
    Yield one subject of each kind, each with IAM policies unknown.

    Raises:
        TooMany: the policies split callers into more kinds than the bound allows.
    """
    yield Subject(arn="anonymous", asks_as="anonymous", kind=SubjectKind.ANONYMOUS)
    for service in universe.services:
        yield Subject(arn=service, asks_as=service, kind=SubjectKind.SERVICE)
    for arn in universe.named:
        if (subject := _named(arn)) is not None:
            yield subject
    for account in _accounts(universe):
        yield _stranger(f"arn:{universe.partition}:iam::{account}:root", SubjectKind.ROOT, account)
        for kind, service, prefix in KINDS:
            for name in _names(universe, f"arn:{universe.partition}:{service}::{account}:{prefix}"):
                yield _stranger(name, kind, account)


def _stranger(arn: str, kind: SubjectKind, account: str) -> Subject:
    return Subject(arn=arn, asks_as=arn, kind=kind, account=account, knowledge=Knowledge.NOT_READ)


def _named(arn: str) -> Subject | None:
    parts = arn.split(":")
    kinds = {
        "user": SubjectKind.USER,
        "role": SubjectKind.ROLE,
        "assumed-role": SubjectKind.SESSION,
        "federated-user": SubjectKind.FEDERATED,
    }
    kind = kinds.get(parts[5].partition("/")[0])
    return _stranger(arn, kind, parts[4]) if kind else None


def _accounts(universe: Universe) -> list[str]:
    """One account of each kind: the ARN patterns read it after `arn:…::`, the others from its start."""
    together: dict[State, str] = {}
    for service in ("iam", "sts"):
        prefix = f"arn:{universe.partition}:{service}::"
        state = run(universe.arns, start(universe.arns), prefix) + start(universe.accounts)
        found = fixed_length(universe.arns + universe.accounts, state, allowed=DIGITS, length=12)
        together |= found
    return sorted(set(together.values()))


def _names(universe: Universe, prefix: str) -> Iterator[str]:
    """One ARN of each kind that begins with `prefix`; patterns that are dead by then are left out."""
    state = run(universe.arns, start(universe.arns), prefix)
    alive = tuple((p, s) for p, s in zip(universe.arns, state, strict=True) if s)
    patterns, here = tuple(p for p, _ in alive), tuple(s for _, s in alive)
    seen: set[tuple[bool, ...]] = set()
    for there, word in words(patterns, here, allowed=NAME, not_last="/"):
        if (answer := answers(patterns, there)) not in seen:
            seen.add(answer)
            yield prefix + word
