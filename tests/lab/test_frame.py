"""The lab's frame: who is let in, who is refused, and what an error looks like in each protocol."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, EndpointConnectionError


def test_the_administrator_is_who_lab_env_says(lab):
    answer = lab.client("sts").get_caller_identity()

    assert answer["Arn"] == "arn:aws:iam::123456789012:user/admin"
    assert answer["Account"] == "123456789012"
    assert answer["UserId"].startswith("AIDA")


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("kms", "list_keys", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("securityhub", "get_findings", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_access_key_is_refused(lab, service, operation, code):
    stranger = boto3.client(
        service,
        region_name="ap-northeast-1",
        endpoint_url=lab.address,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="x",
    )

    with pytest.raises(ClientError) as refused:
        getattr(stranger, operation)()

    assert refused.value.response["Error"]["Code"] == code


def _status_of(request):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    return refused.value.code


def test_an_unsigned_request_is_refused(lab):
    assert _status_of(lab.address + "/some-bucket/key") == 403


def test_another_host_name_is_refused_so_that_a_rebound_name_reaches_nothing(lab):
    assert _status_of(urllib.request.Request(lab.address, headers={"Host": "evil.example"})) == 421


def test_moto_s_own_control_pages_are_out_of_reach(lab):
    assert _status_of(urllib.request.Request(lab.address + "/moto-api/reset", data=b"")) == 404


def test_control_pages_ask_for_the_lab_s_secret(lab):
    assert _status_of(urllib.request.Request(lab.address + "/_lab/stop", data=b"{}")) == 403


@pytest.mark.parametrize(
    ("service", "operation", "kind", "code", "status"),
    [
        ("s3", "list_buckets", "throttle", "SlowDown", 503),
        ("s3", "list_buckets", "500", "InternalError", 500),
        ("s3", "list_buckets", "503", "ServiceUnavailable", 503),
        ("s3", "list_buckets", "denied", "AccessDenied", 403),
        ("s3", "list_buckets", "expired", "ExpiredToken", 400),
        ("kms", "list_keys", "expired", "ExpiredTokenException", 400),
        ("kms", "list_keys", "500-after", "KMSInternalException", 500),
        ("kms", "list_keys", "throttle", "ThrottlingException", 400),
        ("kms", "list_keys", "denied", "AccessDeniedException", 400),
        ("iam", "list_users", "throttle", "Throttling", 400),
        ("securityhub", "list_members", "503", "ServiceUnavailableException", 503),
    ],
)
def test_a_fault_looks_as_the_service_words_it(lab, service, operation, kind, code, status):
    lab.fault(kind, service=service)

    with pytest.raises(ClientError) as failed:
        getattr(lab.client(service), operation)()

    assert failed.value.response["Error"]["Code"] == code
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_fault_is_gone_after_its_count(lab):
    lab.fault("denied", service="kms", operation="ListKeys", count=2)

    for _ in range(2):
        with pytest.raises(ClientError):
            lab.client("kms").list_keys()

    assert lab.client("kms").list_keys()["Keys"] == []


def test_a_dropped_connection_is_closed_without_an_answer(lab):
    lab.fault("drop", service="kms")

    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        lab.client("kms").list_keys()

    assert lab.client("kms").list_keys()["Keys"] == []


@pytest.mark.parametrize(
    ("kind", "keys"), [("drop", 0), ("html", 0), ("dropped-after", 1), ("cut", 1), ("500-after", 1)]
)
def test_a_lost_answer_says_nothing_of_what_was_done(lab, kind, keys):
    lab.fault(kind, service="kms", operation="CreateKey")

    with pytest.raises((BotoCoreError, ClientError, KeyError)):
        lab.client("kms").create_key()["KeyMetadata"]["Arn"]

    assert len(lab.client("kms").list_keys()["Keys"]) == keys


def test_a_fault_may_let_calls_pass_first(lab):
    lab.fault("denied", service="kms", operation="ListKeys", skip=1)

    lab.client("kms").list_keys()
    with pytest.raises(ClientError):
        lab.client("kms").list_keys()


def test_two_labs_know_nothing_of_each_other(fresh_lab):
    one, other = fresh_lab(name="one"), fresh_lab(name="other")
    one.client("iam").create_user(UserName="only-here")

    names = [user["UserName"] for user in other.client("iam").list_users()["Users"]]

    assert names == ["admin"]


@pytest.fixture
def presign(lab):
    def make(version, seconds=60):
        s3 = lab.client("s3")
        names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        if "logs-bucket" not in names:
            s3.create_bucket(
                Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
            )
            s3.put_object(Bucket="logs-bucket", Key="a", Body=b"one")
        there = {"Bucket": "logs-bucket", "Key": "a"}
        signer = lab.client("s3", signature_version=version)
        return signer.generate_presigned_url("get_object", Params=there, ExpiresIn=seconds)

    return make


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_speaks_for_who_signed_it(presign, version):
    with urllib.request.urlopen(presign(version)) as response:
        assert response.read() == b"one"


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_has_its_time(presign, version):
    url = presign(version, seconds=1)
    time.sleep(2.1)

    assert _status_of(url) == 403


def test_a_slow_answer_keeps_only_its_own_client_waiting(lab):
    lab.fault("slow", service="kms", seconds=3.0)
    kms, iam = lab.client("kms"), lab.client("iam")
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(kms.list_keys)
        time.sleep(0.2)
        iam.list_users()
        still_waits = not slow.done()

        assert slow.result()["Keys"] == []
    assert still_waits


def test_what_the_lab_does_not_know_is_said_in_the_service_s_own_form(lab):
    known = {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}}
    with pytest.raises(ClientError) as unknown:
        lab.client("backup").update_global_settings(**known)
    with pytest.raises(ClientError) as missing:
        lab.client("kms").describe_custom_key_stores()

    assert unknown.value.response["Error"]["Code"] == "NotImplemented"
    assert missing.value.response["Error"]["Code"] == "NotImplemented"
    assert "kms:DescribeCustomKeyStores" in missing.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "method", "path", "headers", "body", "status"),
    [
        ("kms", "POST", "/", {"X-Amz-Target": "TrentService.Nope"}, b"{}", 404),
        ("kms", "POST", "/", {"X-Amz-Target": "TrentService.DescribeKey"}, b"{", 400),
        ("kms", "POST", "/", {"X-Amz-Target": "TrentService.DescribeKey"}, b"null", 400),
        ("kms", "GET", "/", {}, b"", 404),
        ("iam", "POST", "/", {}, b"Action=Nope", 400),
        ("iam", "POST", "/", {}, b"\xff\xfe", 400),
        ("s3", "PATCH", "/logs-bucket", {}, b"", 405),
        ("s3", "PUT", "/logs-bucket?encryption", {}, b"<a", 400),
        ("nothing", "GET", "/", {}, b"", 404),
    ],
    ids=[
        "operation",
        "cut JSON",
        "null",
        "no target",
        "action",
        "bytes",
        "method",
        "cut XML",
        "service",
    ],
)
def test_a_request_that_makes_no_sense_is_the_client_s_mistake(
    lab, service, method, path, headers, body, status
):
    key = lab.variables()["AWS_ACCESS_KEY_ID"]
    scope = f"Credential={key}/20260101/ap-northeast-1/{service}/aws4_request"
    kind = "application/x-www-form-urlencoded" if service == "iam" else "application/x-amz-json-1.1"
    request = urllib.request.Request(
        lab.address + path,
        data=body,
        method=method,
        headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}", "Content-Type": kind, **headers},
    )

    assert _status_of(request) == status
