"""Which KMS operations cross account borders."""

from __future__ import annotations

import pytest

from trailseal.access.actions import ACTIONS
from trailseal.access.cross_account import CROSS_ACCOUNT, usable_from_elsewhere


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
