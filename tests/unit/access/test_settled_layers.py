from __future__ import annotations

import json
from typing import Any

import pytest

from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request

ACCOUNT = "123456789012"
ALICE, BOB = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("alice", "bob"))
OBJECT = "arn:aws:s3:::logs/a"
TAG = "aws:PrincipalTag/team"
ALL = {"Resource": "*"}
CONDITION = {**ALL, "Condition": {"StringEquals": {TAG: "a"}}}
VARIABLE = {"Resource": f"arn:aws:s3:::logs/${{{TAG}}}"}
LOOKING = [CONDITION, VARIABLE]
NAMING = {"resource", "rcp", "vpc_endpoint"}


def document(layer: str, effect: str, clauses: dict[str, Any], principal: Any = "*") -> str:
    who = {"Principal": principal} if layer in NAMING else {}
    statement = {"Effect": effect, "Action": "s3:*", **who, **clauses}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def beside(layer: str, one: str) -> Policies:
    """Return the layer with this document, beside an identity policy that allows everything."""
    shapes: dict[str, Any] = {"session": one, "resource": one, "scp": ((one,),), "rcp": ((one,),)}
    layers: dict[str, Any] = {
        "identity": (document("identity", "Allow", ALL),),
        layer: shapes.get(layer, (one,)),
    }
    return Policies(**layers)


def ask(policies: Policies, team: str, *, caller: str = ALICE, resource: str = OBJECT) -> Effect:
    request = Request(
        principal=caller,
        action="s3:GetObject",
        resource=resource,
        resource_account=ACCOUNT,
        context={TAG: (team,)},
    )
    return authorize(request, policies).effect


@pytest.mark.parametrize("clauses", LOOKING)
@pytest.mark.parametrize("layer", ["identity", "boundary", "session", "vpc_endpoint"])
def test_an_allow_that_looks_at_the_context_is_asked_for_each_request(
    layer: str, clauses: dict[str, Any]
) -> None:
    policies = beside(layer, document(layer, "Allow", clauses))

    effects = [ask(policies, team) for team in ("a", "b", "a")]

    assert effects == [Effect.ALLOWED, Effect.IMPLICITLY_DENIED, Effect.ALLOWED]


@pytest.mark.parametrize("layer", ["identity", "resource", "scp"])
@pytest.mark.parametrize("clauses", LOOKING)
def test_a_deny_that_looks_at_the_context_is_asked_for_each_request(
    layer: str, clauses: dict[str, Any]
) -> None:
    policies = beside(layer, document(layer, "Deny", clauses))

    assert ask(policies, "a") is Effect.EXPLICITLY_DENIED
    assert ask(policies, "b") is not Effect.EXPLICITLY_DENIED


def test_a_guardrail_with_a_condition_is_asked_for_each_request() -> None:
    policies = beside("rcp", document("rcp", "Deny", CONDITION))

    assert [ask(policies, team) for team in ("b", "a")] == [Effect.ALLOWED, Effect.EXPLICITLY_DENIED]


@pytest.mark.parametrize("layer", ["resource", "vpc_endpoint"])
def test_a_layer_that_looks_at_no_context_is_asked_for_each_caller(layer: str) -> None:
    policies = beside(layer, document(layer, "Deny", ALL, {"AWS": ALICE}))

    assert ask(policies, "a", caller=ALICE) is Effect.EXPLICITLY_DENIED
    assert ask(policies, "a", caller=BOB) is not Effect.EXPLICITLY_DENIED


@pytest.mark.parametrize("layer", ["identity", "scp", "resource", "rcp", "vpc_endpoint"])
@pytest.mark.parametrize("clauses", [{}, {"Condition": CONDITION["Condition"]}])
def test_a_layer_is_asked_for_each_resource(layer: str, clauses: dict[str, Any]) -> None:
    policies = beside(layer, document(layer, "Deny", {"Resource": OBJECT, **clauses}))

    assert ask(policies, "a", resource=f"{OBJECT}b") is not Effect.EXPLICITLY_DENIED
    assert ask(policies, "a") is Effect.EXPLICITLY_DENIED


@pytest.mark.parametrize(
    ("action", "resource", "effect"),
    [
        ("kms:TagResource", "*", Effect.ALLOWED),  # CreateKey with tags, before there is a key
        ("kms:UntagResource", "*", Effect.INVALID),
        ("kms:CreateKey", "*", Effect.ALLOWED),
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a", Effect.INVALID),
        ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a", Effect.ALLOWED),
    ],
)
def test_iam_alone_decides_only_where_no_key_could_be_asked(action, resource, effect):
    everything = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    )
    request = Request(principal=ALICE, action=action, resource=resource)

    assert authorize(request, Policies(identity=(everything,))).effect is effect
