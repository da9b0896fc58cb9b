from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trailseal.access.readers.access_log import buckets_in_log
from trailseal.access.readers.records import gathered, readers_in_access_log, readers_in_records
from trailseal.model.activity import SeenReader

FILE = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/20/x.json.gz"
FOLDERS = ("AWSLogs/123456789012/",)
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
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


@pytest.mark.parametrize("strange", ["2026-11-20T09:00:00", "0001-01-01T00:00:00+23:59", "soon", 1, None])
def test_a_time_that_is_none_hides_no_other(strange):
    found = gathered(readers_in_records([event(eventTime=strange), event()], bucket="logs"))

    assert [(each.count, each.last) for each in found] == [(2, datetime(2026, 11, 20, 10, tzinfo=UTC))]


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
        "key": FILE,
        "status": "200",
    }
    return LINE.format(**{**base, **change})


def test_a_line_of_an_access_log_is_a_reader():
    found = list(readers_in_access_log(line(), bucket="logs", folders=FOLDERS))

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
            line(operation="REST.HEAD.OBJECT"),
            line(status="403"),
            line(status="304"),
            line(status="-"),
            line(who="svc:cloudtrail.amazonaws.com"),
            line().partition("HTTP/1.1")[0],
        ]
    )

    assert not list(readers_in_access_log(text, bucket="logs", folders=FOLDERS))


@pytest.mark.parametrize(
    "time", ["20/XXX/2026:10:00:00 +0000", "01/Jan/0001:00:00:00 +2359", "31/Dec/9999:23:00:00 -2359"]
)
def test_a_user_in_an_access_log_stays_a_user(time):
    who = "arn:aws:iam::123456789012:user/alice"
    text = line(who=who).replace("20/Nov/2026:10:00:00 +0000", time)

    assert [(r.principal, r.last) for r in readers_in_access_log(text, bucket="logs")] == [(who, None)]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "206"},
        {"operation": "WEBSITE.GET.OBJECT"},
        {"operation": "REST.COPY.OBJECT_GET"},
        {"operation": "REST.COPY.PART_GET"},
        {"key": FILE.replace("/", "%2F")},
        {"key": FILE.replace("/CloudTrail/", "/CloudTrail-Digest/")},
        {"key": "-"},
    ],
    ids=lambda change: " ".join(change.values()),
)
@pytest.mark.parametrize(
    "request_uri",
    ["-", '"-"', '"GET /a HTTP/1.1"', '"GET /a"b HTTP/1.1"', '"GET /a?x=" 403 y HTTP/1.1"', '""'],
)
def test_a_line_is_read_whatever_its_fields_hold(change, request_uri):
    text = (
        line(**change).replace(f'"GET /{change.get("key", FILE)} HTTP/1.1"', request_uri) + " a b c d e f g"
    )

    assert [r.principal for r in readers_in_access_log(text, bucket="logs", folders=FOLDERS)] == [ROLE]


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("-", ("anonymous", "")),
        (CANONICAL, ("", CANONICAL)),
        ("svc:macie.amazonaws.com", ("macie.amazonaws.com", "")),
        ("arn:aws:iam::123456789012:root", ("arn:aws:iam::123456789012:root", "")),
    ],
)
def test_whoever_asked_is_told_as_far_as_a_line_tells(who, told):
    (found,) = readers_in_access_log(line(who=who), bucket="logs", folders=FOLDERS)

    assert (found.principal, found.unique_id) == told


FLOW_LOG = FILE.replace("/CloudTrail/", "/vpcflowlogs/")


@pytest.mark.parametrize("key", [FLOW_LOG, "other/x", "AWSLogs/999999999999/CloudTrail/x/a.gz", FOLDERS[0]])
def test_what_the_trail_did_not_deliver_is_nothing_of_it(key):
    asked = {"bucketName": "logs", "key": key}
    context = {"encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::logs/{key}"}}
    records = [event(requestParameters=asked), event(eventName="Decrypt", requestParameters=context)]

    assert not list(readers_in_records(records, bucket="logs", folders=FOLDERS))
    assert not list(readers_in_access_log(line(key=key), bucket="logs", folders=FOLDERS))


def test_the_buckets_of_a_log_are_told():
    assert buckets_in_log("\n".join([line(), line(bucket="other"), "garbage"])) == {"logs", "other"}


OBJECT = {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::logs/{FILE}"}
ELSEWHERE = {"bucketName": "copies", "key": "copy"}
ACCESS_POINT = {"bucketName": "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", "key": FILE}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"eventName": "SelectObjectContent"},
        {"requestParameters": ACCESS_POINT, "resources": [OBJECT, {"type": "AWS::S3::Bucket"}, 3, {}]},
        {"requestParameters": None, "resources": [OBJECT]},
        *(
            {"eventName": name, "requestParameters": {**ELSEWHERE, "x-amz-copy-source": source}}
            for name in ("CopyObject", "UploadPartCopy")
            for source in (
                f"logs/{FILE}",
                f"/logs/{FILE}",
                f"logs/{FILE}?versionId=3",
                f"logs/{FILE}".replace("/", "%2F"),
                f"arn:aws:s3:::logs/{FILE}",
            )
        ),
        {"eventName": "CopyObject", "requestParameters": ELSEWHERE, "resources": [OBJECT]},
        {
            "eventName": "CopyObject",
            "requestParameters": {"bucketName": "logs", "key": FILE, "x-amz-copy-source": f"logs/{FILE}"},
            "resources": [OBJECT],
        },
        {
            "eventName": "Decrypt",
            "requestParameters": {"encryptionContext": {"aws:s3:arn": f"arn:aws-cn:s3:::logs/{FILE}"}},
        },
        {
            "eventName": "Decrypt",
            "requestParameters": {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::logs"}},
        },
    ],
)
def test_a_log_file_is_given_out_by_whichever_call(change):
    base = event(requestParameters={"bucketName": "logs", "key": FILE})

    assert len(list(readers_in_records([{**base, **change}], bucket="logs", folders=FOLDERS))) == 1
    assert not list(readers_in_records([{**base, **change, "errorCode": "NoSuchKey"}], bucket="logs"))


@pytest.mark.parametrize(
    "change",
    [
        {"eventName": "HeadObject"},
        {"eventName": "CopyObject", "resources": [OBJECT]},
        {"eventName": "CopyObject", "requestParameters": {**ELSEWHERE, "x-amz-copy-source": "logs"}},
        {"eventName": "CopyObject", "requestParameters": {**ELSEWHERE, "x-amz-copy-source": ["logs"]}},
        {
            "eventName": "CopyObject",
            "requestParameters": {
                **ELSEWHERE,
                "x-amz-copy-source": "arn:aws:s3:us-east-1:1:accesspoint/a/object/b",
            },
        },
        {"requestParameters": ACCESS_POINT, "resources": "x"},
        {
            "eventName": "Decrypt",
            "requestParameters": {"encryptionContext": {"aws:s3:arn": "arn:aws:kms:::logs/x"}},
        },
    ],
)
def test_what_is_written_or_lies_elsewhere_was_not_given_out(change):
    base = event(requestParameters={"bucketName": "logs", "key": FILE})

    assert not list(readers_in_records([{**base, **change}], bucket="logs"))


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ({"type": "Root", "arn": "arn:aws:iam::1:root"}, ("arn:aws:iam::1:root", "", "")),
        (
            {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/LogReader/s"},
            (ROLE, "", ""),
        ),
        ({"type": "AWSAccount", "accountId": "4", "principalId": "AROAX:s"}, ("", "4", "AROAX:s")),
        ({"type": "AWSAccount", "accountId": "4"}, ("", "4", "")),
        ({"type": "Unknown", "principalId": "p"}, ("", "", "p")),
        (
            {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
            ("anonymous", "", ""),
        ),
        ({"type": "AWSService", "invokedBy": "macie.amazonaws.com"}, ("macie.amazonaws.com", "", "")),
    ],
)
def test_whoever_called_is_told_as_far_as_an_event_tells(identity, told):
    (found,) = readers_in_records([event(userIdentity=identity)], bucket="logs")

    assert (found.principal, found.account, found.unique_id) == told


def test_readers_are_counted_with_their_last_time():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    many = [SeenReader(principal="p", source="s", last=t) for t in (late, early, None)]

    assert gathered(many) == (SeenReader(principal="p", source="s", count=3, last=late),)
