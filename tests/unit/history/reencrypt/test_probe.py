from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from memory_s3 import SSE, MemoryS3
from trailseal.history.reencrypt.probe import Probed, ProbeOutcome, probe_copy, probe_update
from trailseal.history.rules.method import Target
from trailseal.objects.calls import ObjectRequest, ObjectResponse

TARGET = Target(bucket="b", key_arn="arn:aws:kms:us-east-1:123456789012:key/1", context='{"a":"b"}')
PROBE = ".trailseal-probe/1"
BOTH = pytest.mark.parametrize("probe", [probe_update, probe_copy])
S3_SAYS = "User: arn:aws:iam::1:user/a is not authorized to perform: {action} on resource: x"


class Answering(MemoryS3):
    """S3 that answers one of its calls with an error."""

    def __init__(self, call: str, status: int, error: str, message: str = "") -> None:
        super().__init__()
        self.call, self.wrong = call, (status, error, message)

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if name_of(call, self) == self.call:
            self.sent.append(call)
            status, error, message = self.wrong
            return ObjectResponse(call=call, status=status, error=error, message=message)
        return super().answer(call)


def name_of(call: ObjectRequest, s3: MemoryS3) -> str:
    if call.method == "GET":
        return "GetObject after" if any(acts(each) for each in s3.sent) else "GetObject"
    if call.method != "PUT":
        return call.method
    return "acts" if acts(call) else "PutObject"


def acts(call: ObjectRequest) -> bool:
    return call.query.startswith("encryption") or "x-amz-copy-source" in call.headers


@pytest.mark.parametrize(
    ("updates", "why"),
    [
        ("overwrites", "the server overwrote the object's content"),
        ("metadata", "the server changed the object's metadata"),
        ("touches", "the server changed LastModified"),
        ("nothing", "the object is not encrypted with the key afterwards"),
    ],
)
def test_what_harms_an_object_is_not_supported_and_leaves_nothing(updates: str, why: str) -> None:
    s3 = MemoryS3(updates=updates)
    found = probe_update(s3, TARGET, name="1")

    assert (found.outcome, str(found.why), found.action) == (ProbeOutcome.NOT_SUPPORTED, why, "")
    assert s3.objects == {}
    assert {call.key for call in s3.sent} == {PROBE}


@BOTH
def test_what_works_leaves_nothing(probe: Callable[..., Probed]) -> None:
    s3 = MemoryS3()

    assert probe(s3, TARGET, name="1") == Probed(outcome=ProbeOutcome.WORKS)
    assert (s3.objects, {call.key for call in s3.sent}) == ({}, {PROBE})


@pytest.mark.parametrize(
    ("status", "error", "message", "outcome"),
    [
        (403, "AccessDenied", S3_SAYS.format(action="kms:Decrypt"), ProbeOutcome.NOT_ALLOWED),
        (403, "AccessDenied", "Access Denied", ProbeOutcome.NOT_ALLOWED),
        (403, "403", "", ProbeOutcome.NOT_ALLOWED),
        (501, "NotImplemented", "no", ProbeOutcome.NOT_SUPPORTED),
        (405, "MethodNotAllowed", "no", ProbeOutcome.NOT_SUPPORTED),
        (501, "XNotHere", "", ProbeOutcome.NOT_SUPPORTED),
        (503, "SlowDown", "", ProbeOutcome.NOT_KNOWN),
        (500, "InternalError", "", ProbeOutcome.NOT_KNOWN),
        (400, "InvalidRequest", "the key", ProbeOutcome.NOT_KNOWN),
        (404, "NoSuchKey", "", ProbeOutcome.NOT_KNOWN),
        (0, "ConnectionError", "", ProbeOutcome.NOT_KNOWN),
    ],
)
@pytest.mark.parametrize("call", ["PutObject", "GetObject", "acts", "GetObject after"])
@BOTH
def test_refused_is_told_from_not_there_and_from_unanswered(
    probe: Callable[..., Probed], call: str, status: int, error: str, message: str, outcome: ProbeOutcome
) -> None:
    found = probe(Answering(call, status, error, message), TARGET, name="1")

    assert (found.outcome, found.works) == (outcome, False)
    assert error in str(found.why)
    assert bool(found.action) == (outcome is ProbeOutcome.NOT_ALLOWED)
    assert (found.action == "kms:Decrypt") == (message == S3_SAYS.format(action="kms:Decrypt"))


def test_a_probe_that_cannot_be_deleted_is_told() -> None:
    assert probe_update(Answering("DELETE", 403, "AccessDenied"), TARGET, name="1").left == PROBE


def answered(call: ObjectRequest, **headers: str) -> ObjectResponse:
    return ObjectResponse(call=call, status=200, headers=headers)


class UnderKey(MemoryS3):
    """A bucket whose default is the key, on a server that takes the update and does nothing."""

    def __init__(self, *, heeds: bool, status: int = 403) -> None:
        super().__init__(updates="nothing")
        self.heeds, self.status = heeds, status

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if call.method == "PUT" and not acts(call):
            if not self.heeds and SSE in call.headers:
                return ObjectResponse(call=call, status=self.status, error="NoSSEHere")
            key = {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": TARGET.key_arn}
            self._store(call.key, call.body, key | call.headers)
            return answered(call)
        return super().answer(call)


@pytest.mark.parametrize(
    ("heeds", "status", "outcome", "why"),
    [
        (True, 200, ProbeOutcome.NOT_SUPPORTED, "the object is not encrypted with the key afterwards"),
        (False, 403, ProbeOutcome.NOT_KNOWN, "the bucket encrypts each object with the key"),
        (False, 501, ProbeOutcome.NOT_KNOWN, "the bucket encrypts each object with the key"),
    ],
)
def test_a_bucket_whose_default_is_the_key_lets_no_update_pass_that_does_nothing(
    *, heeds: bool, status: int, outcome: ProbeOutcome, why: str
) -> None:
    s3 = UnderKey(heeds=heeds, status=status)
    found = probe_update(s3, TARGET, name="1")

    assert found.outcome is outcome
    assert why in str(found.why)
    assert s3.objects == {}


class Versions(MemoryS3):
    """A bucket that keeps versions, where what is under the key cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if call.method == "DELETE":
            self.kept.remove(*parse_qs(call.query)["versionId"])
            return answered(call)
        answer = super().answer(call)
        if call.method == "GET" and answer.headers.get(SSE) == "aws:kms":
            return ObjectResponse(call=call, status=403, error="AccessDenied")
        if call.method == "PUT" and not call.query:
            self.kept.append(f"v{len(self.kept)}")
        return ObjectResponse(
            call=call,
            status=answer.status,
            headers=dict(answer.headers) | {"x-amz-version-id": self.kept[-1]},
            body=answer.body,
        )


@BOTH
def test_each_version_is_deleted_even_one_that_cannot_be_read(probe: Callable[..., Probed]) -> None:
    s3 = Versions()
    found = probe(s3, TARGET, name="1")

    assert (found.outcome, found.left, s3.kept) == (ProbeOutcome.NOT_ALLOWED, "", [])


class Lost(MemoryS3):
    """S3 that carries the first put out and does not say so; `reads` is whether it can be read."""

    def __init__(self, status: int, *, reads: bool) -> None:
        super().__init__()
        self.status, self.reads = status, reads

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        answer = super().answer(call)
        if call.method == "PUT":
            return ObjectResponse(call=call, status=self.status, error="InternalError")
        if call.method == "GET" and not self.reads:
            return ObjectResponse(call=call, status=403, error="AccessDenied")
        return answer


@pytest.mark.parametrize("status", [0, 500, 503])
@pytest.mark.parametrize(
    ("reads", "versioned", "left"), [(True, False, ""), (False, False, ""), (False, True, PROBE)]
)
def test_a_probe_of_which_no_answer_came_is_looked_for(
    *, status: int, reads: bool, versioned: bool, left: str
) -> None:
    s3 = Lost(status, reads=reads)
    target = Target(bucket="b", key_arn=TARGET.key_arn, versioned=versioned)
    found = probe_update(s3, target, name="1")

    assert (found.outcome, found.left) == (ProbeOutcome.NOT_KNOWN, left)
    assert bool(s3.objects) == bool(left)


@BOTH
def test_nothing_is_looked_for_where_the_put_was_refused(probe: Callable[..., Probed]) -> None:
    s3 = Answering("PutObject", 403, "AccessDenied")

    assert probe(s3, TARGET, name="1").left == ""
    assert [call.method for call in s3.sent] == ["PUT", "PUT"]


class Locking(MemoryS3):
    """A bucket whose default retention locks what is written, so that S3 updates and deletes none of it."""

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if call.method == "DELETE" or call.query.startswith("encryption"):
            self.sent.append(call)
            return ObjectResponse(call=call, status=403, error="AccessDenied")
        answer = super().answer(call)
        headers = dict(answer.headers) | {"x-amz-object-lock-mode": "GOVERNANCE"}
        return ObjectResponse(call=call, status=answer.status, headers=headers, body=answer.body)


def test_a_probe_that_is_locked_says_nothing_of_the_update_nor_of_permissions() -> None:
    found = probe_update(Locking(), TARGET, name="1")

    assert (found.outcome, found.action, found.left) == (ProbeOutcome.NOT_KNOWN, "", PROBE)
    assert "locks the probe" in str(found.why)


def test_a_copy_of_a_locked_probe_can_be_read_back_and_both_are_left() -> None:
    assert probe_copy(Locking(), TARGET, name="1") == Probed(outcome=ProbeOutcome.WORKS, left=PROBE)
