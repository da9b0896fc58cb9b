"""A service's name, and the same in a Region: that one covers the other, AWS says of CloudTrail."""

from __future__ import annotations

import pytest

from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request

YES, OPEN, NO, DENIED = "allowed", "unknown", "implicitly_denied", "explicitly_denied"


def decided(element: str, named: str, caller: str, effect: str = "Allow") -> str:
    speaks = {"Effect": effect, element: {"Service": named}, "Action": "s3:GetObject", "Resource": "*"}
    allows = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    statements = [speaks] if effect == "Allow" else [speaks, allows]
    request = Request(
        principal=caller,
        action="s3:GetObject",
        resource="arn:aws:s3:::trail-logs/a",
        resource_account="123456789012",
    )
    policy = {"Version": "2012-10-17", "Statement": statements}
    return authorize(request, Policies(resource=policy)).effect


TABLE = [
    ("logs.amazonaws.com", "logs.amazonaws.com", YES),
    ("logs.amazonaws.com", "logs.ap-northeast-1.amazonaws.com", OPEN),
    ("logs.ap-northeast-1.amazonaws.com", "logs.amazonaws.com", OPEN),
    ("logs.ap-northeast-1.amazonaws.com", "logs.us-east-1.amazonaws.com", NO),
    ("delivery.logs.amazonaws.com", "delivery.logs.us-east-1.amazonaws.com", OPEN),
    ("delivery.logs.us-east-1.amazonaws.com", "delivery.logs.amazonaws.com", OPEN),
    ("delivery.logs.amazonaws.com", "logs.amazonaws.com", NO),
    ("logs.amazonaws.com", "logs.amazonaws.com.cn", OPEN),
    ("logs.amazonaws.com.cn", "logs.amazonaws.com", OPEN),
    ("logs.amazonaws.com.cn", "logs.cn-north-1.amazonaws.com.cn", OPEN),
    ("logs.amazonaws.com", "logs.cn-north-1.amazonaws.com.cn", OPEN),
    ("logs.cn-north-1.amazonaws.com.cn", "logs.cn-north-1.amazonaws.com", OPEN),
    ("logs.amazonaws.com.cn", "config.amazonaws.com.cn", NO),
    ("logs.amazonaws.com", "config.ap-northeast-1.amazonaws.com", NO),
    ("cloudtrail.amazonaws.com", "cloudtrail.eu-west-1.amazonaws.com", YES),
    ("cloudtrail.eu-west-1.amazonaws.com", "cloudtrail.amazonaws.com", OPEN),
    ("cloudtrail.amazonaws.com", "cloudtrail.cn-north-1.amazonaws.com.cn", OPEN),
    ("logs.example.com", "logs.eu.example.com", NO),
]


@pytest.mark.parametrize(("named", "caller", "names"), TABLE)
def test_a_name_covers_another_where_aws_says_so(named, caller, names):
    assert decided("Principal", named, caller) == names


@pytest.mark.parametrize(("named", "caller", "names"), TABLE)
def test_a_deny_reaches_whom_the_name_covers(named, caller, names):
    assert decided("Principal", named, caller, "Deny") == {YES: DENIED, OPEN: OPEN, NO: YES}[names]


@pytest.mark.parametrize(("named", "caller", "names"), TABLE)
def test_a_deny_for_all_others_spares_whom_the_name_covers(named, caller, names):
    assert decided("NotPrincipal", named, caller, "Deny") == {YES: YES, OPEN: OPEN, NO: DENIED}[names]
