"""`trailseal who` over 10,000 principals with five managed policies each, as a whole process."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from measure import RUNS, median, report, run

from trailseal.model.bucket import Bucket
from trailseal.model.document import encode
from trailseal.model.key import KeyPolicies, KeyState, KmsKey
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail

PRINCIPALS = 10_000
POLICIES = 600
EACH = 5
BUDGET = 5.0
ACCOUNT = "123456789012"
BUCKET = "trail-logs"
KEY = f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/management-events"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"


def allow(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    """One Allow."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, object]) -> str:
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def managed(chance: random.Random) -> tuple[NamedPolicy, ...]:
    """Six hundred policies: most about other services, some about S3, KMS, IAM and roles."""
    made = []
    for number in range(POLICIES):
        name = f"arn:aws:iam::{ACCOUNT}:policy/team-{number}"
        statements = [
            allow([f"ec2:Describe{n}" for n in range(12)]),
            allow(["dynamodb:GetItem", "dynamodb:Query"], f"arn:aws:dynamodb:*:{ACCOUNT}:table/t{number}-*"),
            allow("logs:*", f"arn:aws:logs:*:{ACCOUNT}:log-group:/team/{number}/*"),
        ]
        if number % 10 == 0:
            statements.append(
                allow(["s3:Get*", "s3:List*"], [f"arn:aws:s3:::{BUCKET}/*", f"arn:aws:s3:::b{number}/*"])
            )
        if number % 15 == 0:
            statements.append(allow("kms:Decrypt", KEY))
        if number % 40 == 0:
            statements.append(
                allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/team-{chance.randrange(99)}*")
            )
        if number % 97 == 0:
            statements.append(allow("*"))
        made.append(NamedPolicy(name=name, document=document(*statements)))
    return tuple(made)


def snapshot() -> Snapshot:
    """An account whose key has the console's policy after the published restriction is put right."""
    chance = random.Random(1)  # noqa: S311 - the same estate each time
    policies = managed(chance)
    names = [p.name for p in policies]
    trust = document(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    )
    principals = tuple(
        Principal(
            arn=f"arn:aws:iam::{ACCOUNT}:{'role' if n % 3 else 'user'}/team-{n}",
            kind=PrincipalKind.ROLE if n % 3 else PrincipalKind.USER,
            shared=tuple(chance.sample(names, EACH)),
            trust=trust if n % 3 else "",
        )
        for n in range(PRINCIPALS)
    )
    return Snapshot(
        taken_at=datetime(2026, 11, 23, tzinfo=UTC),
        account=ACCOUNT,
        caller_arn=f"arn:aws:iam::{ACCOUNT}:root",
        partition="aws",
        region="ap-northeast-1",
        trails=(
            Trail(
                arn=TRAIL,
                name="management-events",
                home_region="ap-northeast-1",
                s3_bucket_name=BUCKET,
                kms_key_id=KEY,
            ),
        ),
        keys=(KmsKey(arn=KEY, state=KeyState.ENABLED, policies=KeyPolicies(default=key_policy())),),
        buckets=(Bucket(name=BUCKET, region="ap-northeast-1", account=ACCOUNT),),
        inventories=(Inventory(account=ACCOUNT, principals=principals, shared=policies),),
    )


def key_policy() -> str:
    """The account's IAM policies decide, and one user is named."""
    return document(
        allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        allow(
            "kms:Decrypt",
            Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/team-3"},
            Condition={"StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}},
        ),
    )


def main() -> None:
    """Measure whole processes on one saved snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "snapshot.json")
        saved.write_bytes(encode(snapshot()))
        command = [sys.executable, "-m", "trailseal", "who", "--snapshot", str(saved), "--format", "json"]
        runs = [run(command) for _ in range(RUNS)]
        answer = json.loads(runs[0].output)["trails"][0]
    wall = median([r.wall for r in runs])
    report(
        bench="who",
        ours=wall,
        peer=BUDGET,
        peer_name="the bound, 5 s and 300 MB",
        unit="s",
        n=PRINCIPALS,
        ratio=BUDGET / wall,
        peak_memory_mb=round(max(r.peak_memory for r in runs) / 1e6, 1),
        readers=answer["standing"]["readers"],
    )


if __name__ == "__main__":
    main()
