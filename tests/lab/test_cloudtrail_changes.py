"""What CreateTrail and UpdateTrail refuse, each by the name that AWS gives it, and what they keep."""

from __future__ import annotations

import json
import uuid

import pytest
from botocore.exceptions import ClientError

TRAIL = "management-events"
BUCKET = "example-cloudtrail-logs"
HOME = "ap-northeast-1"
ACCOUNT = "123456789012"
TRAIL_ARN = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{TRAIL}"
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
ADMINISTRATION = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [ADMINISTRATION, *statements]})


def letting_cloudtrail(*actions, **conditions):
    statement = {"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": list(actions), "Resource": "*"}
    return {**statement, "Condition": conditions} if conditions else statement


GOOD = letting_cloudtrail(
    "kms:GenerateDataKey*", "kms:DescribeKey", StringEquals={"aws:SourceArn": TRAIL_ARN}
)


@pytest.fixture
def story(fresh_lab):
    return fresh_lab("story")


def make_key(lab, *statements, region=HOME, **more):
    given = statements or (GOOD,)
    return lab.client("kms", region=region).create_key(Policy=policy(*given), **more)["KeyMetadata"]["Arn"]


def refusal(lab, key_id, *, region=HOME, name=TRAIL):
    with pytest.raises(ClientError) as caught:
        lab.client("cloudtrail", region=region).update_trail(Name=name, KmsKeyId=key_id)
    trail = lab.client("cloudtrail").get_trail(Name=TRAIL)["Trail"]
    assert "KmsKeyId" not in trail
    return caught.value.response["Error"]["Code"]


def test_a_key_that_does_not_exist_is_not_found(story):
    assert refusal(story, str(uuid.uuid4())) == "KmsKeyNotFoundException"


def test_a_key_of_another_region_than_the_bucket_is_not_found(story):
    assert refusal(story, make_key(story, region="us-east-1")) == "KmsKeyNotFoundException"


@pytest.mark.parametrize(
    "key_id", ["not a key", "alias/", "arn:aws:s3:::bucket", f"arn:aws:kms:{HOME}:{ACCOUNT}:key/x"]
)
def test_a_malformed_key_id_is_invalid(story, key_id):
    assert refusal(story, key_id) == "InvalidKmsKeyIdException"


def test_a_disabled_key_is_a_kms_exception(story):
    key = make_key(story)
    story.client("kms").disable_key(KeyId=key)

    assert refusal(story, key) == "KmsException"


def test_a_key_pending_deletion_is_a_kms_exception(story):
    key = make_key(story)
    story.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

    assert refusal(story, key) == "KmsException"


def test_an_asymmetric_key_is_a_kms_exception(story):
    assert refusal(story, make_key(story, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")) == "KmsException"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param((ADMINISTRATION,), id="no statement for CloudTrail"),
        pytest.param((letting_cloudtrail("kms:GenerateDataKey*"),), id="no DescribeKey"),
        pytest.param(
            (
                letting_cloudtrail(
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                    StringEquals={"aws:SourceArn": TRAIL_ARN.replace(TRAIL, "another")},
                ),
            ),
            id="another trail's ARN",
        ),
        pytest.param(
            (
                letting_cloudtrail("kms:DescribeKey"),
                letting_cloudtrail(
                    "kms:GenerateDataKey*",
                    StringLike={
                        "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:999999999999:*"
                    },
                ),
            ),
            id="another account's encryption context",
        ),
    ],
)
def test_a_key_policy_that_shuts_cloudtrail_out_is_insufficient(story, statements):
    assert refusal(story, make_key(story, *statements)) == "InsufficientEncryptionPolicyException"


def test_a_bucket_policy_that_denies_the_key_is_insufficient_too(story):
    s3 = story.client("s3")
    document = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    }
    document["Statement"].append(deny)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))

    assert refusal(story, make_key(story)) == "InsufficientEncryptionPolicyException"


def test_an_s3_bucket_key_makes_cloudtrail_need_decrypt(story):
    key, other = make_key(story), make_key(story, GOOD, letting_cloudtrail("kms:Decrypt"))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}
    story.client("s3").put_bucket_encryption(
        Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )

    assert refusal(story, key) == "InsufficientEncryptionPolicyException"
    assert story.client("cloudtrail").update_trail(Name=TRAIL, KmsKeyId=other)["KmsKeyId"] == other


def test_a_trail_is_changed_in_its_home_region_only(story):
    key = make_key(story)

    assert refusal(story, key, region="us-east-1", name=TRAIL_ARN) == "InvalidHomeRegionException"
    assert refusal(story, key, name="no-such-trail") == "TrailNotFoundException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"S3BucketName": "no-such-bucket"}, "S3BucketDoesNotExistException"),
        ({"S3BucketName": "Not_A_Bucket"}, "InvalidS3BucketNameException"),
        ({"IsOrganizationTrail": True}, "OrganizationsNotInUseException"),
    ],
)
def test_other_settings_are_tested_too(story, changes, code):
    with pytest.raises(ClientError) as caught:
        story.client("cloudtrail").update_trail(Name=TRAIL, **changes)

    assert caught.value.response["Error"]["Code"] == code


def test_a_bucket_whose_policy_does_not_name_cloudtrail_is_insufficient(story):
    story.client("s3").delete_bucket_policy(Bucket=BUCKET)

    with pytest.raises(ClientError) as caught:
        story.client("cloudtrail").update_trail(Name=TRAIL, EnableLogFileValidation=True)

    assert caught.value.response["Error"]["Code"] == "InsufficientS3BucketPolicyException"


def test_a_member_account_sees_the_organization_trail_and_may_not_change_it(shared_lab):
    lab = shared_lab("multi")
    member = lab.client("cloudtrail", "arn:aws:iam::111111111111:role/admin")
    arn = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/organization-events"

    listed = member.list_trails()["Trails"]
    with pytest.raises(ClientError) as caught:
        member.update_trail(Name=arn, EnableLogFileValidation=True)

    assert [t["TrailARN"] for t in listed] == [arn]
    assert member.get_trail_status(Name=arn)["IsLogging"] is True
    assert caught.value.response["Error"]["Code"] in {
        "OperationNotPermittedException",
        "AccessDeniedException",
    }


def test_an_alias_is_kept_as_the_keys_arn_and_empty_takes_the_key_away(story):
    key = make_key(story)
    story.client("kms").create_alias(AliasName="alias/logs", TargetKeyId=key)
    cloudtrail = story.client("cloudtrail")

    named = cloudtrail.update_trail(Name=TRAIL, KmsKeyId="alias/logs")
    cloudtrail.update_trail(Name=TRAIL, EnableLogFileValidation=True)
    kept = cloudtrail.get_trail(Name=TRAIL)["Trail"]
    cloudtrail.update_trail(Name=TRAIL, KmsKeyId="")
    gone = cloudtrail.get_trail(Name=TRAIL)["Trail"]

    assert named["KmsKeyId"] == kept["KmsKeyId"] == key
    assert "KmsKeyId" not in gone


def test_a_multi_region_trail_has_shadows_and_is_listed_once(story):
    elsewhere = story.client("cloudtrail", region="eu-west-1")

    assert [t["HomeRegion"] for t in elsewhere.describe_trails()["trailList"]] == [HOME]
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert [t["TrailARN"] for t in elsewhere.list_trails()["Trails"]] == [TRAIL_ARN]


def test_event_selectors_are_of_one_kind(story):
    cloudtrail = story.client("cloudtrail")
    advanced = [{"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]

    assert "EventSelectors" in cloudtrail.get_event_selectors(TrailName=TRAIL)
    cloudtrail.put_event_selectors(TrailName=TRAIL, AdvancedEventSelectors=advanced)
    assert cloudtrail.get_event_selectors(TrailName=TRAIL)["AdvancedEventSelectors"] == advanced
    with pytest.raises(ClientError, match="InvalidEventSelectorsException"):
        cloudtrail.put_event_selectors(TrailName=TRAIL, EventSelectors=[])
