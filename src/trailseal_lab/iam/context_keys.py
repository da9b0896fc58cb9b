"""
GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy: the condition keys that policies name.

Keys of the request stand in conditions, and as variables in resources and conditions' values.
Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from trailseal.access.parse.document import read_policy
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.iam.simulator import policies_of
from trailseal_lab.world import World

VARIABLE = re.compile(r"\$\{\s*([A-Za-z0-9-]+:[^},]+?)\s*(?:,[^}]*)?\}")
"""A variable with its key; `${*}`, `${?}` and `${$}` are signs and no keys."""


@answers("iam", "GetContextKeysForCustomPolicy")
def keys_of_given(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Return the keys that the given policies name."""
    del world, forward
    return _answer(str(each) for each in call.params["PolicyInputList"])


@answers("iam", "GetContextKeysForPrincipalPolicy")
def keys_of_principal(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Return the keys that the policies of a user, group or role name, and those that are given beside."""
    del world, forward
    own = policies_of(str(call.params["PolicySourceArn"]))
    return _answer([*own, *(str(each) for each in call.params.get("PolicyInputList") or ())])


def _answer(policies: Iterable[str]) -> dict[str, Any]:
    """
    Return the names once each, in the order in which they are met.

    Raises:
        ApiError: InvalidInput for what is no policy.
    """
    found: dict[str, str] = {}
    for text in policies:
        try:
            read_policy(text, PolicyKind.IDENTITY)
        except InvalidPolicyError as problem:
            raise ApiError("InvalidInput", f"Policy document is invalid: {problem.what}") from None
        for name in _keys(json.loads(text)):
            found.setdefault(name.lower(), name)
    return {"ContextKeyNames": list(found.values())}


def _keys(policy: dict[str, Any]) -> Iterator[str]:
    given = policy["Statement"]
    for statement in given if isinstance(given, list) else [given]:
        for conditions in (statement.get("Condition") or {}).values():
            yield from conditions
            yield from _variables(conditions.values())
        yield from _variables(statement.get(name) for name in ("Resource", "NotResource"))


def _variables(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            yield from VARIABLE.findall(text) if isinstance(text, str) else ()
