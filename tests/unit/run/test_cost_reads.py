"""Counted reads: those that gave something out, of what the trail delivered; nothing read is a count."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from plan_estate import ACCOUNT, BUCKET, HOME, TRAIL
from trailseal.cost.usage import Basis
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import ObjectResponse
from trailseal.run.cost import Counted, count_reads, usage_of

FILE = f"AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/2026/11/20/x.json.gz"
PLACE = TrailPlace(arn=TRAIL, name="t", home_region=HOME, bucket=BUCKET)
READ = {
    "eventName": "GetObject",
    "requestParameters": {"bucketName": BUCKET, "key": FILE},
    "userIdentity": {"arn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
}


class OneFile:
    def __init__(self, *records: Any, status: int = 200) -> None:
        self._body = (
            gzip.compress(json.dumps({"Records": records}).encode()) if status == 200 else b"<Error/>"
        )
        self._status = status

    def each(self, calls: Iterable[Any], then: object = None) -> Iterator[ObjectResponse]:
        del then
        for call in calls:
            yield ObjectResponse(call=call, status=self._status, body=self._body)


@pytest.mark.parametrize(
    ("record", "reads"),
    [
        (READ, 1),
        ({**READ, "errorCode": "AccessDenied"}, 0),
        (
            {
                **READ,
                "requestParameters": {"bucketName": BUCKET, "key": FILE.replace("CloudTrail", "Config")},
            },
            0,
        ),
        ({**READ, "requestParameters": {"bucketName": "other", "key": FILE}}, 0),
        ({**READ, "eventName": "PutObject"}, 0),
        (3, 0),
    ],
)
def test_a_read_is_what_gave_something_out(record: Any, reads: int) -> None:
    assert count_reads(OneFile(record), PLACE, ("k",)) == reads  # type: ignore[arg-type]


def test_files_that_cannot_be_read_are_no_count() -> None:
    assert count_reads(OneFile(status=403), PLACE, ("k",)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("reads", "basis"), [(0, Basis.COUNTED), (4, Basis.COUNTED), (None, None)])
def test_nothing_read_is_counted_as_such(reads: int | None, basis: Basis | None) -> None:
    counted = Counted(places=1, log_files=(1,), digest_files=(1,), newest=("k", "l"))
    usage = usage_of(counted, new_keys=0, reads=reads)

    assert (usage.reads is Basis.COUNTED) is (basis is Basis.COUNTED)
    if reads is not None:
        assert usage.reads_per_file.low == reads / 2
