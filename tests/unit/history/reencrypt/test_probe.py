from __future__ import annotations

import pytest

from memory_s3 import MemoryS3
from trailseal.history.reencrypt.probe import Probed, probe
from trailseal.history.rules.method import Target
from trailseal.objects.calls import ObjectRequest, ObjectResponse

TARGET = Target(bucket="b", key_arn="arn:aws:kms:us-east-1:123456789012:key/1")


@pytest.mark.parametrize(
    ("updates", "why"),
    [
        pytest.param("works", "", id="works"),
        pytest.param("overwrites", "the server overwrote the object's content", id="overwrites"),
        pytest.param("metadata", "the server changed the object's metadata", id="loses-metadata"),
        pytest.param("touches", "the server changed LastModified", id="touches"),
        pytest.param("nothing", "the object is not under the key afterwards", id="does-nothing"),
        pytest.param("refuses", "UpdateObjectEncryption: AccessDenied no", id="refuses"),
    ],
)
def test_the_probe_compares_everything_and_leaves_nothing(updates: str, why: str) -> None:
    s3 = MemoryS3(updates=updates)

    assert probe(s3, TARGET, name="1") == Probed(works=not why, why=why)
    assert s3.objects == {}
    assert {call.key for call in s3.sent} == {".trailseal-probe/1"}


class Refusing(MemoryS3):
    def __init__(self, *methods: str) -> None:
        super().__init__()
        self.methods = methods

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if call.method in self.methods and (call.method != "GET" or len(self.sent) > 2):
            return ObjectResponse(call=call, status=403, error="AccessDenied")
        return super().answer(call)


def test_a_bucket_that_may_not_be_written_is_not_probed() -> None:
    assert probe(Refusing("PUT"), TARGET, name="1").why == "PutObject: AccessDenied"


def test_a_probe_that_cannot_be_deleted_is_told() -> None:
    assert probe(Refusing("DELETE"), TARGET, name="1").left == ".trailseal-probe/1"


def test_a_probe_that_cannot_be_read_back_proves_nothing() -> None:
    assert probe(Refusing("GET"), TARGET, name="1").why == "GetObject: AccessDenied"
