from __future__ import annotations

import pytest
from msgspec import structs

from history_estate import BUCKET, MemoryObjects, Thing, estate
from trailseal.errors import TrailsealError
from trailseal.history.census.by_listing import ListingCensus
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Choice, Method, MethodReason, Target, choose
from trailseal.objects.calls import ObjectRequest, ObjectResponse

PREFIX = "AWSLogs/"


def objects(*, page: int = 4) -> MemoryObjects:
    bucket = estate(hours=3)
    for thing in bucket.values():
        thing.headers["x-amz-server-side-encryption"] = "AES256"
    bucket[".trailseal-probe/1"] = Thing(body=b"")
    found = MemoryObjects(**{BUCKET: bucket})
    found.page = page
    return found


def test_every_object_is_counted_and_written() -> None:
    rows: list[Row] = []
    found = ListingCensus(objects=objects(), bucket=BUCKET).run([PREFIX], rows.append)

    assert (found.objects, found.unreadable, len(rows)) == (9, 0, 9)
    assert {row.group.kind: row.objects for row in found.rows} == {"digest file": 3, "log file": 6}


def test_what_may_not_be_asked_is_counted_apart() -> None:
    s3 = objects()
    refused = min(key for key in s3.buckets[BUCKET] if key.startswith(PREFIX))
    s3.errors[refused] = "403"
    rows: list[Row] = []

    found = ListingCensus(objects=s3, bucket=BUCKET).run([PREFIX], rows.append)
    (unknown,) = (row for row in rows if row.key == refused)
    skipped = choose(unknown, Target(bucket=BUCKET, key_arn="k", update=True))
    assert (found.objects, found.unreadable, len(rows)) == (8, 1, 9)
    assert skipped == Choice(Method.SKIP, MethodReason.UNKNOWN_ENCRYPTION)


def test_our_own_probe_is_no_log_file() -> None:
    assert ListingCensus(objects=objects(), bucket=BUCKET).run([""]).objects == 9


def test_acls_are_asked_where_there_are_any() -> None:
    s3 = objects()
    for thing in s3.buckets[BUCKET].values():
        thing.body = b"<AccessControlPolicy/>"
    found = ListingCensus(objects=s3, bucket=BUCKET, acls=True).run([PREFIX])

    assert found.objects == 9
    assert sum(call.query == "acl" for call in s3.sent) == 9


class WithoutAcls(MemoryObjects):
    """Objects whose ACLs may not be read."""

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        answer = super().answer(call)
        refused = call.query == "acl"
        return structs.replace(answer, status=403, error="AccessDenied") if refused else answer


def test_an_acl_that_may_not_be_read_keeps_an_object_from_being_copied() -> None:
    rows: list[Row] = []
    s3 = WithoutAcls(**{BUCKET: objects().buckets[BUCKET]})
    found = ListingCensus(objects=s3, bucket=BUCKET, acls=True).run([PREFIX], rows.append)
    copying, updating = (Target(bucket=BUCKET, key_arn="k", update=update) for update in (False, True))

    assert (found.objects, found.unreadable) == (9, 0)
    assert {choose(row, copying) for row in rows} == {Choice(Method.SKIP, MethodReason.ACL_UNREAD)}
    assert {choose(row, updating) for row in rows} == {Choice(Method.UPDATE, MethodReason.UPDATE)}


def test_a_bucket_that_cannot_be_listed_stops_the_census() -> None:
    with pytest.raises(TrailsealError, match="cannot be listed: NoSuchBucket"):
        ListingCensus(objects=objects(), bucket="other").run([PREFIX])
