from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Method, Target, choose
from trailseal.history.rules.proof import differences
from trailseal.history.rules.state import State
from trailseal.history.rules.work import Step, Work, first_call, next_call, planned
from trailseal.objects.calls import ObjectRequest, ObjectResponse

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
SEALED = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": KEY}
PLAIN = {"x-amz-server-side-encryption": "AES256"}


def work(*, update: bool = False, proven: bool = False, **row: Any) -> Work:
    target = Target(bucket="b", key_arn=KEY, update=update)
    found = Row(key="k", etag="e", **row)
    return Work(number=1, row=found, choice=choose(found, target), target=target, proven=proven)


def bare(
    *, update: bool = False, proven: bool = False, acls: bool = False, locks: bool = False, **row: Any
) -> Work:
    """Return the work on a row of an inventory."""
    target = Target(bucket="b", key_arn=KEY, update=update, acls=acls, locks=locks)
    return planned(1, Row(key="k", bare=True, **row), target, proven=proven)


def answer(
    call: ObjectRequest, *, status: int = 200, error: str = "", body: bytes = b"", **headers: str
) -> ObjectResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ObjectResponse(call=call, status=status, error=error, body=body, headers=named)


def play(subject: Work, *answers: dict[str, object], seen_before: bool = False) -> list[str]:
    """Return the methods sent, giving each answer in turn."""
    call: ObjectRequest | None = first_call(subject, seen_before=seen_before)
    sent = []
    for given in answers:
        assert call is not None
        sent.append(f"{call.method} {call.query}".strip())
        usual = {
            "status": 200,
            "body": b"<CopyObjectResult/>" if "x-amz-copy-source" in call.headers else b"",
        }
        call = next_call(subject, ObjectResponse(call=call, **(usual | given)))  # type: ignore[arg-type]
    assert call is None
    return sent


def test_a_copy_is_one_request() -> None:
    subject = work()

    assert play(subject, {"headers": {"x-amz-version-id": "v2"}}) == ["PUT"]
    assert (subject.state, subject.version_id) == (State.DONE, "v2")


def test_an_update_is_one_request_on_its_version() -> None:
    subject = work(update=True, version_id="v")

    assert subject.choice.method is Method.UPDATE
    assert play(subject, {}) == ["PUT encryption=&versionId=v"]


def test_a_proof_reads_before_and_after() -> None:
    subject = work(proven=True)
    meta = {"x-amz-meta-signature": "s"}

    assert play(subject, {"body": b"x", "headers": meta}, {}, {"body": b"x", "headers": meta | SEALED}) == [
        "GET",
        "PUT",
        "GET",
    ]
    assert subject.state is State.DONE


@pytest.mark.parametrize(
    ("after", "detail"),
    [
        pytest.param({"body": b"y", "headers": SEALED}, "content", id="content"),
        pytest.param({"body": b"x", "headers": SEALED | {"x-amz-meta-a": "1"}}, "metadata", id="metadata"),
        pytest.param({"body": b"x", "headers": SEALED | {"x-amz-tagging-count": "1"}}, "tags", id="tags"),
        pytest.param({"body": b"x", "headers": PLAIN}, "encryption", id="encryption"),
        pytest.param({"status": 404, "error": "NoSuchKey"}, "NoSuchKey", id="gone"),
    ],
)
def test_what_differs_afterwards_is_told(after: dict[str, object], detail: str) -> None:
    subject = work(proven=True)
    play(subject, {"body": b"x", "headers": {}}, {}, after)

    assert (subject.state, subject.detail) == (State.DIFFERS, detail)


def test_what_cannot_be_read_back_has_failed_and_is_proven_when_tried_again() -> None:
    denied: dict[str, object] = {"status": 403, "error": "AccessDenied", "message": "no"}
    refused: dict[str, object] = {"status": 412, "error": "PreconditionFailed"}
    subject, again = work(proven=True), work(proven=True, version_id="v1")
    play(subject, {"body": b"x"}, {}, denied)
    sealed: dict[str, object] = {"body": b"x", "headers": SEALED}
    asked = play(again, {"body": b"x"}, refused, sealed, sealed)

    assert (subject.state, subject.detail) == (State.FAILED, "read back: AccessDenied no")
    assert asked == ["GET versionId=v1", "PUT", "HEAD", "GET"]
    assert again.state is State.DONE


@pytest.mark.parametrize(("length", "state"), [("1", State.DONE), ("2", State.CHANGED)])
def test_what_is_under_the_key_before_is_read_and_never_copied_again(length: str, state: State) -> None:
    subject = work(proven=True, size=1)

    assert play(subject, {"headers": SEALED | {"content-length": length}}) == ["GET"]
    assert subject.state is state


@pytest.mark.parametrize(("length", "state"), [("1", State.DONE), ("2", State.CHANGED)])
def test_another_object_under_the_key_is_not_taken_for_ours(length: str, state: State) -> None:
    looked, refused = work(size=1), work(size=1)
    sealed: dict[str, object] = {"headers": SEALED | {"content-length": length}}
    play(looked, sealed, seen_before=True)
    play(refused, {"status": 412, "error": "PreconditionFailed"}, sealed)

    assert (looked.state, refused.state) == (state, state)


def test_what_an_earlier_run_copied_is_read_back_where_it_is_to_be_proven() -> None:
    subject = work(proven=True)

    assert play(subject, {"headers": SEALED}, {"headers": SEALED}, seen_before=True) == ["HEAD", "GET"]
    assert subject.state is State.DONE


def test_a_copy_is_not_believed_without_its_result() -> None:
    subject = work()
    play(subject, {"body": b"<html/>"})

    assert (subject.state, subject.detail) == (State.FAILED, "the answer is no CopyObjectResult")


def test_what_was_shown_as_unknown_is_not_done() -> None:
    subject = bare(encryption="unknown")

    assert play(subject, {"headers": PLAIN}) == ["HEAD"]
    assert (subject.state, subject.detail) == (State.SKIPPED, "unknown-encryption")


def test_a_copy_is_read_back_by_its_new_version_an_update_by_its_own() -> None:
    copied, updated = work(proven=True, version_id="v1"), work(proven=True, update=True, version_id="v1")
    good: dict[str, object] = {"headers": SEALED}

    assert play(copied, {}, {"headers": {"x-amz-version-id": "v2"}}, good)[-1] == "GET versionId=v2"
    assert play(updated, {}, {}, good)[-1] == "GET versionId=v1"
    assert play(work(proven=True, version_id="v1"), {}, {}, good)[-1] == "GET"


def test_what_an_earlier_run_finished_is_only_looked_at() -> None:
    subject = work()

    assert play(subject, {"headers": SEALED}, seen_before=True) == ["HEAD"]
    assert subject.state is State.DONE


def test_what_an_earlier_run_did_not_finish_is_done() -> None:
    assert play(work(), {"headers": PLAIN}, {}, seen_before=True) == ["HEAD", "PUT"]
    assert play(work(proven=True), {"headers": PLAIN}, {}, {}, {"headers": SEALED}, seen_before=True) == [
        "HEAD",
        "GET",
        "PUT",
        "GET",
    ]


def test_a_started_update_is_looked_at_by_its_version() -> None:
    subject = work(update=True, version_id="v1")

    assert play(subject, {"headers": SEALED}, seen_before=True) == ["HEAD versionId=v1"]


REFUSED: dict[str, object] = {"status": 412, "error": "PreconditionFailed"}


def test_a_copy_whose_answer_was_lost_is_recognised() -> None:
    subject = work()

    assert play(subject, REFUSED, {"headers": SEALED}) == ["PUT", "HEAD"]
    assert subject.state is State.DONE


def test_a_proven_copy_whose_answer_was_lost_is_still_compared() -> None:
    subject = work(proven=True)

    assert play(subject, {"body": b"x"}, REFUSED, {"headers": SEALED}, {"body": b"x", "headers": SEALED}) == [
        "GET",
        "PUT",
        "HEAD",
        "GET",
    ]


def test_what_changed_since_the_census_is_left_alone() -> None:
    subject = work()
    play(subject, {"status": 409, "error": "ConditionalRequestConflict"}, {"headers": PLAIN})

    assert subject.state is State.CHANGED


@pytest.mark.parametrize(
    ("step", "error", "state"),
    [
        pytest.param(Step.ACT, "NoSuchKey", State.GONE, id="gone"),
        pytest.param(Step.ACT, "AccessDenied", State.FAILED, id="denied"),
        pytest.param(Step.BEFORE, "AccessDenied", State.FAILED, id="unreadable"),
        pytest.param(Step.LOOK, "404", State.GONE, id="look-gone"),
        pytest.param(Step.LOOK_AGAIN, "404", State.GONE, id="look-again-gone"),
    ],
)
def test_an_error_ends_the_work_and_is_told(step: Step, error: str, state: State) -> None:
    subject = work()
    subject.step = step

    assert (
        next_call(subject, answer(ObjectRequest(method="GET", bucket="b"), status=403, error=error)) is None
    )
    assert (subject.state, subject.detail) == (state, "" if state is State.GONE else error)


def test_without_a_before_nothing_differs() -> None:
    assert differences(None, None) == ()  # type: ignore[arg-type]


TAGGED = PLAIN | {
    "etag": '"e"',
    "x-amz-tagging-count": "1",
    "x-amz-storage-class": "GLACIER_IR",
    "x-amz-object-lock-legal-hold": "ON",
    "x-amz-version-id": "v1",
}
SSE = "x-amz-server-side-encryption"
THEN = datetime(2026, 11, 20, 12, 0, 0, 999_000, tzinfo=UTC)
SAME = {"last-modified": "Fri, 20 Nov 2026 12:00:00 GMT"}
LATER = {"last-modified": "Fri, 20 Nov 2026 12:00:02 GMT"}
ACL = b"""<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>i</ID></Grantee>
<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"""


def test_an_inventorys_object_is_asked_first_and_all_it_has_is_carried() -> None:
    subject = bare(etag="e")
    first = first_call(subject, seen_before=False)
    copy = next_call(subject, ObjectResponse(call=first, status=200, headers=TAGGED))

    assert (first.method, copy is not None and copy.method) == ("HEAD", "PUT")
    assert copy is not None
    assert copy.headers["If-Match"] == '"e"'
    assert copy.headers["x-amz-copy-source"] == "b/k"
    assert copy.headers["x-amz-tagging-directive"] == "COPY"
    assert copy.headers["x-amz-storage-class"] == "GLACIER_IR"
    assert copy.headers["x-amz-object-lock-legal-hold"] == "ON"
    assert next_call(subject, ObjectResponse(call=copy, status=200, body=b"<CopyObjectResult/>")) is None
    assert subject.state is State.DONE


def test_the_etag_that_s3_tells_guards_a_copy_where_the_inventory_has_none() -> None:
    subject = bare()
    copy = next_call(
        subject, ObjectResponse(call=first_call(subject, seen_before=False), status=200, headers=TAGGED)
    )

    assert copy is not None
    assert copy.headers["If-Match"] == '"e"'


def test_an_acl_is_asked_for_before_a_copy_and_carried() -> None:
    subject = bare(acls=True)
    acl = next_call(
        subject, ObjectResponse(call=first_call(subject, seen_before=False), status=200, headers=TAGGED)
    )
    assert acl is not None
    copy = next_call(subject, ObjectResponse(call=acl, status=200, body=ACL))

    assert (acl.method, acl.query) == ("GET", "acl&versionId=v1")
    assert copy is not None
    assert copy.headers["x-amz-grant-read"] == 'id="i"'


def test_an_acl_that_may_not_be_read_stops_the_copy() -> None:
    subject = bare(acls=True)

    assert play(subject, {"headers": PLAIN}, {"status": 403, "error": "AccessDenied"}) == ["HEAD", "GET acl"]
    assert subject.state is State.FAILED


def test_the_time_that_an_inventory_tells_is_compared_in_whole_seconds() -> None:
    assert play(bare(modified=THEN, update=True), {"headers": PLAIN | SAME}, {}) == [
        "HEAD",
        "PUT encryption=",
    ]


RETENTION = b"<Retention><Mode>%s</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"
HOLD = b"<LegalHold><Status>ON</Status></LegalHold>"


def test_a_lock_that_head_object_does_not_show_is_asked_for_and_carried() -> None:
    subject = bare(locks=True)
    retention = next_call(
        subject, ObjectResponse(call=first_call(subject, seen_before=False), status=200, headers=PLAIN)
    )
    assert retention is not None
    hold = next_call(subject, ObjectResponse(call=retention, status=200, body=RETENTION % b"GOVERNANCE"))
    assert hold is not None
    copy = next_call(subject, ObjectResponse(call=hold, status=200, body=HOLD))

    assert (retention.query, hold.query) == ("retention", "legal-hold")
    assert copy is not None
    assert copy.headers["x-amz-object-lock-mode"] == "GOVERNANCE"
    assert copy.headers["x-amz-object-lock-retain-until-date"] == "2030-01-01T00:00:00Z"
    assert copy.headers["x-amz-object-lock-legal-hold"] == "ON"


def test_a_compliance_lock_that_comes_to_light_is_never_copied() -> None:
    subject = bare(locks=True)

    assert play(subject, {"headers": PLAIN}, {"body": RETENTION % b"COMPLIANCE"}) == ["HEAD", "GET retention"]
    assert (subject.state, subject.detail) == (State.SKIPPED, "compliance")


NO_LOCKS_HERE = {"error": "InvalidRequest", "message": "Bucket is missing Object Lock Configuration"}


@pytest.mark.parametrize("said", [{"error": "NoSuchObjectLockConfiguration"}, NO_LOCKS_HERE])
def test_without_a_lock_it_is_copied(said: dict[str, object]) -> None:
    none = {"status": 404} | said

    asked = play(bare(locks=True), {"headers": PLAIN}, none, none, {})
    assert asked == ["HEAD", "GET retention", "GET legal-hold", "PUT"]


@pytest.mark.parametrize(
    "said", [{"status": 403, "error": "AccessDenied"}, {"error": "InvalidRequest"}, {"body": b"not XML"}]
)
def test_a_lock_that_may_not_be_read_stops_the_copy(said: dict[str, object]) -> None:
    subject = bare(locks=True)

    assert play(subject, {"headers": PLAIN}, said) == ["HEAD", "GET retention"]
    assert subject.state is State.FAILED
    assert subject.detail


def test_an_update_needs_no_acl() -> None:
    assert play(bare(acls=True, update=True), {"headers": PLAIN}, {}) == ["HEAD", "PUT encryption="]


def test_an_inventorys_object_is_proven_like_any_other() -> None:
    subject = bare(proven=True)

    assert play(subject, {"headers": PLAIN}, {}, {}, {"headers": SEALED}) == ["HEAD", "GET", "PUT", "GET"]
    assert subject.state is State.DONE


@pytest.mark.parametrize(
    ("row", "seen", "said", "state"),
    [
        pytest.param({}, False, {"headers": SEALED}, State.NOTHING, id="sealed"),
        pytest.param({}, True, {"headers": SEALED}, State.DONE, id="sealed-by-an-earlier-run"),
        pytest.param(
            {"etag": "e"}, False, {"headers": {"etag": '"f"'} | PLAIN}, State.CHANGED, id="overwritten"
        ),
        pytest.param(
            {}, False, {"headers": {"x-amz-server-side-encryption": "aws:kms"}}, State.SKIPPED, id="other-key"
        ),
        pytest.param({}, False, {"status": 404, "error": "404"}, State.GONE, id="gone"),
        pytest.param({}, False, {"status": 403, "error": "403"}, State.FAILED, id="forbidden"),
        pytest.param({"encryption": "aws:kms"}, False, {"headers": SEALED}, State.NOTHING, id="kms"),
    ],
)
def test_an_inventorys_object_ends_with_the_first_answer(
    row: dict[str, Any], *, seen: bool, said: dict[str, object], state: State
) -> None:
    subject = bare(**row)

    assert play(subject, said, seen_before=seen) == ["HEAD"]
    assert subject.state is state


@pytest.mark.parametrize(
    ("row", "state"),
    [
        pytest.param(Row(key="k", bare=True, customer_key=True), State.SKIPPED, id="sse-c"),
        pytest.param(Row(key="k", bare=True, encryption="aws:kms:dsse"), State.SKIPPED, id="dsse"),
        pytest.param(Row(key=".trailseal-probe/x", bare=True), State.SKIPPED, id="probe"),
        pytest.param(Row(key="k", bare=True, encryption="aws:kms"), State.STARTED, id="key-not-named"),
        pytest.param(Row(key="k", bare=True, storage_class="GLACIER"), State.STARTED, id="archived-then"),
    ],
)
def test_what_an_inventory_settles_is_not_asked(row: Row, state: State) -> None:
    assert planned(1, row, Target(bucket="b", key_arn=KEY)).state is state


class Versions:
    """A bucket with versions that heeds no If-Match over a delete marker, as some servers do."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        """Of one key, the newest last; `deleted` is a delete marker."""

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        source, _, version = call.headers["x-amz-copy-source"].partition("?versionId=")
        assert source == "b/k"
        found = version or self.names[-1]
        if found == "deleted":
            return answer(call, status=404, error="NoSuchKey")
        self.names.append("copy")
        told = {"x-amz-version-id": "copy", "x-amz-copy-source-version-id": found}
        return ObjectResponse(call=call, status=200, body=b"<CopyObjectResult/>", headers=told)


@pytest.mark.parametrize(
    ("names", "state", "after"),
    [
        (("v1",), State.DONE, ["v1", "copy"]),
        (("v0", "v1"), State.DONE, ["v0", "v1", "copy"]),
        (("v1", "deleted"), State.GONE, ["v1", "deleted"]),
        (("v1", "deleted", "deleted"), State.GONE, ["v1", "deleted", "deleted"]),
        (("v1", "v2"), State.DIFFERS, ["v1", "v2", "copy"]),
        (("v1", "deleted", "v2"), State.DIFFERS, ["v1", "deleted", "v2", "copy"]),
    ],
    ids=["alone", "with-an-older", "deleted", "deleted-twice", "written-again", "deleted-and-written-again"],
)
def test_what_was_deleted_meanwhile_does_not_come_back(
    names: tuple[str, ...], state: State, after: list[str]
) -> None:
    server, subject = Versions(*names), work(version_id="v1")
    call = first_call(subject, seen_before=False)

    assert next_call(subject, server.answer(call)) is None
    assert (subject.state, server.names) == (state, after)
    if state is State.DIFFERS:
        assert subject.detail == "version v2 was copied, and not v1"
