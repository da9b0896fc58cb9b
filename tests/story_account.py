"""The account of the story as a snapshot: its trail, bucket, key and principals, with no lab."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from key_policies import ACCOUNT, TRAIL, console
from plan_estate import taking
from trailseal.model.bucket import Bucket, BucketEncryption
from trailseal.model.key import Grant, KeyPolicies, KeyState, KmsKey
from trailseal.model.organization import NoOrganization
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail

REGION = "ap-northeast-1"
BUCKET = "trail-logs"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
USER1 = f"arn:aws:iam::{ACCOUNT}:user/user1"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/Admin"
ROLE1 = f"arn:aws:iam::{ACCOUNT}:role/Role1"
SESSION1 = f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/User1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OTHER = "arn:aws:iam::210987654321:role/Admin"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SERVICE_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def document(*statements: dict[str, Any]) -> str:
    """An identity policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


FETCHING = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"})
EVERYTHING = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
CONSOLE = console()
PUBLISHED = console(reader=USER1)
CROSS_NARROWED = console(reader=USER1, cross=USER1)
ROOT_NARROWED = json.dumps(
    {
        **json.loads(CROSS_NARROWED),
        "Statement": [
            {**s, "Principal": {"AWS": SESSION1}} if s["Sid"] == "Enable IAM User Permissions" else s
            for s in json.loads(CROSS_NARROWED)["Statement"]
        ],
    }
)


def person(name: str, *documents: str, kind: str = "user", trust: str = "", **more: Any) -> Principal:
    """A user or role with inline policies."""
    return Principal(
        arn=f"arn:aws:iam::{ACCOUNT}:{kind}/{name}",
        kind=PrincipalKind(kind),
        principal_id=("AIDA" if kind == "user" else "AROA") + name.upper().replace("/", ""),
        policies=tuple(NamedPolicy(name=f"inline-{n}", document=d) for n, d in enumerate(documents, 1)),
        trust=trust or (SERVICE_TRUST if kind == "role" else ""),
        **more,
    )


def people() -> tuple[Principal, ...]:
    """The story's principals: only the administrator has a KMS permission in IAM."""
    return (
        Principal(arn=ROOT, kind=PrincipalKind.ROOT),
        person("alice", FETCHING),
        person("user1", FETCHING),
        person("Role1", FETCHING, kind="role"),
        structs.replace(person("Admin", kind="role"), shared=(ADMINISTRATOR,)),
    )


def delivering_account(*given: Any, **more: Any) -> Snapshot:
    """The same account with a bucket policy that lets CloudTrail deliver, as a plan needs it."""
    return account(*given, **{"bucket_policy": taking(BUCKET), **more})


def account(
    key_policy: str = CONSOLE,
    *,
    sealed: bool = True,
    principals: tuple[Principal, ...] | None = None,
    bucket_policy: str = "",
    bucket_key: bool = False,
    grants: tuple[Grant, ...] = (),
    **inventory: Any,
) -> Snapshot:
    """The story's account with one trail, under a key with `key_policy` when it is `sealed`."""
    shared = (NamedPolicy(name=ADMINISTRATOR, document=EVERYTHING),)
    return Snapshot(
        taken_at=datetime(2026, 11, 23, tzinfo=UTC),
        account=ACCOUNT,
        caller_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/me",
        partition="aws",
        region=REGION,
        trails=(
            Trail(
                arn=TRAIL,
                name="management-events",
                home_region=REGION,
                s3_bucket_name=BUCKET,
                kms_key_id=KEY if sealed else "",
            ),
        ),
        keys=(
            (
                KmsKey(
                    arn=KEY, state=KeyState.ENABLED, policies=KeyPolicies(default=key_policy), grants=grants
                ),
            )
            if sealed
            else ()
        ),
        buckets=(
            Bucket(
                name=BUCKET,
                region=REGION,
                account=ACCOUNT,
                policy=bucket_policy,
                encryption=BucketEncryption(
                    sse_algorithm="aws:kms" if bucket_key else "AES256", bucket_key_enabled=bucket_key
                ),
            ),
        ),
        organization=NoOrganization(),
        inventories=(
            Inventory(
                account=ACCOUNT,
                principals=people() if principals is None else principals,
                shared=shared,
                **inventory,
            ),
        ),
    )
