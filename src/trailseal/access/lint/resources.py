"""
Which resource a statement is asked about: one that it names, and as usual a one as it leaves room for.

In a key policy a Resource names keys, by `*`, by an ARN or by a pattern for ARNs; an alias is none.
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html and
https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import structs

from trailseal.access.caller import NOBODYS
from trailseal.access.lint.matching import fill
from trailseal.access.lint.written import WrittenStatement
from trailseal.access.match.resource import SERVICE, resource_matcher
from trailseal.access.match.wildcard import matches
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.texts import Domain, texts
from trailseal.access.split.whitelist import Test
from trailseal.access.variables import VARIABLE
from trailseal.model.arn import PARTS

KEY = "arn:{partition}:kms:{region}:{account}:key/00000000-0000-0000-0000-00000000000{digit}"
KEY_NAME = "key/"
KEY_IN, KEYS = f":{KEY_NAME}", Domain(patterns=(f"{KEY_NAME}?*",))
KEPT = 1_000


def resource_of(statement: WrittenStatement, action: str, owner: str, partition: str) -> str:
    """Return a resource that the statement is about, one that the action is asked of where there is one."""
    usual = _usual_resources(action, owner, partition)
    if "Resource" in statement.negated:
        free = (each for each in usual if not any(_may_name(wide, each) for wide in statement.resources))
        return next(free, usual[0])
    plain = [pattern for pattern in statement.resources if "${" not in pattern] or statement.resources
    found = [_example(pattern, usual[0]) for pattern in plain]
    of_a_key = (each for each in found if KEY_IN in each) if action.startswith("kms:") else iter(found)
    return next(of_a_key, (found or usual)[0])


def _usual_resources(action: str, owner: str, partition: str) -> tuple[str, ...]:
    """Return resources that an action is asked of, each in another place and with another name."""
    if action.startswith("sts:"):
        return (f"arn:{partition}:iam::{owner}:role/any",)
    if not action.startswith("kms:"):
        return tuple(f"arn:{partition}:s3:::any-bucket{n}/any{n}" for n in ("", "-2"))
    return tuple(
        KEY.format(partition=partition, account=owner, region=region, digit=digit)
        for region, digit in (("us-east-1", 0), ("us-east-1", 1), ("eu-central-1", 2))
    )


def _may_name(pattern: str, resource: str) -> bool:
    return "${" in pattern or resource_matcher(pattern)(resource) is not False


def _example(pattern: str, usual: str) -> str:
    """Return a resource that matches a pattern, as like the usual one as it can be."""
    if _may_name(pattern, usual):
        return usual
    parts, others = pattern.split(":", PARTS - 1), usual.split(":", PARTS - 1)
    like = map(_example_of_part, parts, others)
    return ":".join([*like, *others[len(parts) :]])


@lru_cache(maxsize=KEPT)
def _example_of_part(pattern: str, usual: str) -> str:
    """Return a part that matches: the usual one, the name of some key, else any; the usual one if unsure."""
    if matches(pattern, usual):
        return usual
    try:
        keys = texts((Test("StringLike", "", (pattern,)),), KEYS) if usual.startswith(KEY_NAME) else ()
    except TooMany:
        return usual
    return next((key for key in keys if matches(pattern, key)), fill(pattern, "x"))


def may_be_key(resource: str) -> bool:
    """Whether a Resource may name a key: an alias is a resource of its own, also where it is of the key."""
    found = _example(resource, _usual_resources("kms:Decrypt", NOBODYS, "aws")[0])
    return is_asked_of("kms:Decrypt", found)


def is_asked_of(action: str, resource: str) -> bool:
    """Whether an action is one on such a resource: on a key, in a bucket, on a role."""
    service = action.partition(":")[0].lower()
    of = resource.split(":", SERVICE + 1)[SERVICE : SERVICE + 1]
    return of == [{"sts": "iam"}.get(service, service)] and (service != "kms" or KEY_IN in resource)


def with_free_variables(statement: WrittenStatement) -> WrittenStatement:
    """
    Return an Allow with any text for each policy variable in its resources: callers differ in its value.

    What stands before the fifth colon is no variable for AWS, and is left as it is.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse
    """
    if not statement.grants or not any("${" in each for each in statement.resources):
        return statement
    if "Resource" in statement.negated:
        return statement
    return structs.replace(statement, resources=tuple(map(_with_free_variables, statement.resources)))


def _with_free_variables(resource: str) -> str:
    parts = resource.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return resource
    return ":".join([*parts[:-1], VARIABLE.sub(_free, parts[-1])])


def _free(variable: re.Match[str]) -> str:
    return "?" if variable[1] else "*"
