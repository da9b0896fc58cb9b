"""Key policies for the tests: the console's two forms, and single statements."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT = "123456789012"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
TRAILS = f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/management-events"
OWN = {"StringEquals": {"kms:CallerAccount": ACCOUNT}, "StringLike": {CONTEXT: TRAILS}}


def statement(sid: str = "S", **more: Any) -> dict[str, Any]:
    """An Allow of kms:Decrypt to one user, with what `more` replaces."""
    base = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    return {k: v for k, v in {**base, **more}.items() if v is not None}


def policy(*statements: dict[str, Any]) -> str:
    """The JSON text of a policy with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def administration() -> dict[str, Any]:
    """A statement that keeps lint from missing an administrator."""
    return statement(
        "Admin", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/Admin"}, Action="kms:PutKeyPolicy"
    )


def encrypting(*, pinned: bool) -> dict[str, Any]:
    """CloudTrail's statement; `pinned` to one trail as in the console's present form."""
    condition: dict[str, Any] = {"StringLike": {CONTEXT: TRAILS}}
    if pinned:
        condition["StringEquals"] = {"aws:SourceArn": TRAIL}
    return statement(
        "Allow CloudTrail to encrypt logs",
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Action="kms:GenerateDataKey*",
        Condition=condition,
    )


def console(*, pinned: bool = False, reader: object = "*", cross: object = "*") -> str:
    """The console's policy; `reader` and `cross` replace the principals of its two decrypt statements."""
    both = ["kms:Decrypt", "kms:ReEncryptFrom"]
    root = {"AWS": [f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/User1", f"arn:aws:iam::{ACCOUNT}:root"]}
    return policy(
        statement("Enable IAM User Permissions", Principal=root, Action="kms:*"),
        encrypting(pinned=pinned),
        statement(
            "Allow CloudTrail to describe key",
            Principal={"Service": "cloudtrail.amazonaws.com"},
            Action="kms:DescribeKey",
        ),
        statement(
            "Allow principals in the account to decrypt log files",
            Principal={"AWS": reader},
            Action=both,
            Condition=OWN,
        ),
        statement(
            "Enable cross account log decryption", Principal={"AWS": cross}, Action=both, Condition=OWN
        ),
    )
