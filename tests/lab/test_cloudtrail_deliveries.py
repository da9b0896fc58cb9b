"""What CloudTrail delivers in the lab, what stops it, and what outside witnesses say of it."""

from __future__ import annotations

import gzip
import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from lab.test_cloudtrail_changes import ACCOUNT, BUCKET, GOOD, HOME, TRAIL, TRAIL_ARN, make_key, policy
from trailseal.model.log_file import Delivered, parse_log_file_key
from witnesses import program


@pytest.fixture
def story(fresh_lab):
    return fresh_lab("story")


def objects(lab, kind=Delivered.LOG_FILE):
    pages = lab.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    found = [o for page in pages for o in page.get("Contents", ())]
    chosen = [o for o in found if (key := parse_log_file_key(o["Key"])) and key.kind is kind]
    return sorted(chosen, key=lambda o: o["LastModified"])


def records(lab, key):
    body = lab.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return json.loads(gzip.decompress(body))["Records"]


def keys(lab):
    """The log files that there are. A second may see several, so times do not tell new ones apart."""
    return {each["Key"] for each in objects(lab)}


def all_records(lab, before):
    return [record for key in sorted(keys(lab) - before) for record in records(lab, key)]


def switch(lab):
    key = make_key(lab)
    lab.client("cloudtrail").update_trail(Name=TRAIL, KmsKeyId=key)
    return key


def test_what_was_called_is_delivered_in_the_next_cycle(story):
    before = keys(story)
    story.client("iam").list_users()
    story.client("kms", region="eu-west-1").create_key(Description="in another Region")

    story.tick()

    new = all_records(story, before)
    found = {(r["eventName"], r["awsRegion"]) for r in new}
    assert {("ListUsers", "us-east-1"), ("CreateKey", "eu-west-1")} <= found
    made = next(r for r in new if r["eventName"] == "CreateKey")
    assert made["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/operator"
    assert made["recipientAccountId"] == ACCOUNT
    assert made["readOnly"] is False


def test_a_quiet_account_still_gets_log_files(story):
    story.tick(2)
    before = keys(story)

    story.tick()

    assert [r["eventName"] for r in all_records(story, before)][:1] == ["GetBucketAcl"]


def test_no_secret_gets_into_an_event(story):
    kms = story.client("kms")
    key = make_key(story)
    sealed = kms.encrypt(KeyId=key, Plaintext=b"very secret text")["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=sealed)
    story.client("iam").create_access_key(UserName="alice")
    before = keys(story)

    story.tick()

    text = json.dumps(all_records(story, before))
    assert "dmVyeSBzZWNyZXQ" not in text
    assert "very secret" not in text
    assert "ecretAccessKey" not in text
    assert "laintext" not in text


def test_reads_of_log_files_are_data_events_with_their_reader(story):
    old, key = keys(story), switch(story)
    story.tick()
    newest = max(keys(story) - old)
    story.client("s3", "siem-collector")  # no KMS permission: refused, and recorded as such
    with pytest.raises(Exception, match="AccessDenied"):
        story.client("s3", "siem-collector").get_object(Bucket=BUCKET, Key=newest)
    story.client("s3", "admin").get_object(Bucket=BUCKET, Key=newest)
    before = keys(story)

    story.tick()

    new = all_records(story, before)
    reads = [r for r in new if r["eventName"] == "GetObject" and r["requestParameters"]["key"] == newest]
    decrypts = [r for r in new if r["eventName"] == "Decrypt"]
    outcome = {r["userIdentity"]["arn"].split("/")[1]: r.get("errorCode", "") for r in reads}
    assert outcome["siem-collector"] == "AccessDenied"
    assert outcome["admin"] == ""
    context = decrypts[0]["requestParameters"]["encryptionContext"]
    assert context["aws:cloudtrail:arn"] == TRAIL_ARN
    assert decrypts[0]["resources"][0]["ARN"] == key


def test_after_the_switch_new_files_are_under_the_key_and_old_ones_stay(story):
    s3 = story.client("s3")
    before = keys(story)
    key = switch(story)

    story.tick()

    new = keys(story) - before
    heads = [s3.head_object(Bucket=BUCKET, Key=k) for k in new]
    assert new
    assert {(h["ServerSideEncryption"], h.get("SSEKMSKeyId")) for h in heads} == {("aws:kms", key)}
    old = {s3.head_object(Bucket=BUCKET, Key=k)["ServerSideEncryption"] for k in sorted(before)[-5:]}
    assert old == {"AES256"}


def disable(lab, key):
    lab.client("kms").disable_key(KeyId=key)


def forget(lab, key):
    lab.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def shut(lab, key):
    lab.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy())


def reopen(lab, key):
    kms = lab.client("kms")
    state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    if state == "PendingDeletion":
        kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(GOOD))


@pytest.mark.parametrize(
    ("stop", "error"),
    [
        pytest.param(disable, "KMS.DisabledException", id="disabled"),
        pytest.param(forget, "KMS.KMSInvalidStateException", id="pending deletion"),
        pytest.param(shut, "AccessDenied", id="shut out by the key policy"),
    ],
)
def test_a_key_that_cannot_be_used_stops_deliveries_and_nothing_is_lost(story, stop, error):
    key = switch(story)
    story.tick()
    cloudtrail, iam = story.client("cloudtrail"), story.client("iam")
    good = cloudtrail.get_trail_status(Name=TRAIL)
    stop(story, key)
    before = keys(story)

    iam.create_user(UserName="made-in-the-dark")
    story.tick(3)
    failing = cloudtrail.get_trail_status(Name=TRAIL)
    delivered_meanwhile = keys(story) - before
    reopen(story, key)
    story.tick()
    healthy = cloudtrail.get_trail_status(Name=TRAIL)

    assert "LatestDeliveryError" not in good
    assert delivered_meanwhile == set()
    assert failing["LatestDeliveryError"] == error
    assert failing["LatestDeliveryTime"] == good["LatestDeliveryTime"]
    assert "LatestDeliveryError" not in healthy
    assert "made-in-the-dark" in json.dumps(all_records(story, before))


def test_a_stopped_trail_delivers_nothing_more(story):
    cloudtrail = story.client("cloudtrail")
    story.tick()
    cloudtrail.stop_logging(Name=TRAIL)
    story.tick()
    before = keys(story)

    story.client("iam").list_users()
    story.tick(2)

    assert keys(story) == before
    assert cloudtrail.get_trail_status(Name=TRAIL)["IsLogging"] is False


def test_an_organization_trail_delivers_for_its_members(fresh_lab):
    lab = fresh_lab("multi")
    lab.client("iam", "arn:aws:iam::222222222222:role/admin").list_users()

    lab.tick()

    archive = lab.client("s3", "arn:aws:iam::333333333333:role/admin")
    keys = [
        o["Key"]
        for o in archive.list_objects_v2(Bucket="example-archive-logs", Prefix="AWSLogs/o-")["Contents"]
    ]
    places = {(k.account, k.region) for key in keys if (k := parse_log_file_key(key))}
    assert ("222222222222", "us-east-1") in places
    assert {account for account, _ in places} == {ACCOUNT, "111111111111", "222222222222", "333333333333"}


def test_lookup_events_filters_and_pages(story):
    cloudtrail = story.client("cloudtrail")
    for number in range(5):
        story.client("kms").create_key(Description=str(number))

    wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateKey"}]
    first = cloudtrail.lookup_events(LookupAttributes=wanted, MaxResults=3)
    rest = cloudtrail.lookup_events(LookupAttributes=wanted, MaxResults=3, NextToken=first["NextToken"])
    future = cloudtrail.lookup_events(
        LookupAttributes=wanted, StartTime=datetime.now(UTC) + timedelta(hours=1)
    )

    assert [len(first["Events"]), len(rest["Events"]), len(future["Events"])] == [3, 2, 0]
    assert first["Events"][0]["EventTime"] >= first["Events"][-1]["EventTime"]
    assert first["Events"][0]["Username"] == "operator"


def test_no_time_lies_in_the_future(story):
    story.tick(12)

    status = story.client("cloudtrail").get_trail_status(Name=TRAIL)
    now = datetime.now(UTC)
    times = [v for v in status.values() if isinstance(v, datetime)]
    assert times
    assert all(
        t <= now + timedelta(seconds=1) for t in [*times, *(o["LastModified"] for o in objects(story))]
    )


def validate_logs(lab):
    start = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    command = [
        program("awscli", "aws"),
        "cloudtrail",
        "validate-logs",
        "--trail-arn",
        TRAIL_ARN,
        "--start-time",
        start,
    ]
    done = subprocess.run(
        [*command, "--verbose"],
        env=lab.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_aws_cli_validates_history_and_switch_and_names_what_was_tampered_with(story):
    story.tick(12)
    switch(story)
    story.tick(12)

    untouched = validate_logs(story)
    victim = objects(story)[5]["Key"]
    forged = gzip.compress(json.dumps({"Records": []}).encode())
    story.client("s3").put_object(Bucket=BUCKET, Key=victim, Body=forged)
    tampered = validate_logs(story)

    digests = len(objects(story, Delivered.DIGEST_FILE))
    assert f"{digests}/{digests} digest files valid" in untouched
    assert "INVALID" not in untouched
    assert f"s3://{BUCKET}/{victim}\tINVALID: hash value doesn't match" in tampered
    assert HOME in tampered


def test_a_digest_that_was_changed_is_seen_by_the_aws_cli(story):
    s3 = story.client("s3")
    key = objects(story, Delivered.DIGEST_FILE)[3]["Key"]
    found = s3.get_object(Bucket=BUCKET, Key=key)
    document = json.loads(gzip.decompress(found["Body"].read()))
    document["logFiles"] = []
    body = gzip.compress(json.dumps(document).encode())
    s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=found["Metadata"])

    assert f"s3://{BUCKET}/{key}\tINVALID" in validate_logs(story)
