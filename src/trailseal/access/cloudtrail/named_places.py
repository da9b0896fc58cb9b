"""
The accounts, Regions and organizations that policies tell apart by what a file is called.

Where nobody says which of them deliver, those are asked about beside one that stands for all
others: what a policy makes of one folder, no stand-in shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.statement import Statement
from trailseal.access.parse.stored import read_stored
from trailseal.access.readers.log_object import CONTEXT, OBJECT_PAIR
from trailseal.model.arn import ACCOUNT, REGION
from trailseal.model.organization import ORGANIZATION_ID

BETWEEN = re.compile(r"[/_]"), re.compile(r"[/_*]")
"""Between the parts of an object's key: `AWSLogs/ACCOUNT/CloudTrail/REGION/…/ACCOUNT_CloudTrail_REGION_…`."""
WHERE = (CONTEXT + OBJECT_PAIR).lower()
WILDCARD = re.compile(r"([*?])")
DIGITS = re.compile(r"[0-9*?]*[0-9][0-9*?]*")
MOST_WILDCARDS = 3
FILLINGS = ("", "0", "a", "a-0", "a-a", "-a-0", "a-a-0")
"""What may stand for a wildcard in a Region's name: `eu-*` is one with `a-0`, `*-1` one with `a-a`."""
KEPT = 1_000


class NamedPlaces(NamedTuple):
    """Accounts, Regions and organizations, one for each name or pattern."""

    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    organizations: tuple[str, ...]


@lru_cache(maxsize=KEPT)
def named_places(policy: str, kind: PolicyKind) -> NamedPlaces:
    """Return what each part of a path names that a policy as AWS holds it compares with."""
    parts = {
        part
        for statement in read_stored(policy, kind).statements
        for text in _compared(statement)
        for between in BETWEEN
        for part in between.split(text)
    }
    return NamedPlaces(
        accounts=_found(map(_account, parts)),
        regions=_found(map(_region, parts)),
        organizations=_found(map(_organization, parts)),
    )


def _compared(statement: Statement) -> Iterator[str]:
    yield from statement.resource.patterns if statement.resource is not None else ()
    for condition in statement.conditions:
        yield from condition.values if condition.key == WHERE else ()


def _found(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _account(part: str) -> str:
    """Return an account that a part names, or one for its wildcards; "" where it is none."""
    account = _padded(part, len("123456789012")) if DIGITS.fullmatch(part) else ""
    return account if ACCOUNT.fullmatch(account) else ""


def _organization(part: str) -> str:
    """Return an organization that a part names, or one for its wildcards; "" where it is none."""
    organization = _padded(part, len("o-1234567890"))
    return organization if ORGANIZATION_ID.fullmatch(organization) else ""


def _padded(part: str, length: int) -> str:
    """Return a part of this length at least, zeros in the place of its wildcards."""
    shown = part.replace("?", "0")
    lacking = max(length - len(shown.replace("*", "")), 0)
    return shown.replace("*", "0" * lacking, 1).replace("*", "")


def _region(part: str) -> str:
    """Return a Region that a part names, or one for its wildcards; "" where it is none."""
    wildcards = len(WILDCARD.findall(part))
    if wildcards > MOST_WILDCARDS or part == "*" * wildcards:
        return ""
    fillings = (FILLINGS if each == "*" else ("0", "a", "-") for each in WILDCARD.findall(part))
    filled = (_fill(part, each) for each in product(*fillings))
    return next((each for each in filled if REGION.fullmatch(each)), "")


def _fill(part: str, filling: tuple[str, ...]) -> str:
    pieces = WILDCARD.split(part)
    pieces[1::2] = filling
    return "".join(pieces)
