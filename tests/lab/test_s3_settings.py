"""Bucket settings and the errors that go with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refusals import code_of


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    client.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    return client


def test_a_bucket_that_notifies_nobody_answers_with_an_empty_configuration(s3):
    raw = []
    s3.meta.events.register("after-call.s3.*", lambda http_response, **_: raw.append(http_response.text))
    s3.get_bucket_notification_configuration(Bucket="logs-bucket")

    assert "<NotificationConfiguration" in raw[0]
    assert "Response" not in raw[0]


def test_a_new_bucket_has_no_acls(s3):
    rules = s3.get_bucket_ownership_controls(Bucket="logs-bucket")["OwnershipControls"]["Rules"]

    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="not JSON"),
        pytest.param("{}", id="no statement"),
        pytest.param(json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*"}]}), id="no action"),
        pytest.param(
            json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": "arn:aws:s3:::other-bucket/*",
                        }
                    ]
                }
            ),
            id="another bucket",
        ),
    ],
)
def test_a_bucket_policy_that_is_none_is_malformed(s3, text):
    assert code_of(s3.put_bucket_policy, Bucket="logs-bucket", Policy=text) == "MalformedPolicy"


def test_public_policies_are_taken_once_they_are_let(s3):
    public = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::logs-bucket/*",
            }
        ],
    }
    s3.delete_public_access_block(Bucket="logs-bucket")

    s3.put_bucket_policy(Bucket="logs-bucket", Policy=json.dumps(public))

    assert s3.get_bucket_policy_status(Bucket="logs-bucket")["PolicyStatus"]["IsPublic"] is True


def test_restricting_public_buckets_keeps_other_accounts_out(lab, s3):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")
    test_public_policies_are_taken_once_they_are_let(s3)
    iam = lab.client("iam", "arn:aws:iam::555555555555:root")
    iam.create_user(UserName="boss")
    iam.attach_user_policy(UserName="boss", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    boss = lab.client("s3", "arn:aws:iam::555555555555:user/boss")
    boss.get_object(Bucket="logs-bucket", Key="a")

    s3.put_public_access_block(
        Bucket="logs-bucket", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )

    assert code_of(boss.get_object, Bucket="logs-bucket", Key="a") == "AccessDenied"


def test_asking_for_an_encryption_when_reading_is_a_mistake(lab, s3):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")

    def add_header(params, **_):
        params["headers"]["x-amz-server-side-encryption"] = "aws:kms"

    reader = lab.client("s3")
    reader.meta.events.register("before-call.s3.GetObject", add_header)

    assert code_of(reader.get_object, Bucket="logs-bucket", Key="a") == "InvalidArgument"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"ServerSideEncryption": "AES256", "SSEKMSKeyId": "x"}, "InvalidArgument"),
        ({"ServerSideEncryption": "aws:fsx"}, "InvalidArgument"),
    ],
    ids=["a key with SSE-S3", "what S3 does not offer here"],
)
def test_an_encryption_that_makes_no_sense_is_refused(s3, wanted, code):
    assert code_of(s3.put_object, Bucket="logs-bucket", Key="a", Body=b"x", **wanted) == code


def test_a_key_of_another_region_than_the_bucket_s_is_not_found(lab, s3):
    far = lab.client("kms", region="eu-west-1").create_key()["KeyMetadata"]["Arn"]

    code = code_of(
        s3.put_object,
        Bucket="logs-bucket",
        Key="a",
        Body=b"x",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=far,
    )

    assert code == "KMS.NotFoundException"


def test_a_part_can_be_copied_from_a_sealed_object(lab, s3):
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    upload = s3.create_multipart_upload(Bucket="logs-bucket", Key="b")["UploadId"]
    here = {"Bucket": "logs-bucket", "Key": "b", "UploadId": upload, "PartNumber": 1}
    source = {"Bucket": "logs-bucket", "Key": "a"}

    assert code_of(s3.upload_part_copy, **here, CopySource=source, CopySourceIfMatch='"x"') == (
        "PreconditionFailed"
    )
    part = s3.upload_part_copy(**here, CopySource=source)["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(
        Bucket="logs-bucket",
        Key="b",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]},
    )

    copied = s3.get_object(Bucket="logs-bucket", Key="b")
    assert (copied["Body"].read(), copied["ServerSideEncryption"]) == (b"one", "AES256")


def test_objects_are_deleted_only_by_whom_it_is_allowed(lab, s3):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")
    lab.client("iam").create_user(UserName="alice")

    wanted = {"Bucket": "logs-bucket", "Delete": {"Objects": [{"Key": "a"}]}}

    assert code_of(lab.client("s3", "alice").delete_objects, **wanted) == "AccessDenied"
    assert s3.delete_objects(**wanted)["Deleted"][0]["Key"] == "a"


def test_a_bucket_that_is_not_there_is_said_to_be_missing(s3):
    assert code_of(s3.get_object, Bucket="nowhere-bucket", Key="a") == "NoSuchBucket"
    assert code_of(s3.head_bucket, Bucket="nowhere-bucket") == "404"


ELSEWHERE = "arn:aws:s3:::elsewhere"
WHOLE_SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "bucket_replication": (
        "ReplicationConfiguration",
        {
            "Role": "arn:aws:iam::123456789012:role/replicates",
            "Rules": [
                {
                    "ID": "a",
                    "Priority": 1,
                    "Status": "Enabled",
                    "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "a", "Value": "b"}]}},
                    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {
                        "Bucket": ELSEWHERE,
                        "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-east-1:1:key/x"},
                    },
                }
            ],
        },
    ),
    "bucket_notification_configuration": ("NotificationConfiguration", {"EventBridgeConfiguration": {}}),
    "bucket_lifecycle_configuration": (
        "LifecycleConfiguration",
        {
            "Rules": [
                {
                    "ID": "a",
                    "Status": "Enabled",
                    "Filter": {"And": {"Prefix": "a", "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 9}},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 4},
                }
            ]
        },
    ),
    "bucket_logging": (
        "BucketLoggingStatus",
        {
            "LoggingEnabled": {
                "TargetBucket": "elsewhere",
                "TargetPrefix": "x/",
                "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
            }
        },
    ),
    "bucket_encryption": (
        "ServerSideEncryptionConfiguration",
        {
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                    "BucketKeyEnabled": False,
                    "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
                }
            ]
        },
    ),
    "bucket_accelerate_configuration": ("AccelerateConfiguration", {"Status": "Suspended"}),
    "bucket_tagging": ("Tagging", {"TagSet": [{"Key": "b", "Value": ""}, {"Key": "a", "Value": "é"}]}),
    "bucket_cors": (
        "CORSConfiguration",
        {"CORSRules": [{"ID": "x", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3}]},
    ),
    "bucket_ownership_controls": (
        "OwnershipControls",
        {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
    ),
}


def test_a_setting_comes_back_as_it_was_put(lab, s3):
    s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    for bucket in ("elsewhere", "logs-bucket"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    trusts = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusts]})
    lab.client("iam").create_role(RoleName="replicates", AssumeRolePolicyDocument=trust)
    logging = {"Service": "logging.s3.amazonaws.com"}
    writes = {
        "Effect": "Allow",
        "Principal": logging,
        "Action": "s3:PutObject",
        "Resource": f"{ELSEWHERE}/*",
    }
    s3.put_bucket_policy(Bucket="elsewhere", Policy=json.dumps({"Statement": [writes]}))
    got = {}
    for name, (member, setting) in WHOLE_SETTINGS.items():
        getattr(s3, f"put_{name}")(Bucket="logs-bucket", **{member: setting})
        answer = getattr(s3, f"get_{name}")(Bucket="logs-bucket")
        found = answer.get(member, answer)
        got[name] = (member, {part: found.get(part) for part in setting})

    assert got == WHOLE_SETTINGS


def test_a_rule_without_an_id_gets_one(s3):
    rule = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(
        Bucket="logs-bucket", LifecycleConfiguration={"Rules": [rule, rule]}
    )

    rules = s3.get_bucket_lifecycle_configuration(Bucket="logs-bucket")["Rules"]
    assert len({each["ID"] for each in rules}) == len(rules)


def test_ownership_controls_that_are_deleted_are_gone(s3):
    s3.delete_bucket_ownership_controls(Bucket="logs-bucket")

    code = code_of(s3.get_bucket_ownership_controls, Bucket="logs-bucket")
    assert code == "OwnershipControlsNotFoundError"


def test_the_acl_for_log_delivery_is_one_of_a_buckets(s3):
    s3.put_bucket_ownership_controls(
        Bucket="logs-bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    s3.put_bucket_acl(Bucket="logs-bucket", ACL="log-delivery-write")

    granted = [grant["Grantee"].get("URI") for grant in s3.get_bucket_acl(Bucket="logs-bucket")["Grants"]]
    assert "http://acs.amazonaws.com/groups/s3/LogDelivery" in granted


def test_what_is_deleted_takes_its_tags_with_it(lab, s3):
    logs, tags = lab.client("logs"), [{"Key": "a", "Value": "b"}]
    trail = lab.client("cloudtrail")
    lets = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:*"}
    lets["Resource"] = ["arn:aws:s3:::logs-bucket", "arn:aws:s3:::logs-bucket/*"]
    s3.create_bucket(Bucket="tagged", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_bucket_policy(Bucket="logs-bucket", Policy=json.dumps({"Statement": [lets]}))
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": tags})
    logs.create_log_group(logGroupName="tagged", tags={"a": "b"})
    trail.create_trail(Name="tagged", S3BucketName="logs-bucket", TagsList=tags)

    s3.delete_bucket(Bucket="tagged")
    logs.delete_log_group(logGroupName="tagged")
    trail.delete_trail(Name="tagged")
    s3.create_bucket(Bucket="tagged", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    logs.create_log_group(logGroupName="tagged")
    arn = trail.create_trail(Name="tagged", S3BucketName="logs-bucket")["TrailARN"]

    group = "arn:aws:logs:ap-northeast-1:123456789012:log-group:tagged"
    assert code_of(s3.get_bucket_tagging, Bucket="tagged") == "NoSuchTagSet"
    assert logs.list_tags_for_resource(resourceArn=group)["tags"] == {}
    assert trail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == []
