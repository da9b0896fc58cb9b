"""Bucket settings and the errors that go with them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    client.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    return client


def code_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


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
