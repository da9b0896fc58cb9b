"""Object Lock: what keeps a version, who gets round it, and what nobody does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from refusals import code_of

BUCKET = "locked"
SOON, LATE = (datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) for days in (30, 60))
PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    client.create_bucket(
        Bucket=BUCKET,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"},
    )
    return client


def retention(mode, until):
    return {"Mode": mode, "RetainUntilDate": until} if mode else {}


def locked(s3, mode, until=SOON):
    more = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until} if mode else {}
    return s3.put_object(Bucket=BUCKET, Key="k", Body=b"log", **more)["VersionId"]


@pytest.mark.parametrize(
    ("before", "after", "refused", "refused_with_bypass"),
    [
        pytest.param("", ("COMPLIANCE", SOON), "", "", id="a first retention"),
        pytest.param("COMPLIANCE", ("COMPLIANCE", LATE), "", "", id="compliance, longer"),
        pytest.param("COMPLIANCE", ("COMPLIANCE", SOON - timedelta(days=1)), "AccessDenied", "AccessDenied"),
        pytest.param("COMPLIANCE", ("GOVERNANCE", LATE), "AccessDenied", "AccessDenied"),
        pytest.param("COMPLIANCE", ("", None), "AccessDenied", "AccessDenied"),
        pytest.param("GOVERNANCE", ("GOVERNANCE", LATE), "", "", id="governance, longer"),
        pytest.param("GOVERNANCE", ("GOVERNANCE", SOON - timedelta(days=1)), "AccessDenied", ""),
        pytest.param("GOVERNANCE", ("COMPLIANCE", LATE), "AccessDenied", ""),
        pytest.param("GOVERNANCE", ("", None), "AccessDenied", ""),
        pytest.param("", ("GOVERNANCE", PAST), "InvalidArgument", "InvalidArgument", id="in the past"),
        pytest.param("", ("GOVERNANCE", None), "MalformedXML", "MalformedXML", id="without a date"),
    ],
)
def test_a_retention_is_not_weakened(s3, before, after, refused, refused_with_bypass):
    for expected, bypass in ((refused, False), (refused_with_bypass, True)):
        version = locked(s3, before)
        wanted = {k: v for k, v in retention(*after).items() if v}

        code = code_of(
            s3.put_object_retention,
            Bucket=BUCKET,
            Key="k",
            VersionId=version,
            Retention=wanted,
            BypassGovernanceRetention=bypass,
        )

        assert (code, bypass) == (expected, bypass)


@pytest.mark.parametrize(
    ("mode", "hold", "bypass", "refused"),
    [
        ("", "OFF", False, ""),
        ("", "ON", False, "AccessDenied"),
        ("", "ON", True, "AccessDenied"),
        ("GOVERNANCE", "OFF", False, "AccessDenied"),
        ("GOVERNANCE", "OFF", True, ""),
        ("COMPLIANCE", "OFF", True, "AccessDenied"),
    ],
)
def test_a_locked_version_is_not_deleted(s3, mode, hold, bypass, refused):
    version = locked(s3, mode)
    s3.put_object_legal_hold(Bucket=BUCKET, Key="k", VersionId=version, LegalHold={"Status": hold})

    named = {"Bucket": BUCKET, "Key": "k", "VersionId": version, "BypassGovernanceRetention": bypass}
    assert code_of(s3.delete_object, **named) == refused
    assert not refused or "DeleteMarker" in s3.delete_object(Bucket=BUCKET, Key="k")


def test_getting_round_governance_is_a_permission_of_its_own(lab, s3):
    version = locked(s3, "GOVERNANCE")
    iam = lab.client("iam")
    iam.create_user(UserName="worker")
    statements = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:BypassGovernanceRetention", "Resource": "*"},
    ]
    iam.put_user_policy(
        UserName="worker",
        PolicyName="work",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    worker = lab.client("s3", "arn:aws:iam::123456789012:user/worker")

    named = {"Bucket": BUCKET, "Key": "k", "VersionId": version, "BypassGovernanceRetention": True}
    assert code_of(worker.delete_object, **named) == "AccessDenied"
    several = {"Objects": [{"Key": "k", "VersionId": version}]}
    assert code_of(worker.delete_objects, Bucket=BUCKET, Delete=several, BypassGovernanceRetention=True)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": PAST}, "InvalidArgument"),
        ({"ObjectLockMode": "GOVERNANCE"}, "InvalidArgument"),
        ({"ObjectLockRetainUntilDate": SOON}, "InvalidArgument"),
    ],
)
def test_a_new_object_is_locked_whole_and_ahead(s3, given, refused):
    assert code_of(s3.put_object, Bucket=BUCKET, Key="k", Body=b"x", **given) == refused
    assert code_of(s3.create_multipart_upload, Bucket=BUCKET, Key="k", **given) == refused


def put(s3, **more):
    s3.put_object(**more, Body=b"x")


def copy(s3, **more):
    s3.put_object(Bucket=BUCKET, Key="source", Body=b"x")
    s3.copy_object(**more, CopySource=f"{BUCKET}/source")


def upload(s3, **more):
    named = {name: more[name] for name in ("Bucket", "Key")}
    part = {**named, "UploadId": s3.create_multipart_upload(**more)["UploadId"]}
    etag = s3.upload_part(**part, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**part, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]})


WAYS = pytest.mark.parametrize("write", [put, copy, upload])


@WAYS
@pytest.mark.parametrize("hold", ["ON", "OFF", ""])
@pytest.mark.parametrize("default", ["GOVERNANCE", ""])
@pytest.mark.parametrize("given", ["COMPLIANCE", ""])
def test_a_new_version_has_the_lock_that_is_given_else_the_buckets(s3, write, given, default, hold):
    rule = {"Rule": {"DefaultRetention": {"Mode": default, "Days": 10}}} if default else {}
    s3.put_object_lock_configuration(
        Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule}
    )
    asked = {"ObjectLockMode": given, "ObjectLockRetainUntilDate": SOON} if given else {}
    write(s3, Bucket=BUCKET, Key="k", **asked, **({"ObjectLockLegalHoldStatus": hold} if hold else {}))

    head = s3.head_object(Bucket=BUCKET, Key="k")
    assert head.get("ObjectLockMode", "") == (given or default)
    assert head.get("ObjectLockLegalHoldStatus", "") == hold
    if given:
        assert head["ObjectLockRetainUntilDate"] == SOON
    elif default:
        ahead = head["ObjectLockRetainUntilDate"] - datetime.now(UTC)
        assert timedelta(days=9) < ahead <= timedelta(days=10, minutes=1)


@WAYS
@pytest.mark.parametrize(
    "lock",
    [
        {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": SOON},
        {"ObjectLockLegalHoldStatus": "ON"},
    ],
)
def test_nothing_is_locked_in_a_bucket_without_object_lock(s3, write, lock):
    s3.create_bucket(Bucket="open", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})

    assert code_of(write, s3=s3, Bucket="open", Key="k", **lock) == "InvalidRequest"


def test_object_lock_is_turned_on_in_a_bucket_that_holds_objects_and_never_off(lab):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="later", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="later", Key="k", Body=b"x")
    on = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}}
    turn_on = {"Bucket": "later", "ObjectLockConfiguration": on}
    assert code_of(s3.get_object_lock_configuration, Bucket="later") == "ObjectLockConfigurationNotFoundError"
    assert code_of(s3.put_object_lock_configuration, **turn_on) == "InvalidBucketState"

    s3.put_bucket_versioning(Bucket="later", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(**turn_on)
    assert s3.get_object_lock_configuration(Bucket="later")["ObjectLockConfiguration"] == on
    suspend = {"Bucket": "later", "VersioningConfiguration": {"Status": "Suspended"}}
    assert code_of(s3.put_bucket_versioning, **suspend) == "InvalidBucketState"

    s3.put_object(Bucket="later", Key="k", Body=b"y")
    assert s3.get_object_retention(Bucket="later", Key="k")["Retention"]["Mode"] == "COMPLIANCE"


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({"Mode": "GOVERNANCE"}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidArgument"),
        ({"Days": 1}, "MalformedXML"),
    ],
)
def test_a_default_retention_has_a_mode_and_one_period(s3, rule, refused):
    on = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}}

    assert code_of(s3.put_object_lock_configuration, Bucket=BUCKET, ObjectLockConfiguration=on) == refused
