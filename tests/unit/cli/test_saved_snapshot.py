"""A snapshot that is saved says what it lacks: whoever reads it later sees no refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plan_estate import DENIED, bucket, key, snapshot, trail
from trailseal.cli.saved_snapshot import save_snapshot
from trailseal.errors import ExitCode
from trailseal.model.bucket import UnreadBucket
from trailseal.model.key import UnreadKey
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.run.documents import snapshot_in

OFF = Unreadable(call=DENIED.call, code="503")
NO_BUCKET = Unreadable(call="s3:ListBucket", code="404")
GONE = UnreadKey(arn=key().arn, reason=Unreadable(call="kms:DescribeKey", code="NotFoundException"))
HELD: tuple[tuple[dict[str, Any], bool], ...] = (
    ({}, False),
    ({"buckets": (bucket(versioning=DENIED),)}, True),
    ({"trails": (trail(managed_by=DENIED),)}, True),
    ({"keys": (key(aliases=DENIED),)}, True),
    ({"buckets": (bucket(versioning=Unreadable(call="s3:X", code=NOT_ASKED)),)}, False),
    ({"buckets": (bucket(versioning=OFF),)}, True),
    ({"keys": (GONE,)}, False),
    ({"keys": (UnreadKey(arn=key().arn, reason=DENIED),)}, True),
    ({"buckets": (UnreadBucket(name="b", reason=NO_BUCKET),)}, False),
)


@pytest.mark.parametrize(("held", "lacks"), HELD)
def test_what_was_refused_is_told_and_the_snapshot_is_not_whole(
    held: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], *, lacks: bool
) -> None:
    path = str(tmp_path / "seen.json")
    seen = snapshot(**held)

    assert save_snapshot(seen, path) is (ExitCode.INCOMPLETE if lacks else ExitCode.CLEAN)
    assert (DENIED.call in capsys.readouterr().err) == lacks
    assert snapshot_in(path) == seen
