from __future__ import annotations

from typing import Any

import pytest

from key_policies import ACCOUNT, CONTEXT, TRAIL, TRAILS, administration, policy, statement
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written

OTHER = "444455556666"
MINE = f"arn:aws:iam::{ACCOUNT}"
EVERYBODY = {"AWS": "*"}
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}


def found(rule: str, *, owner: str = "", **change: Any) -> list[str]:
    text = policy(administration(), statement("asked", **change))
    return [
        str(f.text) for f in lint(read_written(text), owner=owner) if (f.rule, f.statement) == (rule, "asked")
    ]


def is_open(condition: dict[str, Any] | None, **change: Any) -> bool:
    return found("KP104", **{"Principal": EVERYBODY, "Condition": condition, **change}) != []


OPEN = {
    "a name that holds an account": {"StringLike": {"aws:PrincipalArn": f"*{OTHER}*"}},
    "keys of the account": {"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
    "another account than the key's": {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    "another organization than the key's": {
        "StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}
    },
    "keys of an organization": {"StringEquals": {"aws:ResourceOrgID": "o-1"}},
    "keys of a path": {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "o-1/r-1/*"}},
    "keys of no organization": {"Null": {"aws:ResourceOrgID": "true"}},
    "any project": {"ArnLike": {"codebuild:ProjectArn": "arn:aws:codebuild:*:*:project/x"}},
    "any sign-in": {"Null": {"aws:SignInSessionArn": "false"}},
    "a name in any account": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/ci"}},
    "a path in any account": {"StringLike": {"aws:PrincipalArn": "*:role/team/*"}},
    "one account and any": {"ArnLike": {"aws:PrincipalArn": [f"{MINE}:role/x", "arn:aws:iam::*:role/y"]}},
    "operators in small letters": {"foranyvalue:stringlike": {"AWS:principalarn": "*:role/x"}},
    "no organization": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": []}},
    "no account that is told": {"StringEqualsIfExists": {"aws:SourceAccount": []}},
    "nothing": {"StringEquals": {"aws:PrincipalOrgID": []}},
    "nothing of no organization": {"StringNotEquals": {"aws:PrincipalOrgID": []}},
    "a moment that is none": {"DateLessThan": {"aws:CurrentTime": []}},
    "whatever account it is": {
        "StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/x"}
    },
    "the whole internet in halves": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
    "the newer internet in halves": {"IpAddress": {"aws:SourceIp": ["::/1", "8000::/1"]}},
    "a range wider than a network": {"IpAddress": {"aws:SourceIp": "16.0.0.0/4"}},
    "all but a network": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    "all addresses of the other version": {"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
    "private addresses": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
    "a session's name": {"StringLike": {"aws:userid": "*:ci"}},
    "a session's name, any role": {"StringLike": {"aws:userid": "AROA*:ci"}},
    "a user's name": {"StringEquals": {"aws:username": "ci"}},
    "every value of none": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    "every path of none": {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/"}},
    "if there is one": {"StringLikeIfExists": {"aws:PrincipalOrgID": "o-1"}},
    "some organization": {"StringLike": {"aws:PrincipalOrgID": "o-?*"}},
    "organizations that begin so": {"StringLike": {"aws:PrincipalOrgID": "o-a*"}},
    "a path in some organization": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/*"}},
    "accounts that begin so": {"StringLike": {"kms:CallerAccount": "4444*"}},
    "any account": {"StringLike": {"kms:CallerAccount": "*"}},
    "twelve digits": {"StringLike": {"kms:CallerAccount": "????????????"}},
    "ten accounts, one of them named": {"StringLike": {"kms:CallerAccount": [OTHER, f"{OTHER[:-1]}?"]}},
    "any account but mine": {"StringNotEquals": {"kms:CallerAccount": ACCOUNT}},
    "nobody of mine": {"StringNotLike": {"aws:PrincipalArn": f"{MINE}:*"}},
    "any organization": {"Null": {"aws:PrincipalOrgID": "false"}},
    "any endpoint": {"Null": {"aws:SourceVpce": "false"}},
    "any network": {"StringLike": {"aws:SourceVpc": "vpc-*"}},
    "any network but mine": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
    "a tag": {"StringEquals": {"aws:PrincipalTag/reader": "yes"}},
    "a date": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    "a second factor": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    "a service on the way": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
    "any service on the way": {"Bool": {"aws:ViaAWSService": "true"}},
    "what is read": {"StringLike": {CONTEXT: TRAILS}},
    "a kind of caller": {"StringEquals": {"aws:PrincipalType": "FederatedUser"}},
    "root users": {"StringEquals": {"aws:PrincipalType": "Account"}},
    "any SAML provider": {"ArnLike": {"aws:FederatedProvider": "arn:aws:iam::*:saml-provider/x"}},
    "a public provider": {"StringEquals": {"aws:FederatedProvider": "cognito-identity.amazonaws.com"}},
    "root users' IDs": {"StringLike": {"aws:userid": "????????????"}},
    "federated users' IDs": {
        "StringLike": {"aws:userid": "*:ci"},
        "StringEquals": {"aws:PrincipalType": "FederatedUser"},
    },
    "no range at all": {"IpAddress": {"aws:SourceIp": ["everywhere", "0.0.0.0/0"]}},
    "accounts that begin and end so": {"StringLike": {"kms:CallerAccount": ["44*55", "777777777777?"]}},
    "instances anywhere": {"ArnLike": {"ec2:SourceInstanceARN": "arn:aws:ec2:*:*:instance/*"}},
}
CLOSED = {
    "any of no organizations": {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": []}},
    "a time that is past": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    "an account with a star behind": {"StringLike": {"kms:CallerAccount": f"{OTHER}*"}},
    "an ARN with a star behind the account": {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}*"}},
    "the same account, mirrored": {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    "the same organization, mirrored": {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
    "the same organization, by its paths": {
        "ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "${aws:PrincipalOrgID}/*"}
    },
    "a project": {"ArnEquals": {"codebuild:ProjectArn": f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/x"}},
    "a build's account": {"ArnLike": {"codebuild:BuildArn": f"arn:aws:codebuild:*:{ACCOUNT}:build/*"}},
    "a managed instance": {
        "ArnEquals": {"ssm:SourceInstanceArn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"}
    },
    "a session that signed in": {
        "ArnLike": {"aws:SignInSessionArn": f"arn:aws:signin:*:{ACCOUNT}:session/*"}
    },
    "keys of another account": {"StringEquals": {"aws:ResourceAccount": OTHER}},
    "an account": {"StringEquals": {"kms:CallerAccount": ACCOUNT}},
    "the same account": {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
    "roles of an account": {"ArnLike": {"aws:PrincipalArn": f"{MINE}:role/*"}},
    "an organization": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    "an organization in any case": {"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "O-1"}},
    "the same organization": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
    "a path in an organization": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
    "an organization, not one role": {
        "StringEquals": {"aws:PrincipalOrgID": "o-1"},
        "StringNotEquals": {"aws:PrincipalArn": f"{MINE}:role/x"},
    },
    "an endpoint": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    "a network": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    "a network's account": {"StringEquals": {"aws:VpceAccount": ACCOUNT}},
    "a range": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    "ranges of both versions": {"IpAddress": {"aws:SourceIp": ["203.0.113.77", "2001:db8:77::/48"]}},
    "a role's sessions": {"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE123:*"}},
    "instances of an account": {"ArnLike": {"ec2:SourceInstanceARN": f"arn:aws:ec2:*:{ACCOUNT}:instance/*"}},
    "a SAML provider": {"StringEquals": {"aws:FederatedProvider": f"{MINE}:saml-provider/x"}},
    "an access point's account": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    "no account": {"StringLike": {"kms:CallerAccount": "777777777777?"}},
    "accounts that are all named": {
        "StringLike": {"kms:CallerAccount": "44445555666?"},
        "StringNotEquals": {"kms:CallerAccount": [f"44445555666{n}" for n in range(10)]},
    },
    "a user ID of a service": {"StringEquals": {"aws:userid": "x", "aws:PrincipalIsAWSService": "true"}},
    "a thing that a service acts for": {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}},
    "a bucket that a service acts for": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::logs"}},
    "an account that a service acts for": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    "an organization that a service acts for": {"StringEquals": {"aws:SourceOrgID": "o-1"}},
}
FOR_SERVICES = {
    "any bucket": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    "any trail": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/prod"}},
    "any service": {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    "a service": {"StringEquals": {"aws:PrincipalServiceName": "guardduty.amazonaws.com"}},
}


@pytest.mark.parametrize("condition", OPEN.values(), ids=OPEN)
def test_what_a_stranger_can_meet_leaves_a_statement_open(condition):
    assert is_open(condition)


@pytest.mark.parametrize("condition", CLOSED.values(), ids=CLOSED)
def test_what_no_stranger_can_meet_closes_a_statement(condition):
    assert not is_open(condition)


@pytest.mark.parametrize("condition", FOR_SERVICES.values(), ids=FOR_SERVICES)
def test_a_service_that_acts_for_anybody_is_told_as_such(condition):
    assert found("KP104", Principal=EVERYBODY, Condition=condition) == [
        "`asked` lets AWS services in for anybody: no condition names the account they act for"
    ]


@pytest.mark.parametrize("action", ["s3:GetObject", "sqs:*", "*", "kms:De*", "sts:AssumeRole"])
def test_everybody_is_everybody_whatever_the_action(action):
    assert is_open(None, Action=action, Resource="arn:aws:s3:::logs/*" if action.startswith("s3:") else "*")


def test_a_bucket_is_open_to_requests_that_nobody_signed():
    unsigned = {"StringEquals": {"aws:PrincipalType": "Anonymous"}}

    assert is_open(unsigned, Action="s3:GetObject", Resource="arn:aws:s3:::logs/*")
    assert not is_open(unsigned)


def test_all_actions_but_the_known_services_are_asked_of_another():
    assert is_open(None, Action=None, NotAction=["kms:*", "s3:*", "sts:*"])


def test_a_partition_has_strangers_of_its_own():
    mine = {"AWS": f"arn:aws-cn:iam::{ACCOUNT}:role/Admin"}
    text = policy(
        statement("admin", Principal=mine, Action="kms:PutKeyPolicy"),
        statement(
            "asked", Principal="*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/x"}}
        ),
    )

    assert [f.statement for f in lint(read_written(text)) if f.rule == "KP104"] == ["asked"]


@pytest.mark.parametrize("condition", [None, {"StringEquals": {"kms:CallerAccount": ACCOUNT}}])
def test_what_only_the_owners_account_can_use_is_open_to_that_account(condition):
    change = {"Principal": EVERYBODY, "Action": "kms:PutKeyPolicy", "Condition": condition}

    assert not is_open(condition, Action="kms:PutKeyPolicy")
    assert found("KP105", **change) == [
        "`asked` lets every principal of the account change the key policy, with no IAM permission of its own"
    ]


def test_an_account_that_the_policy_does_not_name_is_its_owners_all_the_same():
    text = policy(statement("asked", Principal="*", Action="kms:PutKeyPolicy"))

    assert [f.statement for f in lint(read_written(text)) if f.rule == "KP105"] == ["asked"]


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ({"StringEquals": {"kms:CallerAccount": ACCOUNT}}, "principal"),
        ({"ArnLike": {"aws:PrincipalArn": f"{MINE}:role/*"}}, "role"),
        ({"ArnLike": {"aws:PrincipalArn": f"{MINE}:user/*"}}, "user"),
        (
            {"StringLike": {"kms:CallerAccount": ACCOUNT}, "Bool": {"aws:SecureTransport": "true"}},
            "principal",
        ),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}, "StringLike": {CONTEXT: TRAILS}}, "principal"),
        (
            {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
            "principal",
        ),
    ],
)
def test_callers_whom_nobody_named_in_the_account_are_told(condition, who):
    assert found("KP105", Principal=EVERYBODY, Condition=condition) == [
        f"`asked` lets every {who} of the account decrypt, with no IAM permission of its own"
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:PrincipalArn": f"{MINE}:role/soc/*"}},
        {"StringEquals": {"kms:CallerAccount": ACCOUNT, "aws:PrincipalTag/reader": "yes"}},
        {"StringEquals": {"kms:CallerAccount": ACCOUNT, "aws:SourceVpce": "vpce-1"}},
        {"StringEquals": {"kms:CallerAccount": ACCOUNT, "aws:username": "ci"}},
        {"StringEquals": {"kms:CallerAccount": OTHER}},
        {"StringEquals": {"kms:CallerAccount": ACCOUNT, "s3:DataAccessPointAccount": ACCOUNT}},
        {
            "StringEquals": {"kms:CallerAccount": ACCOUNT},
            "StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE1:*"},
        },
    ],
    ids=["path", "tag", "endpoint", "name", "another account", "access point", "role"],
)
def test_what_few_in_the_account_can_meet_is_not_account_wide(condition):
    assert found("KP105", Principal=EVERYBODY, Condition=condition) == []


FOREIGN_TRAILS = {
    "nothing": None,
    "a trail of any account": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:*:trail/prod"}},
    "a trail if there is one": {"ArnEqualsIfExists": {"aws:SourceArn": TRAIL}},
    "some trail": {"Null": {"aws:SourceArn": "false"}},
    "any trail but one": {"StringNotEquals": {"aws:SourceArn": TRAIL}},
    "every trail of none": {"ForAllValues:StringEquals": {"aws:SourceArn": TRAIL}},
    "accounts that begin so": {"StringLike": {"aws:SourceAccount": "1234*"}},
    "a Region": {"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-*"}},
    "a name": {"StringLike": {"aws:SourceArn": "*:trail/prod"}},
    "the end of a name": {"StringLike": {"aws:SourceArn": "*prod"}},
}
OWN_TRAILS = {
    "a trail": {"StringEquals": {"aws:SourceArn": TRAIL}},
    "trails of an account": {"ArnLike": {"aws:SourceArn": TRAILS}},
    "anything of an account": {"StringLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}:*"}},
    "accounts": {"StringEquals": {"aws:SourceAccount": [ACCOUNT, OTHER]}},
    "a trail if there is one, an account": {
        "ArnEqualsIfExists": {"aws:SourceArn": TRAIL},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    },
    "an organization": {"StringEquals": {"aws:SourceOrgID": "o-1"}},
}


@pytest.mark.parametrize("condition", FOREIGN_TRAILS.values(), ids=FOREIGN_TRAILS)
def test_a_trail_of_an_account_that_nobody_named_is_told(condition):
    change = {"Principal": CLOUDTRAIL, "Action": "kms:GenerateDataKey*", "Condition": condition}

    assert len(found("KP106", **change)) == 1


@pytest.mark.parametrize("condition", OWN_TRAILS.values(), ids=OWN_TRAILS)
def test_trails_of_named_accounts_are_the_authors_own(condition):
    change = {"Principal": CLOUDTRAIL, "Action": "kms:GenerateDataKey*", "Condition": condition}

    assert found("KP106", **change) == []


def test_a_bucket_without_the_account_of_its_trails_is_told_too():
    assert found("KP106", Principal=CLOUDTRAIL, Action="s3:PutObject", Resource="arn:aws:s3:::logs/*") != []


@pytest.mark.parametrize(
    ("condition", "accounts"),
    [
        (None, 2),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, 2),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, 2),
        ({"ArnLike": {"aws:PrincipalArn": f"{MINE}:role/*"}}, 1),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, 0),
        ({"ArnLike": {"aws:SourceArn": TRAILS}}, 0),
    ],
)
def test_iam_decides_only_for_those_who_can_meet_the_conditions(condition, accounts):
    told = found("KP113", Principal={"AWS": [ACCOUNT, f"arn:aws:iam::{OTHER}:root"]}, Condition=condition)

    assert [text.count(ACCOUNT) + text.count(OTHER) for text in told] == [accounts] * bool(accounts)


def test_a_long_list_of_accounts_is_cut_short():
    accounts = [f"{n:012}" for n in range(20)]

    (text,) = found("KP113", Principal={"AWS": accounts})

    assert text.count("000000000") == 8
    assert "…" in text


NO_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
UNLESS_MINE = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
SHUT_OUT = {
    "all but an account": {"Condition": UNLESS_MINE},
    "all but an account's callers": {"Condition": {"StringNotEquals": {"kms:CallerAccount": ACCOUNT}}},
    "everybody": {},
    "everybody, in that action": {"Action": "kms:Decrypt"},
    "all but the account": {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}},
    "all but an organization": {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}},
    "all but the owner's organization": {
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}
    },
    "all but an endpoint": {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}},
    "all but a range": {"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    "all but roles of the account": {"Condition": {"ArnNotLike": {"aws:PrincipalArn": f"{MINE}:role/*"}}},
    "all but a role's sessions": {"Condition": {"StringNotLike": {"aws:userid": "AROAEXAMPLEEXAMPLE123:*"}}},
}
NOT_SHUT_OUT = {
    "another action": {"Action": "kms:Encrypt"},
    "the account": {"Principal": {"AWS": ACCOUNT}},
    "another account": {"Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}},
    "all but an account, by plain HTTP": {
        "Condition": {**UNLESS_MINE, "Bool": {"aws:SecureTransport": "false"}}
    },
    "all but an account, without a tag": {
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalTag/t": "1"}}
    },
    "all but an organization, if there is one": {
        "Condition": {
            "StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
            "Null": {"aws:PrincipalOrgID": "false"},
        }
    },
    "all but a name": {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}},
    "all but a user's name": {"Condition": {"StringNotEquals": {"aws:username": "ci"}}},
    "all but some network": {"Condition": {"StringNotLike": {"aws:SourceVpc": "vpc-*"}}},
    "a network": {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
    "all without a second factor": {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
    "another resource": {"Resource": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/other", "Condition": UNLESS_MINE},
    "all but a resource": {
        "Resource": None,
        "NotResource": "arn:aws:kms:*:*:alias/*",
        "Condition": UNLESS_MINE,
    },
}


def beside(rule: str, allow: dict[str, Any], *denies: dict[str, Any]) -> list[str]:
    """What a rule says of an Allow beside Denies."""
    given = [
        statement(f"deny {i}", **{"Effect": "Deny", "Principal": "*", "Action": "kms:*", **deny})
        for i, deny in enumerate(denies)
    ]
    text = policy(administration(), statement("asked", **allow), *given)
    return [str(f.text) for f in lint(read_written(text)) if (f.rule, f.statement) == (rule, "asked")]


@pytest.mark.parametrize("deny", SHUT_OUT.values(), ids=SHUT_OUT)
def test_strangers_whom_a_deny_shuts_out_are_not_let_in(deny):
    assert beside("KP104", {"Principal": "*"}, deny) == []


@pytest.mark.parametrize("deny", NOT_SHUT_OUT.values(), ids=NOT_SHUT_OUT)
def test_strangers_who_can_get_past_a_deny_are_let_in(deny):
    (text,) = beside("KP104", {"Principal": "*"}, deny)

    assert "allows everybody" in text


def test_several_denies_shut_strangers_out_together():
    services = {"Condition": {**UNLESS_MINE, "Bool": {"aws:PrincipalIsAWSService": "true"}}}
    others = {"Condition": {**UNLESS_MINE, **NO_SERVICE}}

    assert beside("KP104", {"Principal": "*"}, services) != []
    assert beside("KP104", {"Principal": "*"}, others) != []
    assert beside("KP104", {"Principal": "*"}, services, others) == []


def test_every_action_that_strangers_can_use_has_to_be_denied():
    telling = ["kms:Decrypt", "kms:ReEncrypt*", "kms:CreateGrant", "kms:GenerateDataKey*", "kms:DescribeKey"]

    assert beside("KP104", {"Principal": "*", "Action": "kms:*"}, {"Action": telling}) != []
    assert beside("KP104", {"Principal": "*", "Action": "*"}, {"Action": "kms:*"}) == []
    assert beside("KP104", {"Principal": "*", "Action": "kms:*"}, {"Action": "kms:De*"}, {}) == []
    assert beside("KP104", {"Principal": "*", "Action": "sqs:*"}, {"Action": "sqs:SendMessage"}) != []
    assert beside("KP104", {"Principal": "*", "Action": None, "NotAction": "s3:*"}, {}) != []
    assert beside("KP104", {"Principal": "*", "Action": None, "NotAction": "s3:*"}, {"Action": "*"}) == []


def test_a_bucket_has_to_be_denied_whole():
    def told(*resources: str) -> list[str]:
        allow = {"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
        deny = {"Action": "s3:*", "Resource": list(resources), "Condition": UNLESS_MINE}
        return beside("KP104", allow, deny)

    assert told("arn:aws:s3:::logs", "arn:aws:s3:::logs/*") == []
    assert told("arn:aws:s3:::logs/?*") == []
    assert told("arn:aws:s3:::logs/?") != []
    assert told("arn:aws:s3:::logs/??*") != []
    assert told("arn:aws:s3:::logs/x") != []
    assert told("arn:aws:s3:::logs") != []


@pytest.mark.parametrize("owner", ["", OTHER])
def test_a_condition_on_the_keys_account_counts_where_that_is_the_owner_or_not_known(owner):
    condition = {"StringEquals": {"aws:ResourceAccount": OTHER}}
    text = policy(statement("asked", Principal="*", Condition=condition))

    assert [f.statement for f in lint(read_written(text), owner=owner) if f.rule == "KP104"] == ["asked"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
        {"StringLike": {"kms:CallerAccount": f"{ACCOUNT}*"}},
    ],
)
def test_the_keys_own_account_is_let_in_by_what_shuts_strangers_out(condition):
    assert found("KP105", Principal=EVERYBODY, Condition=condition) != []


def test_services_that_a_deny_spares_are_told_as_such():
    (text,) = beside("KP104", {"Principal": "*"}, {"Condition": {**UNLESS_MINE, **NO_SERVICE}})

    assert text == "`asked` lets AWS services in for anybody: no condition names the account they act for"


@pytest.mark.sweep
def test_of_very_many_statements_the_last_are_not_put_past_the_denies():
    names = [f"arn:aws:iam::*:role/team{n}/*" for n in range(4)]
    denies = [
        statement(
            f"deny {i}",
            Effect="Deny",
            Principal="*",
            Action="kms:*",
            Condition={**UNLESS_MINE, "StringNotLike": {"aws:PrincipalArn": names}},
        )
        for i in range(3)
    ]
    allows = [
        statement(f"{i}", Principal="*", Action="kms:*", Condition={"StringLike": {CONTEXT: f"{i}"}})
        for i in range(100)
    ]

    def told(*statements: dict[str, Any]) -> list[str]:
        text = policy(administration(), *statements)
        return [f.statement for f in lint(read_written(text)) if f.rule == "KP104"]

    everybody = statement("everybody", Effect="Deny", Principal="*", Action="kms:*")
    assert told(allows[0], everybody) == []
    assert told(*allows, *denies, everybody)[-1] == "99"


def test_many_denies_are_not_all_asked():
    idle = [{"Action": "kms:Encrypt"}] * 25

    assert beside("KP104", {"Principal": "*"}, *idle, {}) != []


def test_a_deny_that_leaves_the_account_leaves_it_account_wide():
    assert beside("KP105", {"Principal": "*"}, {"Condition": UNLESS_MINE}) != []


@pytest.mark.parametrize(
    "deny",
    [
        {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"{MINE}:role/reader"}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalTag/reader": "yes"}}},
        {"Action": ["kms:Decrypt", "kms:ReEncryptFrom"]},
    ],
    ids=["a role", "a tag", "decryption"],
)
def test_what_a_deny_leaves_to_few_is_not_account_wide(deny):
    allow = {
        "Principal": "*",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}},
    }

    assert beside("KP105", allow) != []
    assert beside("KP105", allow, deny) == []


def test_a_deny_that_keeps_the_key_policy_to_few_counts():
    allow = {"Principal": "*", "Action": "kms:PutKeyPolicy"}

    assert (
        beside("KP105", allow, {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"{MINE}:role/a"}}}) == []
    )


@pytest.mark.parametrize("condition", OWN_TRAILS.values(), ids=OWN_TRAILS)
def test_a_deny_shuts_foreign_trails_out_as_well(condition):
    turned = {
        operator.replace("Equals", "NotEquals").replace("Like", "NotLike"): tests
        for operator, tests in condition.items()
    }
    denies = [
        {"Principal": CLOUDTRAIL, "Condition": {operator: {key: value}}}
        for operator, tests in turned.items()
        for key, value in tests.items()
    ]

    assert beside("KP106", {"Principal": CLOUDTRAIL, "Action": "kms:GenerateDataKey*"}, *denies) == []


def test_a_deny_of_what_cloudtrail_encrypts_leaves_a_note():
    def severities(*actions: str) -> list[str]:
        text = policy(
            administration(),
            statement("asked", Principal=CLOUDTRAIL, Action=["kms:GenerateDataKey*", "kms:DescribeKey"]),
            statement(
                "deny",
                Effect="Deny",
                Principal="*",
                Action=list(actions),
                Condition={"StringNotEquals": {"aws:SourceArn": TRAIL}},
            ),
        )
        return [f.severity.value for f in lint(read_written(text)) if f.rule == "KP106"]

    assert severities("kms:Encrypt") == ["warning"]
    assert severities("kms:GenerateDataKey*") == ["note"]
    assert severities("kms:*") == []


@pytest.mark.parametrize("principal", ["*", CLOUDTRAIL])
def test_a_statement_whose_time_is_past_is_dead_and_nothing_else(principal):
    change = {
        "Principal": principal,
        "Action": "kms:GenerateDataKey*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    }

    assert found("KP112", **change) == ["`asked` asks for a time that is past"]
    assert [found(rule, **change) for rule in ("KP104", "KP105", "KP106")] == [[], [], []]


KEYS_OF_THE_ACCOUNT = (
    "arn:aws:kms:*:*:key/*",
    "arn:*:kms:*:*:key/*",
    f"arn:aws:kms:*:{ACCOUNT}:key/*",
    f"arn:aws:kms:*:{ACCOUNT}:*",
    "arn:aws:kms:*",
)


@pytest.mark.parametrize("named", [*KEYS_OF_THE_ACCOUNT, ["arn:aws:s3:::b/*", KEYS_OF_THE_ACCOUNT[0]]])
@pytest.mark.parametrize("by", [None, {"StringNotEquals": {"kms:CallerAccount": ACCOUNT}}])
def test_a_star_in_a_key_policy_is_one_key_and_a_deny_on_every_key_counts(named: Any, by: Any) -> None:
    wall = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": named}
    for actions, is_shut in (("kms:*", True), (["kms:Decrypt", "kms:DescribeKey"], True), ("*", False)):
        opened = statement("asked", Principal=EVERYBODY, Action=actions)
        closed = statement("wall", **wall, **({"Condition": by} if by else {}))
        read = read_written(policy(administration(), opened, closed))
        told = [f for f in lint(read, owner=ACCOUNT) if (f.rule, f.statement) == ("KP104", "asked")]
        assert bool(told) is not is_shut


@pytest.mark.parametrize(
    "named",
    [
        f"arn:aws:kms:*:{OTHER}:key/*",
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*",
        f"arn:aws:kms:*:{ACCOUNT}:key/mrk-*",
        f"arn:aws:kms:*:{ACCOUNT}:alias/*",
        "arn:aws:s3:::*",
    ],
)
def test_a_deny_that_may_be_on_another_key_does_not_count(named: str) -> None:
    wall = statement("wall", Effect="Deny", Principal="*", Action="kms:*", Resource=named)
    opened = statement("asked", Principal=EVERYBODY, Action="kms:*")
    told = lint(read_written(policy(administration(), opened, wall)), owner=ACCOUNT)
    assert ("KP104", "asked") in [(f.rule, f.statement) for f in told]
