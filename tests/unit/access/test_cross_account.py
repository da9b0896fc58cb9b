"""Which KMS operations cross account borders."""

from __future__ import annotations

import pytest

from trailseal.access.actions import ACTIONS
from trailseal.access.combine import INFERRED
from trailseal.access.cross_account import CROSS_ACCOUNT, usable_from_elsewhere
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request

KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
LINKED = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


@pytest.mark.parametrize(
    "action", ["kms:Decrypt", "KMS:decrypt", "kms:CreateGrant", "kms:ReEncryptFrom", "kms:GetPublicKey"]
)
def test_an_operation_with_cross_account_use_is_usable_from_elsewhere(action: str) -> None:
    assert usable_from_elsewhere(action)


@pytest.mark.parametrize(
    "action",
    ["kms:DisableKey", "kms:PutKeyPolicy", "kms:GetKeyPolicy", "kms:ReplicateKey", "kms:ScheduleKeyDeletion"],
)
def test_an_operation_without_cross_account_use_is_not_usable_from_elsewhere(action: str) -> None:
    assert not usable_from_elsewhere(action)


@pytest.mark.parametrize(
    ("action", "usable"),
    [
        ("s3:GetObject", True),
        ("s3:GetBucketVersioning", True),
        ("s3:PutBucketPolicy", False),
        ("s3:PutLifecycleConfiguration", False),
        ("S3:getlifecycleconfiguration", False),
        ("s3:PutBucketLogging", None),
        ("s3:GetBucketRequestPayment", None),
        ("sqs:SendMessage", True),
        ("SQS:setqueueattributes", False),
    ],
)
def test_of_s3_and_sqs_what_is_the_owners_alone_is_left_out(action: str, *, usable: bool | None) -> None:
    assert usable_from_elsewhere(action) is usable


def test_every_name_of_the_list_is_an_action_that_aws_lists() -> None:
    assert CROSS_ACCOUNT - ACTIONS["kms"] == frozenset()


NAMED = {
    "a user": ("iam::{}:user/u", "iam::{}:user/u", ""),
    "a session itself": ("sts::{}:assumed-role/r/s", "sts::{}:assumed-role/r/s", ""),
    "a session by its role": ("iam::{}:role/r", "sts::{}:assumed-role/r/s", ""),
    "a federated user itself": ("sts::{}:federated-user/f", "sts::{}:federated-user/f", ""),
    "a federated user by its maker": ("iam::{}:user/u", "sts::{}:federated-user/f", "iam::{}:user/u"),
    "the root user": ("iam::{}:root", "iam::{}:root", ""),
}


@pytest.mark.parametrize("account", ["123456789012", "444455556666"])
@pytest.mark.parametrize(("grantee", "caller", "maker"), NAMED.values(), ids=NAMED)
def test_what_is_inferred_of_a_grant_from_elsewhere_is_said(
    grantee: str, caller: str, maker: str, account: str
) -> None:
    grantee, caller, maker = (
        f"arn:aws:{each.format(account)}" if each else "" for each in (grantee, caller, maker)
    )
    grant = {"GrantId": "g", "GranteePrincipal": grantee, "Operations": ["Decrypt"]}
    request = Request(principal=caller, action="kms:Decrypt", resource=KEY, maker=maker)
    found = authorize(request, Policies(grants=(grant,), session=(ALL,) if "federated" in caller else None))

    expected = INFERRED if account != "123456789012" else ""
    assert [(r.layer, r.outcome, r.detail) for r in found.reasons if r.layer == "grant"] == [
        ("grant", "allow", expected)
    ]


@pytest.mark.parametrize("arn", [LINKED, f"assumed-role/{LINKED.rpartition('/')[2]}/s"])
def test_of_a_service_linked_role_aws_says_it_itself(arn: str) -> None:
    head = "arn:aws:sts::444455556666:" if arn.startswith("assumed") else "arn:aws:iam::444455556666:"
    role = f"arn:aws:iam::444455556666:{LINKED}"
    grant = {"GrantId": "g", "GranteePrincipal": role, "Operations": ["Decrypt"]}
    context = {"aws:PrincipalArn": (role,)}
    request = Request(principal=head + arn, action="kms:Decrypt", resource=KEY, context=context)

    assert [r.detail for r in authorize(request, Policies(grants=(grant,))).reasons] == [""]
