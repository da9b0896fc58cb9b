"""S3 Batch Operations in the lab: jobs done as their role, confirmed, cancelled, reported."""

from __future__ import annotations

import csv
import json
import re

import pytest
from botocore.exceptions import ClientError

from lab.test_cloudtrail_changes import make_key

ACCOUNT = "123456789012"
BUCKET, PLACE, ROLE = "example-objects", "example-jobs", "batch"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
WORK = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:UpdateObjectEncryption",
    "s3:PutInventoryConfiguration",
]
KEYS = ["kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:ReEncrypt*"]


def control(lab, principal=""):
    """A client that reaches the lab by its address: S3 Control puts the account before the host."""
    client = lab.client("s3control", principal)

    def by_address(request, **_):
        request.url = re.sub(r"//\d{12}\.", "//", request.url)

    client.meta.events.register("before-sign.s3-control", by_address)
    return client


def make_role(lab, actions, trusted="batchoperations.s3.amazonaws.com"):
    iam = lab.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    allow(lab, actions)


def allow(lab, actions):
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    lab.client("iam").put_role_policy(RoleName=ROLE, PolicyName="work", PolicyDocument=document)


@pytest.fixture
def place(lab):
    """A lab with two buckets, three objects and a role that may work on them."""
    s3 = lab.client("s3")
    for name in (BUCKET, PLACE):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    for name in ("a/one", "a/two words", "b/three"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=name.encode(), Metadata={"signature": name})
    make_role(lab, WORK + KEYS)
    return lab


def manifest(lab, lines="", fields=("Bucket", "Key")):
    text = lines or "".join(f"{BUCKET},{key}\n" for key in ("a/one", "a/two%20words", "b/three"))
    etag = lab.client("s3").put_object(Bucket=PLACE, Key="manifest.csv", Body=text.encode())["ETag"]
    return {
        "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": list(fields)},
        "Location": {"ObjectArn": f"arn:aws:s3:::{PLACE}/manifest.csv", "ETag": etag.strip('"')},
    }


def update(key):
    return {
        "S3UpdateObjectEncryption": {
            "ObjectEncryption": {"SSEKMS": {"KMSKeyArn": key, "BucketKeyEnabled": True}}
        }
    }


def request(operation, **more):
    report = {
        "Enabled": True,
        "Bucket": f"arn:aws:s3:::{PLACE}",
        "Prefix": "reports",
        "Format": "Report_CSV_20180820",
        "ReportScope": "AllTasks",
    }
    return {
        "AccountId": ACCOUNT,
        "ConfirmationRequired": False,
        "Operation": operation,
        "Report": report,
        "Priority": 10,
        "RoleArn": ROLE_ARN,
        "ClientRequestToken": "token",
        **more,
    }


def finish(lab, client, job_id, cycles=6):
    lab.tick(cycles)
    return client.describe_job(AccountId=ACCOUNT, JobId=job_id)["Job"]


def head(lab, key):
    found = lab.client("s3").head_object(Bucket=BUCKET, Key=key)
    return found["ServerSideEncryption"], found.get("SSEKMSKeyId"), found["Metadata"]


def report_of(lab, job_id):
    s3, root = lab.client("s3"), f"reports/job-{job_id}"
    document = json.loads(s3.get_object(Bucket=PLACE, Key=f"{root}/manifest.json")["Body"].read())
    rows: dict[str, list[str]] = {}
    for each in document["Results"]:
        text = s3.get_object(Bucket=PLACE, Key=each["Key"])["Body"].read().decode()
        rows |= {row[1]: row for row in csv.reader(text.splitlines())}
    return document, rows


def test_a_job_updates_the_encryption_of_every_object_and_keeps_the_rest(place):
    key, client = make_key(place), control(place)
    before = place.client("s3").head_object(Bucket=BUCKET, Key="a/one")
    job_id = client.create_job(**request(update(key), Manifest=manifest(place)))["JobId"]

    job = finish(place, client, job_id)
    after = place.client("s3").head_object(Bucket=BUCKET, Key="a/one")

    assert job["Status"] == "Complete"
    assert {k: v for k, v in job["ProgressSummary"].items() if k != "Timers"} == {
        "TotalNumberOfTasks": 3,
        "NumberOfTasksSucceeded": 3,
        "NumberOfTasksFailed": 0,
    }
    assert {head(place, name)[:2] for name in ("a/one", "a/two words", "b/three")} == {("aws:kms", key)}
    assert (after["LastModified"], after["ETag"], after["Metadata"]) == (
        before["LastModified"],
        before["ETag"],
        before["Metadata"],
    )


def test_a_copy_job_puts_objects_under_the_key_and_takes_their_metadata_along(place):
    key, client = make_key(place), control(place)
    operation = {"S3PutObjectCopy": {"TargetResource": f"arn:aws:s3:::{BUCKET}", "SSEAwsKmsKeyId": key,
                                     "BucketKeyEnabled": True, "MetadataDirective": "COPY"}}  # fmt: skip
    job_id = client.create_job(**request(operation, Manifest=manifest(place)))["JobId"]

    job = finish(place, client, job_id)

    assert job["Status"] == "Complete"
    assert head(place, "b/three") == ("aws:kms", key, {"signature": "b/three"})


def test_a_job_begins_as_new_and_ends_after_some_cycles(place):
    client = control(place)
    job_id = client.create_job(**request(update(make_key(place)), Manifest=manifest(place)))["JobId"]
    seen = [finish(place, client, job_id, cycles=n)["Status"] for n in (0, 1, 1, 1, 1)]

    assert seen == ["New", "Preparing", "Ready", "Completing", "Complete"]


def test_what_the_role_may_not_do_fails_and_stands_in_the_report(place):
    allow(place, [action for action in WORK if action != "s3:UpdateObjectEncryption"] + KEYS)
    client = control(place)
    job_id = client.create_job(**request(update(make_key(place)), Manifest=manifest(place)))["JobId"]

    job = finish(place, client, job_id)
    document, rows = report_of(place, job_id)

    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksFailed"]) == ("Complete", 3)
    assert [r["TaskExecutionStatus"] for r in document["Results"]] == ["failed"]
    assert rows["a/two%20words"][3:6] == ["failed", "403", "AccessDenied"]
    assert head(place, "a/one")[0] == "AES256"


def test_a_report_tells_what_was_done_and_what_was_not_under_sse_s3(place):
    client = control(place)
    lines = f"{BUCKET},a/one\n{BUCKET},not/there\n"
    job_id = client.create_job(**request(update(make_key(place)), Manifest=manifest(place, lines)))["JobId"]

    finish(place, client, job_id)
    document, rows = report_of(place, job_id)
    stored = place.client("s3").head_object(Bucket=PLACE, Key=document["Results"][0]["Key"])

    assert (rows["a/one"][3], rows["not/there"][3:6]) == ("succeeded", ["failed", "404", "NoSuchKey"])
    assert stored["ServerSideEncryption"] == "AES256"


def test_a_version_is_what_the_manifest_names(place):
    s3, key, client = place.client("s3"), make_key(place), control(place)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    older = s3.put_object(Bucket=BUCKET, Key="v", Body=b"1")["VersionId"]
    newer = s3.put_object(Bucket=BUCKET, Key="v", Body=b"2")["VersionId"]
    named = manifest(place, f"{BUCKET},v,{older}\n", ("Bucket", "Key", "VersionId"))

    job = finish(place, client, client.create_job(**request(update(key), Manifest=named))["JobId"])
    found = {
        v: s3.head_object(Bucket=BUCKET, Key="v", VersionId=v)["ServerSideEncryption"] for v in (older, newer)
    }

    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 1
    assert found == {older: "aws:kms", newer: "AES256"}


def test_a_job_waits_for_its_confirmation(place):
    key, client = make_key(place), control(place)
    wanted = request(update(key), Manifest=manifest(place), ConfirmationRequired=True)
    job_id = client.create_job(**wanted)["JobId"]
    waiting = finish(place, client, job_id)
    untouched = head(place, "a/one")[0]

    client.update_job_status(AccountId=ACCOUNT, JobId=job_id, RequestedJobStatus="Ready")

    assert (waiting["Status"], untouched) == ("Suspended", "AES256")
    assert finish(place, client, job_id)["Status"] == "Complete"
    with pytest.raises(ClientError, match="JobStatusException"):
        client.update_job_status(AccountId=ACCOUNT, JobId=job_id, RequestedJobStatus="Cancelled")


def test_a_cancelled_job_does_nothing_more(place):
    client = control(place)
    job_id = client.create_job(**request(update(make_key(place)), Manifest=manifest(place)))["JobId"]
    client.update_job_status(
        AccountId=ACCOUNT, JobId=job_id, RequestedJobStatus="Cancelled", StatusUpdateReason="no"
    )

    job = finish(place, client, job_id)

    assert (job["Status"], job["StatusUpdateReason"]) == ("Cancelled", "no")
    assert head(place, "a/one")[0] == "AES256"


def test_s3_can_list_the_objects_itself(place):
    s3, key, client = place.client("s3"), make_key(place), control(place)
    s3.put_object(Bucket=BUCKET, Key="a/sealed", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    generator = {
        "SourceBucket": f"arn:aws:s3:::{BUCKET}",
        "EnableManifestOutput": True,
        "ManifestOutputLocation": {
            "Bucket": f"arn:aws:s3:::{PLACE}",
            "ManifestPrefix": "lists",
            "ManifestFormat": "S3InventoryReport_CSV_20211130",
        },
        "Filter": {
            "MatchAnyObjectEncryption": [{"SSES3": {}}],
            "KeyNameConstraint": {"MatchAnyPrefix": ["a/"]},
        },
    }
    wanted = request(update(key), ManifestGenerator={"S3JobManifestGenerator": generator})

    job = finish(place, client, client.create_job(**wanted)["JobId"])
    listed = job["GeneratedManifestDescriptor"]["Location"]["ObjectArn"].rpartition(":::")[2].split("/", 1)
    rows = list(
        csv.reader(s3.get_object(Bucket=listed[0], Key=listed[1])["Body"].read().decode().splitlines())
    )

    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 2)
    assert [row[1] for row in rows] == ["a/one", "a/two%20words"]


def change_etag(named, _lab):
    named["Location"]["ETag"] = "0" * 32


def want_versions(named, _lab):
    named["Spec"]["Fields"] = ["Bucket", "Key", "VersionId"]


def delete(_named, lab):
    lab.client("s3").delete_object(Bucket=PLACE, Key="manifest.csv")


def forbid_reading(_named, lab):
    allow(lab, ["s3:PutObject"])


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (change_etag, "InvalidManifest"),
        (want_versions, "InvalidManifest"),
        (delete, "ManifestNotReadable"),
        (forbid_reading, "ManifestNotReadable"),
    ],
)
def test_a_manifest_that_cannot_be_taken_fails_the_job(place, break_it, code):
    client, named = control(place), manifest(place)
    break_it(named, place)
    wanted = request(update(make_key(place)), Manifest=named)

    job = finish(place, client, client.create_job(**wanted)["JobId"])

    assert (job["Status"], [f["FailureCode"] for f in job["FailureReasons"]]) == ("Failed", [code])


def test_a_role_that_does_not_trust_s3_batch_fails_the_job(lab):
    lab.client("s3").create_bucket(
        Bucket=PLACE, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    make_role(lab, WORK, trusted="ec2.amazonaws.com")
    client = control(lab)
    wanted = request(update(make_key(lab)), Manifest=manifest(lab))

    job = finish(lab, client, client.create_job(**wanted)["JobId"])

    assert (job["Status"], job["FailureReasons"][0]["FailureCode"]) == ("Failed", "AccessDenied")


def test_the_same_request_is_the_same_job_and_another_under_its_token_is_refused(place):
    client, key = control(place), make_key(place)
    wanted = request(update(key), Manifest=manifest(place))
    first, second = client.create_job(**wanted)["JobId"], client.create_job(**wanted)["JobId"]

    assert first == second
    with pytest.raises(ClientError, match="IdempotencyException"):
        client.create_job(**{**wanted, "Priority": 11})


def test_jobs_are_listed_by_status_newest_first(place):
    client, key = control(place), make_key(place)
    named = manifest(place)
    ids = [
        client.create_job(**request(update(key), Manifest=named, ClientRequestToken=t))["JobId"]
        for t in "abc"
    ]
    client.update_job_status(AccountId=ACCOUNT, JobId=ids[0], RequestedJobStatus="Cancelled")
    client.update_job_priority(AccountId=ACCOUNT, JobId=ids[1], Priority=42)
    place.tick()

    every = client.list_jobs(AccountId=ACCOUNT, MaxResults=2)
    rest = client.list_jobs(AccountId=ACCOUNT, NextToken=every["NextToken"])
    cancelled = client.list_jobs(AccountId=ACCOUNT, JobStatuses=["Cancelled"])

    assert [j["JobId"] for j in every["Jobs"] + rest["Jobs"]] == ids[::-1]
    assert every["Jobs"][1]["Priority"] == 42
    assert [j["JobId"] for j in cancelled["Jobs"]] == ids[:1]


def test_answers_have_the_roots_that_aws_gives_them(place):
    client, told = control(place), []
    client.meta.events.register(
        "before-parse.s3-control.*", lambda response_dict, **_: told.append(response_dict["body"])
    )
    asked = request(update(make_key(place)), Manifest=manifest(place))
    job = client.create_job(**asked | {"ConfirmationRequired": True})["JobId"]
    client.describe_job(AccountId=ACCOUNT, JobId=job)
    client.list_jobs(AccountId=ACCOUNT)
    client.update_job_priority(AccountId=ACCOUNT, JobId=job, Priority=3)
    client.update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Cancelled")
    s3 = place.client("s3")
    s3.meta.events.register(
        "before-parse.s3.*", lambda response_dict, **_: told.append(response_dict["body"])
    )
    s3.list_bucket_inventory_configurations(Bucket=BUCKET)

    assert [re.findall(rb"<(\w+)", body)[0].decode() for body in told] == [
        "CreateJobResult",
        "DescribeJobResult",
        "ListJobsResult",
        "UpdateJobPriorityResult",
        "UpdateJobStatusResult",
        "ListInventoryConfigurationsResult",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Operation": {"S3DeleteObjectTagging": {}}},
        {"Operation": update("arn:aws:kms:ap-northeast-1:123456789012:alias/logs")},
        {"Manifest": None},
    ],
    ids=["operation", "alias", "no manifest"],
)
def test_a_job_that_makes_no_sense_is_refused(place, wrong):
    asked = {**request(update(make_key(place)), Manifest=manifest(place)), **wrong}

    with pytest.raises(ClientError, match="BadRequestException"):
        control(place).create_job(**{name: value for name, value in asked.items() if value is not None})


def test_another_accounts_jobs_are_out_of_sight(shared_lab):
    client = control(shared_lab("story"), "arn:aws:iam::210987654321:role/outsider-admin")

    with pytest.raises(ClientError, match="AccessDenied"):
        client.list_jobs(AccountId=ACCOUNT)
    with pytest.raises(ClientError, match="NotFoundException"):
        client.describe_job(AccountId="210987654321", JobId="no-such-job-id-at-all")
