from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from trailseal.errors import UsageProblem
from trailseal.history.rules.census import Census, ContextClass, context_class, count
from trailseal.history.rules.facts import SSE, grants_of, metadata_of, row_from_head, with_part
from trailseal.history.rules.manifest import Header, Row, Source, read_header, read_rows, write_line
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Summary
from trailseal.objects.calls import ObjectResponse, get_part
from trailseal.objects.pages import Listed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LOG = (
    "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/20/"
    "123456789012_CloudTrail_us-east-1_20261120T0005Z_a.json.gz"
)


def test_an_event_hold_is_kept_with_its_duration() -> None:
    name = "x-amz-object-lock-event-hold"
    held = {name: "ON", f"{name}-duration-days": "3"}

    assert row_from_head(Listed(key="k"), held).event_hold == held
    assert row_from_head(Listed(key="k"), {name: "OFF"}).event_hold == {}


@pytest.mark.parametrize("count", ["many", "", "-1", "9" * 5000])
@pytest.mark.parametrize(
    "time", ["soon", "", "Thu, 20 Nov 99999999999999999999 00:00:00 GMT", "Fri, 31 Dec 9999 23:00:00 -1200"]
)
def test_what_a_head_says_wrongly_is_not_taken_for_nothing(time: str, count: str) -> None:
    headers = {"last-modified": time, "x-amz-tagging-count": count}
    row = row_from_head(Listed(key="k", last_modified=NOW), headers)

    assert (row.modified, row.tags) == (NOW, 1)


@pytest.mark.parametrize("zone", [" GMT", " -0000", ""])
def test_whatever_zone_a_head_names_its_time_is_told_and_read_again(zone: str) -> None:
    listed = Listed(key=LOG)
    row = row_from_head(listed, {SSE: "aws:kms", "last-modified": f"Fri, 20 Nov 2026 00:06:00{zone}"})

    assert context_class(row) is ContextClass.AS_DELIVERED
    assert list(read_rows([write_line(row)], name="m")) == [(1, row)]


@pytest.mark.parametrize("line", [b'{"key":"\xff"}', b'{"key":"k","modified":"2026-11-23T00:00:00"}'])
def test_a_row_that_is_no_text_or_has_a_time_of_nowhere_is_damaged(line: bytes) -> None:
    with pytest.raises(UsageProblem, match="row 1 of `m` is damaged"):
        list(read_rows([line], name="m"))


def test_a_header_that_is_no_text_is_refused() -> None:
    with pytest.raises(UsageProblem, match="`m` is not text in UTF-8"):
        read_header(b'{"bucket":"\xff"}', name="m")


def test_a_manifest_reads_back_what_was_written() -> None:
    header = Header(bucket="b", made_at=NOW)
    row = Row(key="k", etag="e", modified=NOW, grants={"x-amz-grant-read": 'id="1"'})

    assert read_header(write_line(header), name="m") == header
    assert list(read_rows([write_line(row)], name="m")) == [(1, row)]


@pytest.mark.parametrize("line", [b"", b"{}", b'{"bucket":"b","made_at":"2026-11-23T00:00:00Z","format":9}'])
def test_what_is_no_manifest_is_refused(line: bytes) -> None:
    with pytest.raises(UsageProblem):
        read_header(line, name="m")


def test_a_row_that_is_cut_short_is_named() -> None:
    with pytest.raises(UsageProblem, match="row 2"):
        list(read_rows([b'{"key":"k"}', b'{"key":'], name="m"))


def test_a_head_becomes_a_row_with_all_facts() -> None:
    listed = Listed(key="k", size=3, etag="old", version_id="a-null-in-it")
    headers = {
        "etag": '"e"',
        "last-modified": "Mon, 23 Nov 2026 00:00:00 GMT",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "arn",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-object-lock-retain-until-date": "2027",
        "x-amz-object-lock-legal-hold": "ON",
        "x-amz-tagging-count": "2",
        "x-amz-archive-status": "ARCHIVE_ACCESS",
        "x-amz-storage-class": "INTELLIGENT_TIERING",
        "x-amz-website-redirect-location": "/x",
    }

    assert row_from_head(listed, headers) == Row(
        key="k",
        version_id="a-null-in-it",
        size=3,
        etag="e",
        modified=NOW,
        storage_class="INTELLIGENT_TIERING",
        encryption="aws:kms",
        kms_key_id="arn",
        bucket_key=True,
        lock_mode="GOVERNANCE",
        lock_until="2027",
        legal_hold=True,
        tags=2,
        archived=True,
        redirect="/x",
    )


def test_a_head_without_encryption_says_so() -> None:
    row = row_from_head(Listed(key="k", last_modified=NOW), {})

    assert (row.encryption, row.modified) == ("", NOW)


def test_an_acl_becomes_the_headers_that_give_it_again() -> None:
    body = (
        b'<AccessControlPolicy xmlns="x"><AccessControlList>'
        b"<Grant><Grantee><ID>1</ID></Grantee><Permission>READ</Permission></Grant>"
        b"<Grant><Grantee><URI>u</URI></Grantee><Permission>READ</Permission></Grant>"
        b"</AccessControlList></AccessControlPolicy>"
    )

    assert grants_of(body) == {"x-amz-grant-read": 'id="1", uri="u"'}
    assert grants_of(b"<AccessControlPolicy/>") == {}


EMAIL = b"<Grantee><EmailAddress>e</EmailAddress></Grantee><Permission>READ</Permission>"
WRITE = b"<Grantee><ID>1</ID></Grantee><Permission>WRITE</Permission>"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<AccessControlPolicy><Grant>%s</Grant></AccessControlPolicy>" % EMAIL, id="by-email"),
        pytest.param(b"<AccessControlPolicy><Grant>%s</Grant></AccessControlPolicy>" % WRITE, id="write"),
        pytest.param(b"<Retention/>", id="another-answer"),
        pytest.param(b"no XML", id="no-xml"),
    ],
)
def test_an_acl_that_cannot_be_given_again_is_not_read(body: bytes) -> None:
    answer = ObjectResponse(call=get_part("b", "k", "acl"), status=200, body=body)

    assert with_part(Row(key="k"), "acl", answer) == Row(key="k", acl_unread=True)


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("retention", b"<Retention><Mode>GOVERNANCE</Mode></Retention>"),
        ("retention", b"<Retention><Mode>OTHER</Mode><RetainUntilDate>2030</RetainUntilDate></Retention>"),
        ("retention", b"<LegalHold><Status>ON</Status></LegalHold>"),
        ("retention", b"<Retention/>"),
        ("retention", b"<Retention><EventHold>ON</EventHold></Retention>"),
        ("retention", b"<AccessControlPolicy/>"),
        ("legal-hold", b"<LegalHold><Status>MAYBE</Status></LegalHold>"),
        ("legal-hold", b"<LegalHold/>"),
        ("legal-hold", b""),
    ],
)
def test_a_lock_that_is_not_understood_is_not_taken_for_none(part: str, body: bytes) -> None:
    answer = ObjectResponse(call=get_part("b", "k", part), status=200, body=body)

    assert with_part(Row(key="k"), part, answer) == Row(key="k", lock_unread=True)


def test_a_hold_that_is_off_is_none() -> None:
    body = b"<LegalHold><Status>OFF</Status></LegalHold>"
    answer = ObjectResponse(call=get_part("b", "k", "legal-hold"), status=200, body=body)

    assert with_part(Row(key="k"), "legal-hold", answer) == Row(key="k")


def test_metadata_is_what_a_copy_must_keep() -> None:
    headers = {"x-amz-meta-signature": "s", "content-type": "t", "date": "d"}

    assert metadata_of(headers) == {"x-amz-meta-signature": "s", "content-type": "t"}


def test_the_census_counts_by_what_an_object_is() -> None:
    rows = count(
        [Row(key=LOG, size=1), Row(key=LOG, size=2), Row(key="x", encryption="aws:kms", kms_key_id="k")]
    )
    census = Census(bucket="b", source=Source.LISTING, rows=rows)

    assert [(r.group.account, r.group.month, r.group.kind, r.objects, r.size) for r in rows] == [
        ("", "", "other object", 1, 0),
        ("123456789012", "2026-11", "log file", 2, 3),
    ]
    assert (census.objects, census.not_under(""), census.not_under("other")) == (3, 2, 3)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(Row(key=LOG), ContextClass.NONE, id="sse-s3"),
        pytest.param(Row(key="x", encryption="aws:kms"), ContextClass.AS_DELIVERED, id="no-time"),
        pytest.param(
            Row(key=LOG, encryption="aws:kms", modified=datetime(2026, 11, 20, 1, tzinfo=UTC)),
            ContextClass.AS_DELIVERED,
            id="at-once",
        ),
        pytest.param(
            Row(key=LOG, encryption="aws:kms", modified=NOW + timedelta(days=3)),
            ContextClass.COPIED,
            id="later",
        ),
        pytest.param(
            Row(
                key=LOG,
                encryption="aws:kms",
                modified=datetime(2026, 11, 22, 1, tzinfo=timezone(timedelta(hours=9))),
            ),
            ContextClass.AS_DELIVERED,
            id="the-next-day-in-utc",
        ),
    ],
)
def test_times_tell_a_copied_object(row: Row, said: ContextClass) -> None:
    assert context_class(row) is said


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        pytest.param({State.DONE: 5}, 0, id="all-done"),
        pytest.param({State.DONE: 5, State.SKIPPED: 1}, 3, id="some-left-out"),
        pytest.param({State.SKIPPED: 1, State.DIFFERS: 1}, 1, id="one-differs"),
    ],
)
def test_a_summary_says_what_is_left(counts: dict[str, int], code: int) -> None:
    assert Summary(bucket="b", key_arn="k", counts=counts, problems=()).exit_code == code
