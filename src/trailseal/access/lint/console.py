"""
The key policies that the CloudTrail console makes, recognised in their present and older forms.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/default-kms-key-policy.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.access.lint.matching import EVERYBODY, TRAIL_PAIR, account_root, reaches
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement

ADMIN = "enable iam user permissions"
ENCRYPT = "allow cloudtrail to encrypt logs"
DESCRIBE = "allow cloudtrail to describe key"
DECRYPT = "allow principals in the account to decrypt log files"
CROSS = "enable cross account log decryption"
NAMES = (ADMIN, ENCRYPT, DESCRIBE, DECRYPT, CROSS)


class ConsoleForm(StrEnum):
    """The older form (2015 to 2021) has no aws:SourceArn."""

    PRESENT = "present"
    OLDER = "older"


class Recognised(Struct, frozen=True, kw_only=True):
    """Which form it is, and which of the console's statements were changed since."""

    form: ConsoleForm
    changed: tuple[str, ...] = ()


def recognise(policy: WrittenPolicy) -> Recognised | None:
    """Return the console form that the policy started from, None when it is none of the console's."""
    found = {s.sid.lower(): s for s in policy.statements}
    if not set(NAMES) <= set(found):
        return None
    pinned = any(c.key.lower() == "aws:sourcearn" for c in found[ENCRYPT].clauses)
    return Recognised(
        form=ConsoleForm.PRESENT if pinned else ConsoleForm.OLDER,
        changed=tuple(found[name].name for name in NAMES if not _as_made(name, found[name])),
    )


def _as_made(name: str, statement: WrittenStatement) -> bool:
    if not statement.grants or statement.negated:
        return False
    if name == ADMIN:
        return statement.actions == ("kms:*",) and any(account_root(p) for p in statement.principals)
    if name in {ENCRYPT, DESCRIBE}:
        action = "kms:GenerateDataKey" if name == ENCRYPT else "kms:DescribeKey"
        return reaches(statement, action) and not reaches(statement, "kms:Decrypt")
    keys = {c.key.lower() for c in statement.clauses}
    return EVERYBODY in statement.principals and keys == {
        "kms:calleraccount",
        TRAIL_PAIR,
    }
