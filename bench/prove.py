"""The proof that nobody else can read, over the console's policy, its restrictions, and forty statements."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from measure import RUNS, median, report

from trailseal.model.bucket import Bucket
from trailseal.model.key import KeyPolicies, KeyState, KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.restriction import restrict_by_grant, restrict_by_perimeter
from trailseal.run.who_proof import TrailAccessProof, prove_trail

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/management-events"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
READER = f"arn:aws:iam::{ACCOUNT}:user/user1"
OWN = {
    "StringEquals": {"kms:CallerAccount": ACCOUNT},
    "StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
}
SMALL, LARGE = 0.2, 5.0


def allow(sid: str, principal: object, action: object, **more: object) -> dict[str, Any]:
    """One Allow."""
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> str:
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def console(reader: object = "*", cross: object = "*") -> str:
    """The console's key policy; the principals of its two decrypt statements can be replaced."""
    both = ["kms:Decrypt", "kms:ReEncryptFrom"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/User1"
    return document(
        allow("Enable IAM User Permissions", {"AWS": [session, f"arn:aws:iam::{ACCOUNT}:root"]}, "kms:*"),
        allow(
            "Allow CloudTrail to encrypt logs",
            {"Service": "cloudtrail.amazonaws.com"},
            "kms:GenerateDataKey*",
            Condition={"StringLike": OWN["StringLike"]},
        ),
        allow("Allow CloudTrail to describe key", {"Service": "cloudtrail.amazonaws.com"}, "kms:DescribeKey"),
        allow("Allow principals in the account to decrypt log files", {"AWS": reader}, both, Condition=OWN),
        allow("Enable cross account log decryption", {"AWS": cross}, both, Condition=OWN),
    )


def forty() -> str:
    """Forty statements with thirty ARN patterns, which all have to be told apart; and a wall around them."""
    patterns = [
        f"arn:aws:iam::*:role/{a}*{b}-{n}"
        for n, (a, b) in enumerate(zip("abcdefghij" * 3, "klmno" * 6, strict=True))
    ]
    statements = [
        allow(
            f"pattern-{n}", {"AWS": "*"}, "kms:Decrypt", Condition={"ArnLike": {"aws:PrincipalArn": pattern}}
        )
        for n, pattern in enumerate(patterns)
    ]
    statements += [
        allow(f"named-{n}", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/named-{n}"}, "kms:Decrypt")
        for n in range(10)
    ]
    return restrict_by_perimeter(document(*statements), (READER,), (TRAIL,))


def world(policy: str) -> tuple[Snapshot, Trail]:
    """A snapshot with one trail under one key, and no inventory: the open world."""
    trail = Trail(
        arn=TRAIL, name="management-events", home_region=REGION, s3_bucket_name="trail-logs", kms_key_id=KEY
    )
    return Snapshot(
        taken_at=datetime(2026, 11, 23, tzinfo=UTC),
        account=ACCOUNT,
        caller_arn=f"arn:aws:iam::{ACCOUNT}:root",
        partition="aws",
        region=REGION,
        trails=(trail,),
        keys=(KmsKey(arn=KEY, state=KeyState.ENABLED, policies=KeyPolicies(default=policy)),),
        buckets=(Bucket(name="trail-logs", region=REGION, account=ACCOUNT),),
    ), trail


def timed(policy: str) -> tuple[float, TrailAccessProof]:
    """Prove it five times."""
    snapshot, trail = world(policy)
    walls = []
    for _ in range(RUNS):
        started = time.perf_counter()
        proof = prove_trail(snapshot, trail, (READER,), open_world=True)
        walls.append(time.perf_counter() - started)
    return median(walls), proof


def main() -> None:
    """Time each policy; the bound is the peer."""
    cases = {
        "console": (console(), SMALL),
        "published": (console(reader=READER), SMALL),
        "both narrowed": (console(reader=READER, cross=READER), SMALL),
        "grant": (restrict_by_grant(console(), (READER,), (TRAIL,)), SMALL),
        "perimeter": (restrict_by_perimeter(console(), (READER,), (TRAIL,)), SMALL),
        "forty statements": (forty(), LARGE),
    }
    for name, (policy, bound) in cases.items():
        wall, shown = timed(policy)
        report(
            bench="prove",
            ours=wall,
            peer=bound,
            peer_name="the bound",
            unit="s",
            n=len(json.loads(policy)["Statement"]),
            ratio=bound / wall,
            case=name,
            verdict=shown.proof.verdict.value,
            kinds=shown.proof.kinds,
            decisions=shown.proof.decisions,
        )


if __name__ == "__main__":
    main()
