"""What must hold for every request and every policy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from differential.generated import documents, lines, statements
from trailseal.access import evaluate
from trailseal.access.decision import DENIED, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.keys.key import There
from trailseal.access.keys.presence import goes_with
from trailseal.access.keys.table import find
from trailseal.access.lines import _policies as read_policies
from trailseal.access.request import Policies, Request

ORDER = (Effect.EXPLICITLY_DENIED, Effect.IMPLICITLY_DENIED, Effect.UNKNOWN, Effect.ALLOWED)
few = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def request_of(line: dict[str, Any], *, without: str = "") -> Request:
    """Return the request of a generated line, with one key of its context left out."""
    asked = line["request"]
    context = {
        key: tuple(value) if isinstance(value, list) else (value,)
        for key, value in asked["context"].items()
        if key != without
    }
    principal = asked["principal"]
    return Request(
        principal=principal["service"] if isinstance(principal, dict) else principal,
        action=asked["action"],
        resource=asked["resource"],
        resource_account=asked["resource_account"],
        context=context,
    )


def policies_of(line: dict[str, Any], **other: Any) -> Policies:
    """Return the policies of a generated line."""
    given_policies = line["policies"]
    return Policies(
        identity=other.get("identity", tuple(given_policies["identity"])),
        boundary=tuple(given_policies["boundary"]) if "boundary" in given_policies else None,
        session=given_policies.get("session"),
        scp=tuple(map(tuple, given_policies["scp"])) if "scp" in given_policies else None,
        rcp=tuple(map(tuple, given_policies["rcp"])) if "rcp" in given_policies else None,
        resource=other.get("resource", given_policies.get("resource")),
        vpc_endpoint=tuple(given_policies["vpc_endpoint"]) if "vpc_endpoint" in given_policies else None,
    )


def effect(line: dict[str, Any], **other: Any) -> Effect:
    """Return what the engine answers with nothing left unknown."""
    return authorize(request_of(line), policies_of(line, **other), unknown_context="absent").effect


def reversed_statements(document: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the document with its statements the other way round."""
    return document and {**document, "Statement": document["Statement"][::-1]}


@pytest.mark.sweep
@few
@given(lines())
def test_the_order_of_statements_and_policies_does_not_matter(line: dict[str, Any]) -> None:
    turned = tuple(reversed_statements(d) for d in reversed(line["policies"]["identity"]))
    resource = reversed_statements(line["policies"].get("resource"))

    assert effect(line, identity=turned, resource=resource) is effect(line)


@pytest.mark.sweep
@few
@given(lines(), statements())
def test_a_deny_never_grants(line: dict[str, Any], statement: dict[str, Any]) -> None:
    more = {"Version": "2012-10-17", "Statement": [{**statement, "Effect": "Deny"}]}

    after = effect(line, identity=(*line["policies"]["identity"], more))

    assert ORDER.index(after) <= ORDER.index(effect(line))


@pytest.mark.sweep
@few
@given(lines(), statements())
def test_an_allow_never_denies(line: dict[str, Any], statement: dict[str, Any]) -> None:
    more = {"Version": "2012-10-17", "Statement": [{**statement, "Effect": "Allow"}]}

    after = effect(line, identity=(*line["policies"]["identity"], more))

    assert ORDER.index(after) >= ORDER.index(effect(line))


def is_never_there(line: dict[str, Any], key: str) -> bool:
    row = find(key)
    return row is not None and (
        row.there is There.MADE_UP or not goes_with(row, str(line["request"]["action"]))
    )


@pytest.mark.sweep
@few
@given(lines(), st.data())
def test_what_is_decided_without_a_key_is_decided_so_with_every_value_of_it(
    line: dict[str, Any], data: st.DataObject
) -> None:
    derived = {"aws:PrincipalArn", "aws:PrincipalAccount", "kms:CallerAccount", "aws:username"}
    key = data.draw(st.sampled_from(sorted(line["request"]["context"])))
    by_path = {"kms:ViaService", "aws:SourceArn", "aws:ViaAWSService"}
    by_path |= {"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"}
    if key in derived | by_path or is_never_there(line, key):
        return
    policies = policies_of(line)

    unknown = authorize(request_of(line, without=key), policies).effect
    known = authorize(request_of(line), policies).effect

    # What nothing allows is denied for certain, though a Deny over the key is not: it may be an explicit one.
    assert unknown in {known, Effect.UNKNOWN} or {unknown, known} <= DENIED


@pytest.mark.sweep
@few
@given(lines(), documents(principal=True))
def test_unknown_is_never_more_than_a_lack_of_context(line: dict[str, Any], resource: dict[str, Any]) -> None:
    decision = authorize(request_of(line), policies_of(line, resource=resource))

    assert (decision.effect is Effect.UNKNOWN) is bool(decision.conditions)
    assert decision.reasons


def texts_of(line: dict[str, Any]) -> Policies:
    """Return the policies of a generated line as their texts, which is how they are remembered."""
    return read_policies(json.dumps(line["policies"]).encode())[0]


@pytest.mark.sweep
@few
@given(lines(), st.lists(lines(), min_size=1, max_size=3), st.sampled_from(["absent", "unknown"]))
def test_what_is_remembered_of_a_request_holds_for_every_other_with_other_facts(
    line: dict[str, Any], others: list[dict[str, Any]], unknown: Any
) -> None:
    request, policies = request_of(line), texts_of(line)
    for other in (line, *others, line):
        asked = replace(request, context=request_of(other).context)
        plainly = authorize(asked, policies, unknown_context=unknown)

        assert authorize(asked, policies, unknown_context=unknown, again=True) == plainly


@pytest.mark.parametrize(
    "layer", ["identity", "boundary", "session", "scp", "rcp", "resource", "resource_shared", "vpc_endpoint"]
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    "clause",
    [
        {"StringEquals": {"aws:UserAgent": "a"}},
        {"Null": {"aws:UserAgent": "true"}},
        {"StringLike": {"aws:PrincipalTag/a": "${aws:UserAgent}"}},
    ],
)
def test_what_a_fact_changes_is_not_remembered(layer: str, effect: str, clause: dict[str, Any]) -> None:
    """Whatever layer the statement is in: the same request, with the key and without, as if asked alone."""
    names = {"Principal": "*"} if layer in {"rcp", "resource", "resource_shared", "vpc_endpoint"} else {}
    said = {"Effect": effect, "Action": "kms:*", "Resource": "*", "Condition": clause, **names}
    free = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [said]}
    places: dict[str, dict[str, Any]] = {
        "identity": {"identity": [document]},
        "boundary": {"boundary": [document]},
        "session": {"session": document},
        "scp": {"scp": [[document]]},
        "rcp": {"rcp": [[document]]},
        "resource": {"resource": document},
        "resource_shared": {"resource_shared": document},
        "vpc_endpoint": {"vpc_endpoint": [document]},
    }
    grants_all = {"Version": "2012-10-17", "Statement": [free]}
    account = {"AWS": "arn:aws:iam::123456789012:root"}
    delegates = {"Version": "2012-10-17", "Statement": [{**free, "Principal": account}]}
    policies = texts_of({"policies": {"identity": [grants_all], "resource": delegates, **places[layer]}})
    for agent in ((), ("a",), ("b",), (), ("a",)):
        request = Request(
            principal="arn:aws:iam::123456789012:user/alice",
            action="kms:Decrypt",
            resource="arn:aws:kms:ap-northeast-1:123456789012:key/1",
            context={"aws:UserAgent": agent, "aws:PrincipalTag/a": ("a",)} if agent else {},
        )
        plainly = authorize(request, policies, unknown_context="absent")

        assert authorize(request, policies, unknown_context="absent", again=True) == plainly


def test_what_no_fact_changes_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    policies = texts_of({"policies": {"identity": [document]}})
    decided: list[object] = []
    combine = evaluate.combine  # type: ignore[attr-defined]  # what it calls

    def counting(*given: Any, **more: Any) -> Any:
        decided.append(given)
        return combine(*given, **more)

    monkeypatch.setattr(evaluate, "combine", counting)
    for number in range(5):
        request = Request(
            principal="arn:aws:iam::123456789012:user/once",
            action="s3:GetObject",
            resource="arn:aws:s3:::b/k",
            resource_account="123456789012",
            context={"aws:UserAgent": (str(number),)},
        )
        assert authorize(request, policies, again=True).is_allowed

    assert len(decided) == 1
