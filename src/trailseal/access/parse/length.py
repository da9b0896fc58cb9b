"""
How long a policy may be, by its kind.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

import re

from msgspec import Struct

from trailseal.access.parse.kind import PolicyKind
from trailseal.messages import Message, message

BLANKS = re.compile(r"\s+")


class Limit(Struct, frozen=True):
    """The most that AWS takes: bytes, or characters, where IAM leaves blanks uncounted."""

    most: int
    in_bytes: bool = False
    blanks_count: bool = True


LIMITS = {
    PolicyKind.KEY: Limit(32_768, in_bytes=True),
    PolicyKind.BUCKET: Limit(20_480, in_bytes=True),
    PolicyKind.IDENTITY: Limit(10_240, blanks_count=False),
    PolicyKind.BOUNDARY: Limit(6_144, blanks_count=False),
    PolicyKind.SESSION: Limit(2_048),
    PolicyKind.TRUST: Limit(8_192, blanks_count=False),
    PolicyKind.SCP: Limit(10_240),
    PolicyKind.RCP: Limit(5_120),
    PolicyKind.ENDPOINT: Limit(20_480),
}
"""
Of an identity policy the widest: a role's inline policies together. A managed policy has 6,144, a
user's inline policies 2,048 and a group's 5,120. A trust policy has 2,048 until the quota is raised.
"""


def length_problem(text: str, kind: PolicyKind) -> Message | None:
    """Return what to say of a text that is longer than AWS takes of its kind; None when it fits."""
    limit = LIMITS.get(kind)
    if limit is None:
        return None
    length = len(text.encode(errors="surrogatepass")) if limit.in_bytes else len(_counted(text, limit))
    if length <= limit.most:
        return None
    if limit.in_bytes:
        return message(
            "the policy has {length} bytes; AWS takes {most} of this kind", length=length, most=limit.most
        )
    return message(
        "the policy has {length} characters; AWS takes {most} of this kind", length=length, most=limit.most
    )


def _counted(text: str, limit: Limit) -> str:
    return text if limit.blanks_count else BLANKS.sub("", text)
