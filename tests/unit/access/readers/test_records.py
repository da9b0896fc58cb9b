from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trailseal.access.readers.records import gathered, readers_in_access_log, readers_in_records
from trailseal.model.activity import SeenReader

ROLE = "arn:aws:iam::123456789012:role/LogReader"


def event(**change):
    base = {
        "eventName": "GetObject",
        "eventTime": "2026-11-20T10:00:00Z",
        "requestParameters": {"bucketName": "logs", "key": "x"},
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice"},
    }
    return {**base, **change}


def seen(*records):
    return [(r.principal, r.source) for r in readers_in_records(records, bucket="logs")]


def test_a_fetch_is_a_reader():
    assert seen(event()) == [("arn:aws:iam::123456789012:user/alice", "data events")]


def test_a_session_is_told_as_its_role():
    session = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::123456789012:assumed-role/LogReader/s",
        "sessionContext": {"sessionIssuer": {"arn": ROLE}},
    }

    assert seen(event(userIdentity=session)) == [(ROLE, "data events")]


def test_decrypting_an_object_of_the_bucket_is_reading():
    context = {"aws:s3:arn": "arn:aws:s3:::logs/AWSLogs/x"}
    found = seen(event(eventName="Decrypt", requestParameters={"encryptionContext": context}))

    assert found == [("arn:aws:iam::123456789012:user/alice", "KMS events")]


def test_other_buckets_services_failures_and_events_are_no_readers():
    elsewhere = {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::other/x"}}

    assert not seen(
        event(requestParameters={"bucketName": "other"}),
        event(requestParameters=None),
        event(eventName="Decrypt", requestParameters=elsewhere),
        event(eventName="PutObject"),
        event(userIdentity={"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}),
        event(errorCode="AccessDenied"),
    )


def test_an_unreadable_time_is_no_time():
    assert next(iter(readers_in_records([event(eventTime=None)], bucket="logs"))).last is None


@pytest.mark.parametrize("strange", [3, "x", [], [1], True, 1.5, {"x": [1]}])
def test_a_record_that_is_not_as_cloudtrail_writes_it_tells_of_nobody_or_of_who_is_named(strange):
    for part in ("userIdentity", "requestParameters", "eventTime", "errorCode", "eventName"):
        list(readers_in_records([event(**{part: strange})], bucket="logs"))
    for identity in ({"sessionContext": strange}, {"sessionContext": {"sessionIssuer": strange}}):
        list(readers_in_records([event(userIdentity=identity)], bucket="logs"))
    asked = {"encryptionContext": strange}
    list(readers_in_records([event(eventName="Decrypt", requestParameters=asked)], bucket="logs"))


LINE = (
    "79a5 {bucket} [20/Nov/2026:10:00:00 +0000] 192.0.2.3 {who} 3E57 {operation} {key} "
    '"GET /{key} HTTP/1.1" {status} - 113 113 7 - "-" "S3Console/0.4" -'
)


def line(**change):
    base = {
        "bucket": "logs",
        "who": "arn:aws:sts::123456789012:assumed-role/LogReader/s",
        "operation": "REST.GET.OBJECT",
        "key": "AWSLogs/x.gz",
        "status": "200",
    }
    return LINE.format(**{**base, **change})


def test_a_line_of_an_access_log_is_a_reader():
    found = list(readers_in_access_log(line(), bucket="logs", prefix="AWSLogs/"))

    assert found == [
        SeenReader(principal=ROLE, source="server access logs", last=datetime(2026, 11, 20, 10, tzinfo=UTC))
    ]


def test_lines_about_something_else_are_passed_over():
    text = "\n".join(
        [
            "garbage",
            line(bucket="other"),
            line(key="other/x"),
            line(operation="REST.PUT.OBJECT"),
            line(status="403"),
            line(who="-"),
        ]
    )

    assert not list(readers_in_access_log(text, bucket="logs", prefix="AWSLogs/"))


def test_a_user_in_an_access_log_stays_a_user():
    who = "arn:aws:iam::123456789012:user/alice"
    text = line(who=who).replace("20/Nov/2026", "20/XXX/2026")

    assert [(r.principal, r.last) for r in readers_in_access_log(text, bucket="logs", prefix="")] == [
        (who, None)
    ]


def test_readers_are_counted_with_their_last_time():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    many = [SeenReader(principal="p", source="s", last=t) for t in (late, early, None)]

    assert gathered(many) == (SeenReader(principal="p", source="s", count=3, last=late),)
