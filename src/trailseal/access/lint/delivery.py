"""
CloudTrail's own requests put to the engine: does a Deny stop them?

A request of a service holds nothing of a principal (ARN, name, tags, session, organization) and nothing
of a network. What it says of the trail that it works for is told by the statement, where that spells it out.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from itertools import islice, product

from msgspec.structs import replace

from trailseal.access.caller import NOBODYS, CallerKind
from trailseal.access.decision import Effect
from trailseal.access.facts import Lack, Value
from trailseal.access.keys.key import There
from trailseal.access.keys.presence import Presence, presence
from trailseal.access.keys.table import find
from trailseal.access.lint.admission import TRAIL, only_about
from trailseal.access.lint.asking import (
    Asker,
    PolicyQuestion,
    answer,
    as_text,
    free_value,
    passes,
    questions,
    tests,
)
from trailseal.access.lint.matching import CLOUDTRAIL_PRINCIPAL, fill, reaches
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.strangers import SERVICE_KEYS
from trailseal.access.lint.surroundings import NETWORK_KEYS
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import matches
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.arn import account_of

OF_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid")
LET_IN = WrittenStatement(
    position=1, effect="Allow", principals=(CLOUDTRAIL_PRINCIPAL,), actions=("*",), resources=("*",)
)
MAX_VALUES = 10
MAX_SOURCES = 100


class Stopped(Enum):
    """Whether a Deny stops every request of CloudTrail's for the author's own trails."""

    SURELY = auto()
    MAYBE = auto()
    NO = auto()


def lacks(key: str) -> bool:
    """Whether no request of a service holds a key (in lower case)."""
    row = find(key)
    if key in NETWORK_KEYS:
        return True
    return row is not None and not _on_the_way(key) and presence(row, CallerKind.SERVICE) is Presence.NEVER


def denied_to_cloudtrail(deny: WrittenStatement, action: str, place: PolicyPlace) -> Stopped:
    """Return whether a Deny, beside an Allow of everything to CloudTrail, stops it at an action."""
    only = only_about(deny, action)
    (asked,) = questions(only, version=place.version, owner=place.owner or NOBODYS, partition=place.partition)
    both = replace(asked, text=as_text([LET_IN, only], place.version))
    effects = {answer(both, one) for one in _requests(deny, asked, place)}
    if effects == {Effect.EXPLICITLY_DENIED}:
        return Stopped.SURELY
    return Stopped.MAYBE if effects <= {Effect.EXPLICITLY_DENIED, Effect.UNKNOWN} else Stopped.NO


def lets_cloudtrail_in(policy: WrittenPolicy, action: str, place: PolicyPlace) -> bool:
    """Whether an Allow of the policy lets CloudTrail in at an action, or may."""
    for allow in policy.statements:
        if allow.grants and reaches(allow, action):
            for asked in questions(
                only_about(allow, action),
                version=place.version,
                owner=place.owner or NOBODYS,
                partition=place.partition,
            ):
                if any(passes(asked, one, by_iam=False) for one in _requests(allow, asked, place)):
                    return True
    return False


def _requests(statement: WrittenStatement, asked: PolicyQuestion, place: PolicyPlace) -> Iterator[Asker]:
    fixed = {key: _held(key, asked) for key in tests(statement) if key not in SERVICE_KEYS}
    for source in islice(_sources(statement, place), MAX_SOURCES):
        yield Asker(principal=CLOUDTRAIL, context=fixed | source)


def _held(key: str, asked: PolicyQuestion) -> Value:
    """Return what CloudTrail's request holds; what it says of a service on the way no page tells."""
    if key in NETWORK_KEYS:
        return Lack.ABSENT
    return Lack.UNKNOWN if _on_the_way(key) else free_value(key, CallerKind.SERVICE, asked.action)


def _on_the_way(key: str) -> bool:
    row = find(key)
    return row is not None and row.there is There.ON_THE_WAY


def _sources(statement: WrittenStatement, place: PolicyPlace) -> Iterator[dict[str, Value]]:
    """Yield what CloudTrail may say of its trail: what a statement spells out, and the owner's own."""
    tested = tests(statement)
    keys = [key for key in OF_SOURCES if key in tested]
    each = [
        _said(key, [v for c in tested[key] if c.operator != "Null" for v in c.values], place) for key in keys
    ]
    for values in product(*each):
        yield {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _said(key: str, written: list[str], place: PolicyPlace) -> list[Value | None]:
    """Return values of a key; None leaves it as it is, which is unknown."""
    spelt = [fill(value, "x") for value in written[:MAX_VALUES]]
    if key == "aws:sourceorgid":
        return [*((value,) for value in spelt), None]
    if key == "aws:sourceaccount":
        owner = [place.owner] if place.owner else []
        named: list[Value | None] = [(value,) for value in dict.fromkeys([*spelt, *owner])]
        return named or [None]
    trails = [fill(v, "x") for v in written[:MAX_VALUES] if _may_be_trail(v)]
    own = TRAIL.format(partition=place.partition, account=place.owner or NOBODYS)
    mine = [v for v in written[:MAX_VALUES] if account_of(v) in {place.owner, "*"}]
    return [(value,) for value in (trails if mine else [*trails, own])]


def _may_be_trail(value: str) -> bool:
    parts = value.split(":")
    return "*" in parts[0] or (len(parts) > 2 and matches(parts[2], "cloudtrail"))  # noqa: PLR2004
