"""
The statements that a trail's key needs, and whole policies for a new key.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
and, for the console's, .../default-kms-key-policy.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.arn import Arn
from trailseal.plan.document import VERSION, Statement, write

CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
ENCRYPT, DESCRIBE, DECRYPT = (
    "AllowCloudTrailEncryptLogs",
    "AllowCloudTrailDescribeKey",
    "AllowCloudTrailDecrypt",
)
ADMINISTRATION = "EnableAdministrationThroughIam"


class KeyUse(Struct, frozen=True, kw_only=True):
    """Who will deliver under a key: the trails, and whether one of their buckets uses an S3 Bucket Key."""

    account: str
    """The account that owns the key."""
    partition: str
    trail_arns: tuple[str, ...]
    bucket_key: bool = False

    @property
    def contexts(self) -> tuple[str, ...]:
        """
        The encryption contexts to allow: one pattern for each account that owns a trail.

        For an organization's trail that is the management account, in every member.
        """
        accounts = dict.fromkeys(Arn.parse(arn).account for arn in self.trail_arns)
        return tuple(f"arn:{self.partition}:cloudtrail:*:{account}:trail/*" for account in accounts)


def needed_statements(use: KeyUse) -> tuple[Statement, ...]:
    """
    Return what CloudTrail itself needs, for exactly these trails.

    Decrypt is there only for a bucket with an S3 Bucket Key, where CloudTrail cannot do without.
    """
    source = {"aws:SourceArn": _one_or_list(use.trail_arns)}
    context = {CONTEXT: _one_or_list(use.contexts)}
    asked = [
        _for_cloudtrail(ENCRYPT, "kms:GenerateDataKey*", {"StringEquals": source, "StringLike": context}),
        _for_cloudtrail(DESCRIBE, "kms:DescribeKey", {"StringEquals": source}),
    ]
    if use.bucket_key:
        asked.append(_for_cloudtrail(DECRYPT, "kms:Decrypt", {"StringEquals": source}))
    return tuple(asked)


def _for_cloudtrail(sid: str, action: str, condition: dict[str, dict[str, str | list[str]]]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": CLOUDTRAIL},
        "Action": action,
        "Resource": "*",
        "Condition": condition,
    }


def least_policy(use: KeyUse) -> str:
    """
    Return the policy of a new key that lets in CloudTrail for these trails, and IAM's administrators.

    The account's IAM policies decide who administers and who reads, so nobody is locked out and
    nobody can read who is not given kms:Decrypt.
    """
    root = f"arn:{use.partition}:iam::{use.account}:root"
    administration: Statement = {
        "Sid": ADMINISTRATION,
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }
    return write({"Version": VERSION, "Statement": [administration, *needed_statements(use)]})


def console_policy(use: KeyUse, *, caller_arn: str) -> str:
    """
    Return the policy that the console writes today, which lets the whole account decrypt.

    Where the bucket has an S3 Bucket Key, the console's own form does not suffice and CloudTrail's
    kms:Decrypt is added.
    """
    encrypt, *_ = needed_statements(use)
    readers: dict[str, dict[str, str | list[str]]] = {
        "StringEquals": {"kms:CallerAccount": use.account},
        "StringLike": {CONTEXT: _one_or_list(use.contexts)},
    }
    root = f"arn:{use.partition}:iam::{use.account}:root"
    made: list[Statement] = [
        {
            "Sid": "Enable IAM user permissions",
            "Effect": "Allow",
            "Principal": {"AWS": _one_or_list(tuple(dict.fromkeys((root, caller_arn))))},
            "Action": "kms:*",
            "Resource": "*",
        },
        {**encrypt, "Sid": "Allow CloudTrail to encrypt logs"},
        {
            "Sid": "Allow CloudTrail to describe key",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "kms:DescribeKey",
            "Resource": "*",
        },
        _for_readers("Allow principals in the account to decrypt log files", readers),
        _for_readers("Enable cross account log decryption", readers),
    ]
    if use.bucket_key:
        made.append(needed_statements(use)[-1])
    return write({"Version": VERSION, "Id": "Key policy created by CloudTrail", "Statement": made})


def _for_readers(sid: str, condition: dict[str, dict[str, str | list[str]]]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
        "Resource": "*",
        "Condition": condition,
    }


def _one_or_list(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
