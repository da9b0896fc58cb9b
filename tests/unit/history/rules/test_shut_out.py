"""What no permission of the caller overcomes: service control policies and the bucket's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from trailseal.history.rules.method import Target
from trailseal.history.rules.shut_out import COPY, UPDATE, CallerWalls, shut_out
from trailseal.model.principal import NamedPolicy
from trailseal.model.trail_place import TrailPlace

BUCKET = "aws-controltower-logs-111122223333-eu-west-1"
TARGET = Target(bucket=BUCKET, key_arn="arn:aws:kms:eu-west-1:111122223333:key/1")
PLACE = TrailPlace(
    arn="arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",
    name="t",
    home_region="eu-west-1",
    bucket=BUCKET,
    prefix="p",
    account="111122223333",
)
ORGANIZATION = structs.replace(PLACE, organization="o-aaaaaaaaaa")
ADMIN = "arn:aws:sts::111122223333:assumed-role/Admin/me"
TOWER = "arn:aws:sts::111122223333:assumed-role/AWSControlTowerExecution/me"


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Resource": "*", **statement}]})


FULL = NamedPolicy(name="FullAWSAccess", document=document(Effect="Allow", Action="*"))
LANDING_ZONE = NamedPolicy(
    name="aws-guardrails",
    document=document(
        Sid="CTS3PV8",
        Effect="Deny",
        NotAction=[
            "s3:Get*",
            "s3:List*",
            "s3:PutObject",
            "s3:PutObjectAcl",
            "s3:DeleteObject",
            "s3:RestoreObject",
        ],
        Resource=["arn:*:s3:::aws-controltower-logs-*", "arn:*:s3:::aws-controltower-logs-*/*"],
        Condition={"ArnNotLike": {"aws:PrincipalARN": "arn:*:iam::*:role/AWSControlTowerExecution"}},
    ),
)
NARROW = NamedPolicy(name="Narrow", document=document(Effect="Allow", Action="ec2:*"))
BY_TAG = NamedPolicy(
    name="ByTag",
    document=document(
        Effect="Deny", Action="s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "x"}}
    ),
)
GUARDED = ((FULL,), (FULL, LANDING_ZONE))
BY_BUCKET = document(Sid="Only", Effect="Deny", Principal="*", Action="s3:Update*")
DENIED = "service control policy aws-guardrails CTS3PV8"


@pytest.mark.parametrize(
    ("walls", "update", "copy"),
    [
        pytest.param(CallerWalls(), None, None, id="nobody-known"),
        pytest.param(CallerWalls(caller=ADMIN), None, None, id="nothing-read"),
        pytest.param(CallerWalls(caller=ADMIN, scp=((FULL,), (FULL,))), None, None, id="plain"),
        pytest.param(CallerWalls(caller=ADMIN, scp=GUARDED), DENIED, None, id="landing-zone-4"),
        pytest.param(CallerWalls(caller=TOWER, scp=GUARDED), None, None, id="its-own-role"),
        pytest.param(
            CallerWalls(caller=ADMIN, scp=((FULL,), (NARROW,))),
            "service control policy", "service control policy", id="nothing-allows",
        ),
        pytest.param(CallerWalls(caller=ADMIN, scp=((FULL,), (FULL, BY_TAG))), None, None, id="not-known"),
        pytest.param(
            CallerWalls(caller=ADMIN, bucket_policy=BY_BUCKET), "bucket policy Only", None, id="bucket"
        ),
    ],
)  # fmt: skip
def test_only_what_certainly_denies_shuts_out(
    walls: CallerWalls, update: str | None, copy: str | None
) -> None:
    assert tuple(shut_out(walls, PLACE, TARGET, each) for each in (UPDATE, COPY)) == (update, copy)


def test_another_bucket_of_the_account_is_not_the_landing_zones() -> None:
    walls = CallerWalls(caller=ADMIN, scp=GUARDED)

    assert shut_out(walls, PLACE, Target(bucket="mine", key_arn=TARGET.key_arn), UPDATE) is None


@pytest.mark.parametrize(
    ("objects", "of_one", "of_organization"),
    [
        ({"Resource": "arn:aws:s3:::*/.trailseal-probe/*"}, False, False),
        ({"NotResource": "arn:aws:s3:::*/p/AWSLogs/*"}, False, False),
        ({"NotResource": "arn:aws:s3:::*/.trailseal-probe/*"}, True, True),
        ({"Resource": "arn:aws:s3:::*/p/AWSLogs/*"}, True, True),
        ({"Resource": "arn:aws:s3:::*/AWSLogs/*/CloudTrail/us-*"}, False, False),
        ({"Resource": "arn:aws:s3:::*/111122223333/*"}, True, False),
        ({"NotResource": "arn:aws:s3:::*/111122223333/*"}, False, False),
    ],
)
def test_what_counts_is_the_log_files_of_every_account_and_not_the_probe(
    *, objects: dict[str, str], of_one: bool, of_organization: bool
) -> None:
    statement = {"Sid": "X", "Effect": "Deny", "Principal": "*", "Action": "s3:*", **objects}
    walls = CallerWalls(
        caller=ADMIN, bucket_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    assert [shut_out(walls, each, TARGET, COPY) is not None for each in (PLACE, ORGANIZATION)] == [
        of_one,
        of_organization,
    ]


@pytest.mark.parametrize(
    ("caller", "role", "denied"),
    [
        (TOWER, "arn:aws:iam::111122223333:role/Batch", DENIED),
        (ADMIN, "arn:aws:iam::111122223333:role/AWSControlTowerExecution", None),
        (ADMIN, "arn:aws:iam::444455556666:role/Batch", None),
    ],
)
def test_a_role_that_does_the_work_is_judged_in_the_place_of_the_caller(
    caller: str, role: str, denied: str | None
) -> None:
    assert shut_out(CallerWalls(caller=caller, scp=GUARDED).over(role), PLACE, TARGET, UPDATE) == denied
