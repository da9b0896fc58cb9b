"""A service's name, and the same in a Region: that one covers the other, AWS says of CloudTrail."""

from __future__ import annotations

import pytest

from estates.build import Scene, opens_bucket, opens_key, verdict_of
from trailseal.access.evaluate import authorize
from trailseal.access.lint.principals import is_nobody
from trailseal.access.request import Policies, Request
from trailseal.access.service_name import ENDS, is_of_aws, names_service, usual_name

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
    ("logs.example.com", "logs.eu-west-1.example.com", NO),
    ("appstream.amazonaws.com", "appstream.application-autoscaling.amazonaws.com", NO),
    ("s3.c2s.ic.gov", "s3.us-iso-east-1.c2s.ic.gov", OPEN),
    ("s3.amazonaws.com", "s3.amazonaws.eu", OPEN),
    ("s3.us-gov-west-1.amazonaws.com", "s3.amazonaws.com", OPEN),
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


KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("field", ["GranteePrincipal", "GranteeServicePrincipal", "RetiringServicePrincipal"])
@pytest.mark.parametrize(("named", "caller", "names"), TABLE)
def test_a_grant_reaches_whom_the_name_covers(named, caller, names, field):
    action = "kms:RetireGrant" if field.startswith("Retiring") else "kms:Decrypt"
    grant = {"Operations": ["Decrypt"], field: named}
    request = Request(principal=caller, action=action, resource=KEY)
    assert authorize(request, Policies(grants=(grant,))).effect == names


@pytest.mark.parametrize("caller", ["arn:aws:iam::123456789012:user/x", "anonymous"])
def test_a_service_as_grantee_is_nobody_else(caller):
    grant = {"Operations": ["Decrypt"], "GranteeServicePrincipal": "logs.amazonaws.com"}
    request = Request(principal=caller, action="kms:Decrypt", resource=KEY)
    assert authorize(request, Policies(grants=(grant,))).effect == NO


@pytest.mark.parametrize("end", ENDS)
def test_every_end_is_one_of_a_service_for_everybody_who_asks(end):
    name = f"logs{end}"
    assert is_of_aws(name)
    assert not is_nobody("Service", name)
    assert usual_name(name) == "logs.amazonaws.com"
    assert names_service(name, f"logs.eu-west-1{end}") is None


@pytest.mark.parametrize("end", ENDS)
def test_a_proof_asks_services_of_every_end(end):
    everybody = {"StringLike": {"aws:PrincipalServiceName": f"*{end}"}}
    given = Scene(key=(opens_key("*", everybody),), bucket=(opens_bucket("*", everybody),))
    assert verdict_of(given) == "REFUTED"


def test_what_ends_otherwise_is_no_service():
    assert usual_name("logs.example.com") == "logs.example.com"
    assert is_nobody("Service", "logs.example.com")
