"""
Amazon Resource Names.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re

from msgspec import Struct

PARTS = 6
ACCOUNT = re.compile(r"\d{12}", re.ASCII)
"""The number of an account. Digits of other scripts are none."""
PARTITION = re.compile(r"aws(?:-[a-z]+)*")
"""The form of a partition's name."""
REGION = re.compile(r"[a-z]+(?:-[a-z]+)+-[0-9]+")
"""The form of a Region's name; which ones there are AWS goes on changing."""


class Arn(Struct, frozen=True, order=True):
    """An ARN taken apart; `str()` puts it together again."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """
        Return the parts of `text`.

        Raises:
            ValueError: `text` is not `arn:partition:service:region:account:resource`.
        """
        parts = text.split(":", PARTS - 1)
        if len(parts) != PARTS or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
            raise ValueError(text)
        return cls(*parts[1:])

    @property
    def resource_type(self) -> str:
        """The part before the first `/` or `:` of the resource, "" when it has neither."""
        for separator in "/:":
            head, found, _ = self.resource.partition(separator)
            if found:
                return head
        return ""

    @property
    def resource_name(self) -> str:
        """The resource without its type: `my/path/role` of `role/my/path/role`."""
        kind = self.resource_type
        return self.resource[len(kind) + 1 :] if kind else self.resource

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def bucket_arn(bucket: str, partition: str) -> str:
    """Return the ARN of a bucket, or with `/KEY` after its name that of an object."""
    return f"arn:{partition}:s3:::{bucket}"


def is_arn(text: str) -> bool:
    """Whether `text` parses as an ARN."""
    try:
        Arn.parse(text)
    except ValueError:
        return False
    return True


def account_of(text: str) -> str:
    """Return the account in an ARN, or in a pattern of some, "" when there is none."""
    parts = text.split(":", PARTS - 1)
    return parts[4] if len(parts) == PARTS else ""
