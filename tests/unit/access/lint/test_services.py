from __future__ import annotations

from typing import Any

import pytest

from key_policies import ACCOUNT, TRAIL, administration, policy, statement
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written


def rules(**change: Any) -> list[str]:
    text = policy(administration(), statement("asked", **change))
    return [f.rule for f in lint(read_written(text)) if f.statement == "asked"]


def denying(condition: dict[str, Any], **change: Any) -> list[str]:
    return rules(**{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Condition": condition, **change})


STOPPING = {
    "all but an endpoint": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    "all but a range": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    "all but an organization": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    "all without an endpoint": {"Null": {"aws:SourceVpce": "true"}},
    "an account's trails": {
        "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    },
    "services too": {
        "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    },
}
SPARING = {
    "services are spared": {
        "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    },
    "only if there is one": {
        "StringNotEqualsIfExists": {"aws:PrincipalArn": "x"},
        "Null": {"aws:SourceVpce": "false"},
    },
    "trails of the account": {
        "StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceAccount": [ACCOUNT, "444455556666"]}
    },
    "a trail": {
        "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
        "ArnNotLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
    },
    "one endpoint": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    "no network": {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/x"}},
}


@pytest.mark.parametrize("condition", STOPPING.values(), ids=STOPPING)
def test_a_deny_by_what_services_do_not_send_stops_cloudtrail(condition):
    assert "KP119" in denying(condition)


@pytest.mark.parametrize("condition", SPARING.values(), ids=SPARING)
def test_a_deny_that_does_not_reach_services_is_left_alone(condition):
    assert "KP119" not in denying(condition)


def test_a_deny_of_what_cloudtrail_does_not_do_is_left_alone():
    assert "KP119" not in denying(STOPPING["all but an endpoint"], Action="kms:Decrypt")


def test_a_deny_on_the_bucket_stops_cloudtrail_too():
    found = denying(STOPPING["all but an endpoint"], Action="s3:*", Resource="arn:aws:s3:::logs/*")

    assert "KP119" in found


@pytest.mark.parametrize("key", ["aws:SourceOrgID", "aws:SourceOrgPaths"])
def test_a_key_that_cloudtrail_may_not_send_is_told(key):
    found = rules(
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Action="kms:GenerateDataKey*",
        Condition={"StringEquals": {key: "o-1"}},
    )

    assert found == ["KP120"]


def test_a_trail_is_what_cloudtrail_sends():
    found = rules(
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Action="kms:GenerateDataKey*",
        Condition={"StringEquals": {"aws:SourceArn": TRAIL}},
    )

    assert found == []


def test_a_condition_on_aliases_is_noted():
    found = rules(Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/x"}})

    assert found == ["KP122"]
