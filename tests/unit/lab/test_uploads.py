"""What S3 refuses of an upload, and of a read that brings the wrong key or names what has no content."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib

import pytest

from refusals import code_of

BUCKET, KEY, BODY = "uploads", "a/b.json", b"content"


def base(content):
    return base64.b64encode(content).decode()


def crc(content, polynomial, size):
    """A CRC bit by bit, as its definition has it."""
    state = full = (1 << 8 * size) - 1
    for byte in content:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (polynomial if state & 1 else 0)
    return (state ^ full).to_bytes(size, "big")


SUMS = {
    "ContentMD5": lambda content: hashlib.md5(content, usedforsecurity=False).digest(),
    "ChecksumSHA1": lambda content: hashlib.sha1(content, usedforsecurity=False).digest(),
    "ChecksumSHA256": lambda content: hashlib.sha256(content).digest(),
    "ChecksumCRC32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
    "ChecksumCRC32C": lambda content: crc(content, 0x82F63B78, 4),
    "ChecksumCRC64NVME": lambda content: crc(content, 0x9A6C9329AC4BC9B5, 8),
}


def summed(name, content):
    return base(SUMS[name](content))


@pytest.fixture
def s3(here):
    made = here.client("s3")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    return made


@pytest.mark.parametrize("name", SUMS)
def test_content_is_what_its_checksum_says(s3, name):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=KEY)["UploadId"]
    ways = (
        (s3.put_object, {"Bucket": BUCKET, "Key": KEY}),
        (s3.upload_part, {"Bucket": BUCKET, "Key": KEY, "UploadId": upload, "PartNumber": 1}),
    )
    for way, where in ways:
        way(**where, Body=BODY, **{name: summed(name, BODY)})
        invalid = "InvalidDigest" if name == "ContentMD5" else "InvalidRequest"
        assert code_of(way, **where, Body=BODY, **{name: summed(name, b"other")}) == "BadDigest"
        assert code_of(way, **where, Body=BODY, **{name: "AAA="}) == invalid
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == BODY


@pytest.mark.parametrize("length", [0, 1, 9, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize("name", ["ChecksumCRC32C", "ChecksumCRC64NVME"])
def test_a_crc_is_its_definition_s_whatever_the_length(name, length):
    from trailseal_lab.s3.crc import crc32c, crc64nvme

    ours = {"ChecksumCRC32C": crc32c, "ChecksumCRC64NVME": crc64nvme}[name]
    content = bytes(number * number % 251 for number in range(length))

    assert ours(content) == SUMS[name](content)


def framed(content, trailer=b""):
    return b"%x;chunk-signature=0\r\n%s\r\n0;chunk-signature=0\r\n%s\r\n" % (len(content), content, trailer)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (framed(BODY), b""),
        (framed(BODY, b"x-amz-checksum-crc32:" + summed("ChecksumCRC32", BODY).encode() + b"\r\n"), b""),
        (framed(BODY, b"x-amz-checksum-crc32:AAAAAA==\r\n"), b"BadDigest"),
        (b"7;chunk-signature=0\r\nabc", b"IncompleteBody"),
        (b"zz\r\nabc", b"IncompleteBody"),
    ],
)
def test_content_that_comes_in_signed_chunks_too(here, s3, body, code):
    headers = {
        "X_Amz_Content_Sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "Content_Encoding": "aws-chunked",
        "X_Amz_Decoded_Content_Length": str(len(BODY)),
        "X_Amz_Trailer": "x-amz-checksum-crc32",
    }
    answer = here.send("s3", body, method="PUT", path=f"/{BUCKET}/chunked", **headers)

    assert (answer.status == 200) is not code
    assert code in answer.body
    if not code:
        assert s3.get_object(Bucket=BUCKET, Key="chunked")["Body"].read() == BODY


def test_content_is_what_was_signed(here, s3):
    digest = hashlib.sha256(b"other").hexdigest()

    answer = here.send("s3", BODY, method="PUT", path=f"/{BUCKET}/x", X_Amz_Content_Sha256=digest)

    assert (answer.status, b"XAmzContentSHA256Mismatch" in answer.body) == (400, True)


def test_a_customers_key_opens_what_it_sealed_alone(s3):
    own, other = ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)} for _ in range(2))
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY, **own)
    where = {"Bucket": BUCKET, "Key": KEY}

    assert code_of(s3.get_object, **where) == "InvalidRequest"
    assert code_of(s3.get_object, **where, **other) == "AccessDenied"
    assert code_of(s3.head_object, **where, **other) == "403"
    assert s3.get_object(**where, **own)["Body"].read() == BODY
    short = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"short"}
    assert code_of(s3.put_object, Bucket=BUCKET, Key="k", Body=b"", **short) == "InvalidArgument"


def customers(letter, source=""):
    return {f"{source}SSECustomerAlgorithm": "AES256", f"{source}SSECustomerKey": letter * 32}


def put(s3, **own):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY, **own)


def copy(s3, **own):
    s3.put_object(Bucket=BUCKET, Key="plain", Body=BODY)
    s3.copy_object(Bucket=BUCKET, Key=KEY, CopySource=f"{BUCKET}/plain", **own)


def in_place(s3, **own):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    s3.copy_object(Bucket=BUCKET, Key=KEY, CopySource=f"{BUCKET}/{KEY}", **own)


def in_parts(s3, **own):
    begun = s3.create_multipart_upload(Bucket=BUCKET, Key=KEY, **own)
    assert begun["SSECustomerAlgorithm"] == "AES256"
    where = {"Bucket": BUCKET, "Key": KEY, "UploadId": begun["UploadId"], "PartNumber": 1}
    s3.put_object(Bucket=BUCKET, Key="plain", Body=BODY)
    copied = {**where, "CopySource": f"{BUCKET}/plain"}
    givens: tuple[dict[str, str], ...] = ({}, customers("o"))
    for given in givens:
        assert code_of(s3.upload_part, **where, Body=BODY, **given) == "InvalidRequest"
        assert code_of(s3.upload_part_copy, **copied, **given) == "InvalidRequest"
    tag = s3.upload_part(**where, Body=BODY, **own)["ETag"]
    where.pop("PartNumber")
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})


@pytest.mark.parametrize("write", [put, copy, in_place, in_parts])
def test_a_customers_key_is_kept_to_however_the_object_was_written(s3, write):
    own, other, where = customers("k"), customers("o"), {"Bucket": BUCKET, "Key": KEY}
    write(s3, **own)

    assert code_of(s3.get_object, **where) == "InvalidRequest"
    assert code_of(s3.get_object, **where, **other) == "AccessDenied"
    found = s3.get_object(**where, **own)
    assert (found["Body"].read(), found["SSECustomerAlgorithm"]) == (BODY, "AES256")
    assert "ServerSideEncryption" not in found


def test_a_copy_brings_the_customers_key_of_its_source(s3):
    put(s3, **customers("k"))
    copied = {"Bucket": BUCKET, "Key": "copied", "CopySource": f"{BUCKET}/{KEY}"}
    part = {**copied, "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="copied")["UploadId"]}

    for way, where in ((s3.copy_object, copied), (s3.upload_part_copy, {**part, "PartNumber": 1})):
        assert code_of(way, **where) == "InvalidRequest"
        assert code_of(way, **where, **customers("o", "CopySource")) == "AccessDenied"
        way(**where, **customers("k", "CopySource"))
    assert s3.get_object(Bucket=BUCKET, Key="copied")["Body"].read() == BODY


def test_a_customers_key_without_its_algorithm_is_none(s3):
    where = {"Bucket": BUCKET, "Key": KEY}

    assert code_of(s3.put_object, **where, SSECustomerKey="k" * 32) == "InvalidArgument"


def test_a_bucket_without_acls_takes_none(s3):
    where, refused = {"Bucket": BUCKET, "Key": KEY}, "AccessControlListNotSupported"
    for acl in ("private", "bucket-owner-full-control"):
        s3.put_object(**where, ACL=acl)
    for given in (
        {"ACL": "public-read"},
        {"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'},
    ):
        assert code_of(s3.put_object, **where, **given) == refused
        assert code_of(s3.create_multipart_upload, **where, **given) == refused
        assert code_of(s3.copy_object, **where, CopySource=f"{BUCKET}/{KEY}", **given) == refused
        assert code_of(s3.put_object_acl, **where, **given) == refused
        assert code_of(s3.put_bucket_acl, Bucket=BUCKET, **given) == refused
    preferred = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=preferred)
    s3.put_object(**where, ACL="public-read")


def test_a_delete_marker_has_no_content(s3):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    marker = s3.delete_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    where = {"Bucket": BUCKET, "Key": KEY}

    assert code_of(s3.get_object, **where, VersionId=marker) == "MethodNotAllowed"
    assert code_of(s3.head_object, **where, VersionId=marker) == "405"
    assert code_of(s3.get_object, **where) == "NoSuchKey"


def test_parts_come_in_their_order_to_an_upload_that_there_is(s3):
    where = {"Bucket": BUCKET, "Key": KEY}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    tags = [s3.upload_part(**upload, PartNumber=n, Body=BODY)["ETag"] for n in (1, 2)]
    parts = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]
    done = {"MultipartUpload": {"Parts": parts}}

    for listed, code in (
        ([1, 0], "InvalidPartOrder"),
        ([0, 0], "InvalidPartOrder"),
        ([0, 1], "EntityTooSmall"),
    ):
        given = {"Parts": [parts[at] for at in listed]}
        assert code_of(s3.complete_multipart_upload, **upload, MultipartUpload=given) == code
    for malformed in ([], [{"ETag": tags[0]}]):
        code = code_of(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": malformed})
        assert code == "MalformedXML"
    s3.abort_multipart_upload(**upload)
    assert code_of(s3.complete_multipart_upload, **upload, **done) == "NoSuchUpload"
    assert code_of(s3.upload_part, **upload, PartNumber=1, Body=BODY) == "NoSuchUpload"
    s3.put_object(**where, Body=BODY)
    source = {"CopySource": f"{BUCKET}/{KEY}"}
    assert code_of(s3.upload_part_copy, **upload, **source, PartNumber=1) == "NoSuchUpload"
    assert code_of(s3.list_parts, **upload) == "NoSuchUpload"
    assert code_of(s3.abort_multipart_upload, **upload) == "NoSuchUpload"
