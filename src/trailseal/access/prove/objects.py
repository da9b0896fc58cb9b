"""The log files of a trail that the policies can tell apart for one caller, one of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import structs

from trailseal.access.facts import Lack
from trailseal.access.pairs import CONTEXT
from trailseal.access.readers.log_object import OBJECT_PAIR, LogObject
from trailseal.access.readers.questions import RequestUnderPolicies
from trailseal.access.split.request_policies import facts, looked_at
from trailseal.access.split.texts import NAME, Domain, texts
from trailseal.access.split.vocabulary import tests_of
from trailseal.access.split.whitelist import COMPARISONS, Test
from trailseal.access.variables import replace_in_resource

KEY = f"{NAME}/!()' :*?#$%&\"<>[]{{}}|^~`;\\"
PAIR = CONTEXT + OBJECT_PAIR.lower()
KEPT = 2_000


def objects(
    target: LogObject,
    folders: tuple[str, ...],
    fetched: RequestUnderPolicies | None,
    opened: RequestUnderPolicies | None,
) -> Iterator[LogObject]:
    """
    Yield one object of the folders for each way in which resources and its pair in the context can match.

    Raises:
        TooMany: there are more kinds than the bound allows.
    """
    tests = {*(_resources(fetched) if fetched else ()), *(_pairs(opened) if opened else ())}
    prefix = f"{target.bucket_arn}/"
    heads = tuple(prefix + folder for folder in folders)
    for arn in _arns(heads, tuple(sorted(tests))):
        yield structs.replace(target, key=arn.removeprefix(prefix))


@lru_cache(maxsize=KEPT)
def _arns(heads: tuple[str, ...], tests: tuple[Test, ...]) -> tuple[str, ...]:
    patterns = tuple(f"{head.replace('*', '?')}?*" for head in heads)
    domain = Domain(patterns=patterns, allowed=KEY, without=("*/",))
    return texts(tests, domain)


def _resources(asked: RequestUnderPolicies) -> Iterator[Test]:
    known = facts(asked.request)
    for pattern, has_variable in looked_at(asked.policies, asked.request.action).resources:
        replaced = replace_in_resource(pattern, known) if has_variable else pattern
        if not isinstance(replaced, Lack):
            yield Test("StringLike", "", (replaced,))


def _pairs(asked: RequestUnderPolicies) -> Iterator[Test]:
    tests = tests_of(looked_at(asked.policies, asked.request.action), facts(asked.request))
    return (test for test in tests.on(PAIR) if test.operator in COMPARISONS)


def pair_is_open(asked: RequestUnderPolicies) -> bool:
    """Whether the object's pair is looked at in a way that does not split objects."""
    looked = looked_at(asked.policies, asked.request.action)
    tests = tests_of(looked, facts(asked.request))
    odd = any(test.operator not in {*COMPARISONS, "Null"} for test in tests.on(PAIR))
    return odd or PAIR in tests.tied or PAIR in looked.variables
