"""Uploads that are under way, and what S3 and KMS refuse for its size, number or kind."""

from __future__ import annotations

import pytest

from refusals import code_of
from rows import each_row

BUCKET = "uploads"


@pytest.fixture
def s3(here):
    made = here.client("s3")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": here.world.region})
    return made


def test_an_upload_is_one_object_s(s3):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="a")["UploadId"]
    of = {"Bucket": BUCKET, "UploadId": upload}
    tag = s3.upload_part(**of, Key="a", PartNumber=1, Body=b"x")["ETag"]
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": tag}]}}

    assert code_of(s3.upload_part, **of, Key="b", PartNumber=1, Body=b"x") == "NoSuchUpload"
    assert code_of(s3.list_parts, **of, Key="b") == "NoSuchUpload"
    assert code_of(s3.abort_multipart_upload, **of, Key="b") == "NoSuchUpload"
    assert code_of(s3.complete_multipart_upload, **of, **parts, Key="b") == "NoSuchUpload"
    for number in (0, 10_001):
        assert code_of(s3.upload_part, **of, Key="a", PartNumber=number, Body=b"x") == "InvalidArgument"
    s3.complete_multipart_upload(**of, **parts, Key="a")
    assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"x"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_uploads_are_listed_page_by_page(s3, size, delimiter):
    keys = ("a", "a", "b/1", "b/2", "c", "d/1")
    for key in keys:
        s3.create_multipart_upload(Bucket=BUCKET, Key=key)
    more = {"Delimiter": delimiter} if delimiter else {}

    pages = list(
        s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=BUCKET, PaginationConfig={"PageSize": size}, **more
        )
    )

    found = [each["Key"] for page in pages for each in page.get("Uploads", [])]
    groups = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
    assert found == [key for key in keys if not delimiter or "/" not in key]
    assert groups == (["b/", "d/"] if delimiter else [])
    assert all(len(page.get("Uploads", [])) + len(page.get("CommonPrefixes", [])) <= size for page in pages)
    assert len({each["UploadId"] for page in pages for each in page.get("Uploads", [])}) == len(found)


def test_a_prefix_and_no_more_than_none(s3):
    for key in ("a", "b"):
        s3.create_multipart_upload(Bucket=BUCKET, Key=key)

    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket=BUCKET, Prefix="b")["Uploads"]] == ["b"]
    assert s3.list_multipart_uploads(Bucket=BUCKET, MaxUploads=0)["IsTruncated"] is False
    assert code_of(s3.list_multipart_uploads, Bucket=BUCKET, MaxUploads=-1) == "InvalidArgument"


def test_many_are_deleted_at_once_and_quietly(s3):
    def deleted(number, **more):
        objects = [{"Key": f"k{each}"} for each in range(number)]
        return s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects, **more})

    assert len(deleted(1000)["Deleted"]) == 1000
    assert code_of(lambda: deleted(1001)) == "MalformedXML"
    s3.put_object(Bucket=BUCKET, Key="k0", Body=b"")
    assert "Deleted" not in deleted(2, Quiet=True)
    assert code_of(s3.head_object, Bucket=BUCKET, Key="k0") == "404"


@pytest.mark.parametrize("way", ["put_object", "create_multipart_upload", "copy_object"])
def test_keys_and_metadata_have_a_longest(s3, way):
    s3.put_object(Bucket=BUCKET, Key="source", Body=b"")
    more = {"CopySource": f"{BUCKET}/source", "MetadataDirective": "REPLACE"} if way == "copy_object" else {}

    def write(key, **metadata):
        return code_of(getattr(s3, way), Bucket=BUCKET, Key=key, Metadata=metadata, **more)

    assert write("é" * 512) == ""
    assert write("é" * 512 + "x") == "KeyTooLongError"
    assert write("k", a="b" * 2047) == ""
    assert write("k", a="b" * 2048) == "MetadataTooLarge"


@pytest.mark.parametrize("of", ["bucket", "object"])
def test_a_tag_stands_once(s3, of):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"")
    put = {"bucket": s3.put_bucket_tagging, "object": s3.put_object_tagging}[of]
    where = {"Bucket": BUCKET, **({"Key": "k"} if of == "object" else {})}

    def tagged(*names):
        return code_of(put, **where, Tagging={"TagSet": [{"Key": name, "Value": "x"} for name in names]})

    assert (tagged("a", "b"), tagged("a", "a")) == ("", "InvalidTag")


REFUSED_KEYS = (
    ({"KeySpec": "RSA_2048"}, "ValidationException"),
    ({"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"}, "ValidationException"),
    ({"KeySpec": "HMAC_256", "KeyUsage": "ENCRYPT_DECRYPT"}, "ValidationException"),
    ({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "KEY_AGREEMENT"}, "ValidationException"),
    ({"KeyUsage": "SIGN_VERIFY"}, "ValidationException"),
    ({"Tags": [{"TagKey": "a", "TagValue": value} for value in "bc"]}, "TagException"),
    ({"Tags": [{"TagKey": "aws:a", "TagValue": "b"}]}, "TagException"),
    ({"Origin": "AWS_CLOUDHSM"}, "NotImplemented"),
    ({"Origin": "EXTERNAL_KEY_STORE"}, "NotImplemented"),
    ({"Origin": "EXTERNAL", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "NotImplemented"),
)


@each_row(("given", "code"), REFUSED_KEYS)
def test_a_key_is_not_made_that_kms_or_the_lab_does_not_have(here, given, code):
    kms = here.client("kms")

    assert code_of(kms.create_key, **given) == code
    assert kms.list_keys()["Keys"] == []


def test_tags_and_aliases_are_looked_at_whichever_call_brings_them(here):
    kms = here.client("kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    tags = {"Tags": [{"TagKey": "a", "TagValue": value} for value in "bc"]}

    assert code_of(kms.tag_resource, KeyId=key, **tags) == "TagException"
    assert code_of(kms.replicate_key, KeyId=key, ReplicaRegion="eu-west-1", **tags) == "TagException"
    assert code_of(kms.create_alias, AliasName="name", TargetKeyId=key) == "ValidationException"


NAMES = ("a b", "a/b", "é", "a\n")


@each_row("name", NAMES)
def test_a_name_in_iam_is_one(here, name):
    iam = here.client("iam")
    calls = (
        (iam.create_user, {"UserName": name}),
        (iam.create_group, {"GroupName": name}),
        (iam.create_role, {"RoleName": name, "AssumeRolePolicyDocument": "{}"}),
        (iam.put_user_policy, {"UserName": "u", "PolicyName": name, "PolicyDocument": "{}"}),
    )

    assert {code_of(call, **given) for call, given in calls} == {"ValidationError"}
