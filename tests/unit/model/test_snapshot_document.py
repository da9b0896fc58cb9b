from __future__ import annotations

from datetime import UTC, datetime

from trailseal.model.document import encode
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, Tags
from trailseal.model.reading import Kind, decode
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

REFUSED = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
ARN = "arn:aws:kms:ap-northeast-1:123456789012:key/1"


def test_a_snapshot_comes_back_as_it_was_written():
    keys = (
        KmsKey(
            arn=ARN, state=KeyState.ENABLED, policies=KeyPolicies(default="{}"), tags=Tags(values={"a": "b"})
        ),
        KmsKey(arn=ARN, state=KeyState.DISABLED, policies=REFUSED, tags=REFUSED),
    )
    snapshot = Snapshot(
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        account="123456789012",
        caller_arn="arn:aws:iam::123456789012:root",
        partition="aws",
        region="ap-northeast-1",
        keys=keys,
    )

    assert decode(encode(snapshot), Snapshot, kind=Kind.SNAPSHOT, name="x") == snapshot
