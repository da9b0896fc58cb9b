"""What AWS would not tell us, as a value. Unknown is never a pass and never an absence."""

from __future__ import annotations

from msgspec import Struct


class Unreadable(Struct, frozen=True, kw_only=True, tag="unreadable"):
    """
    A fact that was asked for and not given.

    `call` is the IAM action that the question needs (`s3:GetBucketPolicy`), `code` AWS's error
    code, `where` the resource or Region asked about.
    """

    call: str
    code: str
    where: str = ""
    detail: str = ""
