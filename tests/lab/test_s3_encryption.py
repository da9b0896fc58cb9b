"""Objects in the lab are encrypted as S3 encrypts them, and their encryption has an effect."""

from __future__ import annotations

import base64
import json

import pytest

from refusals import code_of

TRAIL = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/main"


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    client.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    return client


@pytest.fixture
def key(lab):
    return lab.client("kms").create_key()["KeyMetadata"]["Arn"]


def put_sealed(s3, key, name="a.json.gz", **more):
    return s3.put_object(
        Bucket="logs-bucket", Key=name, Body=b"one", ServerSideEncryption="aws:kms", SSEKMSKeyId=key, **more
    )


def test_every_object_is_encrypted_with_sse_s3_unless_asked_otherwise(s3):
    put = s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")
    head = s3.head_object(Bucket="logs-bucket", Key="a")

    assert put["ServerSideEncryption"] == head["ServerSideEncryption"] == "AES256"
    assert "SSEKMSKeyId" not in head


def test_a_bucket_says_that_its_default_is_sse_s3(s3):
    rules = s3.get_bucket_encryption(Bucket="logs-bucket")["ServerSideEncryptionConfiguration"]["Rules"]

    assert rules == [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    ]


def test_a_new_bucket_is_closed_to_the_public(s3):
    block = s3.get_public_access_block(Bucket="logs-bucket")["PublicAccessBlockConfiguration"]

    assert all(block.values())
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
    assert code_of(s3.put_bucket_policy, Bucket="logs-bucket", Policy=json.dumps(public)) == "AccessDenied"


def test_an_object_under_a_key_shows_the_key_s_arn_whatever_form_was_given(s3, key):
    put_sealed(s3, key.rpartition("/")[2])

    head = s3.head_object(Bucket="logs-bucket", Key="a.json.gz")

    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_the_bucket_s_default_key_seals_what_asks_for_nothing(s3, key):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(Bucket="logs-bucket", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")

    head = s3.head_object(Bucket="logs-bucket", Key="a")

    assert (head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == (key, True)


def test_kms_without_a_key_means_the_account_s_own_aws_s3_key(lab, s3):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one", ServerSideEncryption="aws:kms")

    used = s3.head_object(Bucket="logs-bucket", Key="a")["SSEKMSKeyId"]

    described = lab.client("kms").describe_key(KeyId=used)["KeyMetadata"]
    assert described["KeyManager"] == "AWS"
    assert s3.get_object(Bucket="logs-bucket", Key="a")["Body"].read() == b"one"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("disable_key", "KMS.DisabledException"),
        ("schedule_key_deletion", "KMS.KMSInvalidStateException"),
    ],
)
def test_an_unusable_key_shuts_the_content_but_not_the_metadata(lab, s3, key, change, expected):
    put_sealed(s3, key)
    getattr(lab.client("kms"), change)(KeyId=key)

    assert code_of(s3.get_object, Bucket="logs-bucket", Key="a.json.gz") == expected
    assert code_of(put_sealed, s3=s3, key=key, name="b") == expected
    assert s3.head_object(Bucket="logs-bucket", Key="a.json.gz")["SSEKMSKeyId"] == key
    assert code_of(s3.head_object, Bucket="logs-bucket", Key="a.json.gz", ChecksumMode="ENABLED") == "400"


def test_a_key_that_is_not_there_is_said_to_be_missing(s3):
    gone = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"

    assert code_of(put_sealed, s3=s3, key=gone) == "KMS.NotFoundException"


def test_an_etag_under_a_key_is_no_md5_of_the_content(s3, key):
    etag = put_sealed(s3, key)["ETag"]

    assert etag != '"f97c5d29941bfb1b2fdab0874906ab82"'
    assert s3.head_object(Bucket="logs-bucket", Key="a.json.gz")["ETag"] == etag


def test_a_multipart_upload_is_sealed_as_it_was_begun(s3, key):
    upload = s3.create_multipart_upload(
        Bucket="logs-bucket", Key="big", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    here = {"Bucket": "logs-bucket", "Key": "big", "UploadId": upload["UploadId"]}
    part = s3.upload_part(**here, PartNumber=1, Body=b"part")
    s3.complete_multipart_upload(**here, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})

    head = s3.head_object(Bucket="logs-bucket", Key="big")

    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def copy_in_place(s3, **more):
    return s3.copy_object(
        Bucket="logs-bucket", Key="a", CopySource={"Bucket": "logs-bucket", "Key": "a"}, **more
    )


def test_a_copy_in_place_keeps_metadata_and_tags_and_resets_the_storage_class(s3, key):
    s3.put_object(
        Bucket="logs-bucket",
        Key="a",
        Body=b"one",
        Metadata={"signature": "abc"},
        Tagging="team=security",
        StorageClass="STANDARD_IA",
    )

    copy_in_place(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    head = s3.head_object(Bucket="logs-bucket", Key="a")
    tags = s3.get_object_tagging(Bucket="logs-bucket", Key="a")["TagSet"]
    assert head["Metadata"] == {"signature": "abc"}
    assert tags == [{"Key": "team", "Value": "security"}]
    assert "StorageClass" not in head
    assert head["SSEKMSKeyId"] == key


def test_a_copy_in_place_must_change_something(s3):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")

    assert code_of(copy_in_place, s3=s3) == "InvalidRequest"


def test_a_copy_whose_source_has_changed_is_refused(s3, key):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")
    seal = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}

    assert code_of(copy_in_place, s3=s3, CopySourceIfMatch='"other"', **seal) == "PreconditionFailed"
    etag = s3.head_object(Bucket="logs-bucket", Key="a")["ETag"]
    copy_in_place(s3, CopySourceIfMatch=etag, **seal)


def update(s3, key, name="a", **more):
    wanted = {"SSEKMS": {"KMSKeyArn": key, "BucketKeyEnabled": False}}
    return s3.update_object_encryption(Bucket="logs-bucket", Key=name, ObjectEncryption=wanted, **more)


def test_update_object_encryption_touches_nothing_else(s3, key):
    s3.put_bucket_versioning(Bucket="logs-bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one", Metadata={"signature": "abc"})
    before = s3.get_object(Bucket="logs-bucket", Key="a")
    body = before["Body"].read()

    update(s3, key)

    after = s3.get_object(Bucket="logs-bucket", Key="a")
    same = ("ETag", "LastModified", "Metadata", "VersionId", "ContentLength")
    assert [after[k] for k in same] == [before[k] for k in same]
    assert after["Body"].read() == body == b"one"
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"]) == ("aws:kms", key)
    assert len(s3.list_object_versions(Bucket="logs-bucket")["Versions"]) == 1


def test_update_object_encryption_can_move_an_old_version_and_another_key(lab, s3, key):
    s3.put_bucket_versioning(Bucket="logs-bucket", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")["VersionId"]
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"two")
    other = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    update(s3, key, VersionId=old)

    update(s3, other, VersionId=old)

    assert s3.head_object(Bucket="logs-bucket", Key="a", VersionId=old)["SSEKMSKeyId"] == other
    assert s3.head_object(Bucket="logs-bucket", Key="a")["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param({"ServerSideEncryption": "aws:kms:dsse"}, id="DSSE"),
        pytest.param({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}, id="SSE-C"),
    ],
)
def test_update_object_encryption_refuses_other_sources(lab, key, stored):
    # the SDK sends a customer's key over HTTPS only, unless told otherwise
    s3 = lab.client("s3")
    s3.meta.events.unregister("before-parameter-build.s3.PutObject", unique_id="")
    s3.create_bucket(Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one", **stored)

    assert code_of(update, s3=s3, key=key) == "InvalidRequest"


def test_update_object_encryption_wants_a_full_key_arn_of_the_bucket_s_account(s3, key):
    s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")

    assert code_of(update, s3=s3, key="alias/a-key-of-my-own") == "InvalidRequest"
    assert code_of(update, s3=s3, key=key.replace("123456789012", "999999999999")) == "AccessDenied"
    assert code_of(update, s3=s3, key=key, name="missing") == "NoSuchKey"


def test_update_object_encryption_refuses_a_locked_object(lab, key):
    s3 = lab.client("s3")
    s3.create_bucket(
        Bucket="locked-bucket",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"},
    )
    s3.put_object(Bucket="locked-bucket", Key="a", Body=b"one")
    s3.put_object_legal_hold(Bucket="locked-bucket", Key="a", LegalHold={"Status": "ON"})
    wanted = {"SSEKMS": {"KMSKeyArn": key}}

    code = code_of(s3.update_object_encryption, Bucket="locked-bucket", Key="a", ObjectEncryption=wanted)

    assert code == "AccessDenied"


def test_the_writer_s_encryption_context_is_base64_json(s3, key):
    good = base64.b64encode(json.dumps({"aws:cloudtrail:arn": TRAIL}).encode()).decode()

    put_sealed(s3, key, SSEKMSEncryptionContext=good)

    assert code_of(put_sealed, s3=s3, key=key, SSEKMSEncryptionContext="{}") == "InvalidArgument"
