"""What a user names is what it is named as, or told as not being it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.loaders import create_loader
from hypothesis import given as drawn
from hypothesis import strategies as st

from trailseal.errors import UsageProblem
from trailseal.model import given
from trailseal.model.given import in_partition, partition_of, reached_from

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
TRAIL_ARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/management-events"
KEY_ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}"
NEW = KEY_ARN.replace("aws:kms:us-east-1", "aws-new:kms:new-east-1")
ROLE = "arn:aws:iam::111122223333:role/ir-team"
Rule = Callable[[str], str]
RULES: list[Rule] = [
    given.trail,
    given.trail_arn,
    given.region,
    given.account,
    given.organization,
    given.key,
    given.key_arn,
    given.principal,
    given.prefix,
    given.object_key,
    given.bucket,
    given.s3_place,
    given.principal_name,
    given.alias,
    given.role,
    given.external_id,
    given.partition,
]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (given.trail, "management-events"),
        (given.trail, "a"),
        (given.trail, TRAIL_ARN),
        (given.trail_arn, TRAIL_ARN),
        (given.region, "us-east-1"),
        (given.region, "us-gov-west-1"),
        (given.region, "us-isob-east-1"),
        (given.region, "eusc-de-east-1"),
        (given.region, "newest-of-all-regions-100"),
        (given.account, "111122223333"),
        (given.organization, "o-exampleorgid"),
        (given.key, KEY_ID),
        (given.key, f"mrk-{KEY_ID.replace('-', '')}"),
        (given.key, "alias/aws/s3"),
        (given.key, "arn:aws:kms:us-east-1:111122223333:alias/audit"),
        (given.key, KEY_ARN),
        (given.key, KEY_ARN.replace("aws:kms:us-east-1", "aws-cn:kms:cn-north-1")),
        (given.key_arn, KEY_ARN),
        (given.key_arn, NEW),
        (given.key, KEY_ID.upper()),
        (given.principal, ROLE),
        (given.principal, "arn:aws:sts::111122223333:assumed-role/ir-team/me"),
        (given.principal, "arn:aws:iam::111122223333:root"),
        (given.prefix, "AWSLogs/111122223333/"),
        (given.prefix, ""),
        (given.prefix, "a" * 1024),
        (given.prefix, "\u2603 s3://\udcff\n/"),
        (given.object_key, "AWSLogs/111122223333/CloudTrail/a.json.gz"),
        (given.object_key, "a\n\u2603 s3://"),
        (given.object_key, "a" * 1024),
        (given.bucket, "aws-cloudtrail-logs-111122223333-0a1b2c3d"),
        (given.bucket, "logs.example.com"),
        (given.bucket, "My_Old_Bucket"),
        (given.bucket, "a" * 255),
        (given.s3_place, "s3://logs"),
        (given.s3_place, "s3://logs/"),
        (given.s3_place, "s3://logs/batch/2026 \u2603"),
        (given.principal_name, ROLE),
        (given.principal_name, "ir-team"),
        (given.principal_name, "role/a:b/ir-team"),
        (given.principal_name, "assumed-role/ir-team/me@example.com"),
        (given.principal_name, "cloudtrail.amazonaws.com"),
        (given.principal_name, "*"),
        (given.alias, "alias/audit"),
        (given.role, ROLE),
        (given.role, ROLE.replace("role/", "role/path/")),
        (given.external_id, "7f3c"),
        (given.partition, "aws-us-gov"),
    ],
)
def test_a_name_is_returned_as_it_was_given(rule: Rule, text: str) -> None:
    assert rule(text) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (given.trail, ""),
        (given.trail, "no trail"),
        (given.trail, "-a"),
        (given.trail, "a\n"),
        (given.trail, "a" * 129),
        (given.trail, KEY_ARN),
        (given.trail_arn, "management-events"),
        (given.trail_arn, TRAIL_ARN.replace("trail/management-events", "trail/a b")),
        (given.trail_arn, TRAIL_ARN.replace("us-east-1", "")),
        (given.trail_arn, TRAIL_ARN.replace("us-east-1", "cn-north-1")),
        (given.trail_arn, TRAIL_ARN.replace(":trail/", ":channel/")),
        (given.region, "EU"),
        (given.region, "us-east-1\n"),
        (given.region, "us-east-\u0661"),
        (given.account, "11112222333"),
        (given.account, "11112222333\u0663"),
        (given.key, "my key"),
        (given.key, "alias/"),
        (given.key, TRAIL_ARN),
        (given.key, KEY_ARN.replace("arn:aws:", "arn:aws-cn:")),
        (given.key, KEY_ARN.replace("111122223333", "")),
        (given.key, KEY_ARN.replace("arn:aws:", "arn:aw:")),
        (given.key_arn, "alias/audit"),
        (given.key_arn, KEY_ID),
        (given.key_arn, "arn:aws:kms:us-east-1:111122223333:alias/audit"),
        (given.principal, "ir-team"),
        (given.principal, KEY_ARN),
        (given.prefix, "s3://logs/AWSLogs/"),
        (given.prefix, "a" * 1025),
        (given.object_key, ""),
        (given.object_key, "s3://logs/a"),
        (given.object_key, "\u2603" * 342),
        (given.bucket, ""),
        (given.bucket, "s3://logs"),
        (given.bucket, "logs/"),
        (given.bucket, "arn:aws:s3:::logs"),
        (given.bucket, "lo"),
        (given.bucket, "logs\n"),
        (given.s3_place, "logs/batch"),
        (given.s3_place, "s3://"),
        (given.s3_place, "s3:///batch"),
        (given.s3_place, "S3://logs"),
        (given.s3_place, f"s3://logs/{'a' * 1025}"),
        (given.principal_name, ""),
        (given.principal_name, "ir team"),
        (given.principal_name, "a\x1b"),
        (given.principal_name, "arn:aws:s3:::logs"),
        (given.principal_name, "arn:aws:iam"),
        (given.alias, "audit"),
        (given.alias, "alias/*"),
        (given.role, "ir-team"),
        (given.role, ROLE.replace("role/", "user/")),
        (given.role, f"{ROLE} "),
        (given.role, f"{ROLE}/"),
        (given.role, ROLE.replace("ir-team", "*")),
        (given.role, ROLE.replace("ir-team", "a" * 65)),
        (given.role, ROLE.replace("111122223333", "")),
        (given.role, ROLE.replace("111122223333", "11112222333")),
        (given.role, ROLE.replace("iam::", "iam:us-east-1:")),
        (given.role, ROLE.replace("iam::", "sts::")),
        (given.external_id, "7"),
        (given.external_id, "*\n"),
        (given.partition, "AWS"),
    ],
)
def test_what_cannot_be_it_is_told(rule: Rule, text: str) -> None:
    with pytest.raises(UsageProblem) as refused:
        rule(text)

    assert refused.value.what.facts == {"text": text}


@pytest.mark.sweep
@drawn(st.sampled_from(RULES), st.text() | st.from_regex(r"arn:aws:(kms|cloudtrail|iam)::.*", fullmatch=True))
def test_any_text_is_returned_or_told(rule: Rule, text: str) -> None:
    try:
        found = rule(text)
    except UsageProblem as refused:
        found = str(refused.what.facts["text"])

    assert found == text


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (region, each["id"])
        for each in create_loader().load_data("partitions")["partitions"]
        for region in each["regions"]
        if not region.endswith("-global")
    ],
)
def test_each_region_that_botocore_knows_is_one_of_its_partition(region: str, partition: str) -> None:
    arn = KEY_ARN.replace("aws:kms:us-east-1", f"{partition}:kms:{region}")

    assert given.region(region) == region
    assert partition_of(region) == partition
    assert given.key_arn(arn) == arn


def test_an_arn_of_another_partition_is_told_and_a_name_has_none() -> None:
    assert in_partition(KEY_ARN, "aws") == KEY_ARN
    assert in_partition("alias/audit", "aws-cn") == "alias/audit"
    with pytest.raises(UsageProblem, match="is of another partition than aws-cn"):
        in_partition(KEY_ARN, "aws-cn")


@pytest.mark.parametrize("region", ["us-east-1", "", "zz-new-1"])
def test_what_is_reached_from_a_region_is_of_its_partition(region: str) -> None:
    assert reached_from(KEY_ARN, region) == KEY_ARN
    assert reached_from("alias/audit", region) == "alias/audit"
    assert reached_from(NEW, region) == NEW


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
def test_what_is_of_another_partition_than_a_region_is_told(region: str) -> None:
    with pytest.raises(UsageProblem, match=f"is of another partition than {partition_of(region)}"):
        reached_from(KEY_ARN, region)
