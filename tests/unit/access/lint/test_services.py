from __future__ import annotations

from typing import Any

import pytest

from key_policies import ACCOUNT, CONTEXT, TRAIL, TRAILS, administration, encrypting, policy, statement
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
}


@pytest.mark.parametrize("condition", STOPPING.values(), ids=STOPPING)
def test_a_deny_by_what_services_do_not_send_stops_cloudtrail(condition):
    assert "KP119" in denying(condition)


@pytest.mark.parametrize("condition", SPARING.values(), ids=SPARING)
def test_a_deny_that_does_not_reach_services_is_left_alone(condition):
    assert "KP119" not in denying(condition)


ROLE = f"arn:aws:iam::{ACCOUNT}:role/x"
NO_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
ONLY_PRINCIPALS = {
    "all but a role": ("aws:PrincipalArn", {"Condition": {"ArnNotLike": {"aws:PrincipalArn": ROLE}}}),
    "all but a role in a string": (
        "aws:PrincipalArn",
        {"Condition": {"StringNotEquals": {"aws:PrincipalArn": ROLE}}},
    ),
    "all without a tag": (
        "aws:PrincipalTag/t",
        {"Condition": {"StringNotEquals": {"aws:PrincipalTag/t": "1"}}},
    ),
    "all but a user": ("aws:username", {"Condition": {"StringNotEquals": {"aws:username": "alice"}}}),
    "all without a second factor": (
        "aws:MultiFactorAuthPresent",
        {"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
    ),
    "all without a source identity": (
        "aws:SourceIdentity",
        {"Condition": {"Null": {"aws:SourceIdentity": "true"}}},
    ),
    "all but a role, for the author's trails": (
        "aws:PrincipalArn",
        {
            "Condition": {
                "ArnNotEquals": {"aws:PrincipalArn": ROLE},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": TRAILS},
            }
        },
    ),
    "all principals but the account": ("", {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}),
    "everybody": ("", {"Action": "kms:GenerateDataKey*"}),
    "CloudTrail itself": ("", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
    "the author's trails": ("", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
}
NOT_STOPPING = {
    "services are spared": {"Condition": {"ArnNotLike": {"aws:PrincipalArn": ROLE}, **NO_SERVICE}},
    "CloudTrail is spared": {
        "Condition": {
            "ArnNotLike": {"aws:PrincipalArn": ROLE},
            "StringNotEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"},
        }
    },
    "CloudTrail is listed": {
        "Principal": None,
        "NotPrincipal": {"AWS": ACCOUNT, "Service": "cloudtrail.amazonaws.com"},
    },
    "only if there is one": {
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": ROLE}, "Null": {"aws:PrincipalArn": "false"}}
    },
    "a role": {"Principal": {"AWS": ROLE}},
    "the account": {"Principal": {"AWS": ACCOUNT}},
    "another service": {"Principal": {"Service": "sns.amazonaws.com"}},
    "all but a trail": {"Condition": {"ArnNotLike": {"aws:SourceArn": TRAIL}}},
    "all but an account's trails": {
        "Condition": {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}, **NO_SERVICE}
    },
    "another account's trails": {"Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}},
    "another account's trail": {
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:444455556666:trail/*"}}
    },
    "a topic": {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}}},
    "what CloudTrail may send": {"Condition": {"StringNotEquals": {"aws:SourceOrgID": "o-1"}}},
    "what it encrypts": {"Condition": {"StringNotLike": {CONTEXT: TRAILS}}},
    "a service on the way": {
        "Condition": {"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    },
    "plain HTTP": {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    "a key that AWS does not list": {"Condition": {"StringNotEquals": {"aws:Nothing": "x"}}},
    "a time": {"Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}},
    "decryption": {"Action": "kms:Decrypt"},
}


def stopping(*others: dict[str, Any], **change: Any) -> list[str]:
    """What KP119 says of a Deny beside other statements."""
    deny = statement("asked", **{"Effect": "Deny", "Principal": "*", "Action": "kms:*", **change})
    text = policy(administration(), *others, deny)
    return [str(f.text) for f in lint(read_written(text)) if (f.rule, f.statement) == ("KP119", "asked")]


@pytest.mark.parametrize(("key", "change"), ONLY_PRINCIPALS.values(), ids=ONLY_PRINCIPALS)
def test_a_deny_that_spares_principals_alone_stops_cloudtrail_however_it_is_spelt(key, change):
    (text,) = stopping(encrypting(pinned=True), **change)

    assert text.startswith(f"`asked` denies by {key}, which" if key else "`asked` denies what CloudTrail")


@pytest.mark.parametrize("change", NOT_STOPPING.values(), ids=NOT_STOPPING)
def test_a_deny_that_may_leave_cloudtrail_alone_is_no_finding(change):
    assert stopping(encrypting(pinned=True), **change) == []


@pytest.mark.parametrize(
    "allow",
    [
        statement("no service"),
        statement("another service", Principal={"Service": "sns.amazonaws.com"}, Action="kms:*"),
        statement(
            "persons",
            Principal="*",
            Action="kms:*",
            Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        ),
    ],
    ids=["principals", "another service", "an organization"],
)
def test_where_cloudtrail_is_not_let_in_a_deny_by_role_stops_nothing(allow):
    assert stopping(allow, Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}}) == []


def test_a_bucket_that_only_a_role_may_use_stops_deliveries():
    allow = statement(
        "deliver",
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Action="s3:PutObject",
        Resource=f"arn:aws:s3:::logs/AWSLogs/{ACCOUNT}/*",
        Condition={"StringEquals": {"aws:SourceArn": TRAIL, "s3:x-amz-acl": "bucket-owner-full-control"}},
    )
    deny = {"Action": "s3:*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}

    assert stopping(allow, **deny, Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}}) != []
    assert (
        stopping(allow, **deny, Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}})
        == []
    )


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
