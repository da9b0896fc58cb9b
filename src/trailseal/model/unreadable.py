"""What AWS would not tell us, as a value. Unknown is never a pass and never an absence."""

from __future__ import annotations

from msgspec import Struct

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"})
"""The codes with which AWS says that the caller may not ask."""

NOT_ASKED = "NotAsked"
"""The code of a fact that nobody wanted to know. It is no more known than one that was refused."""


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

    @property
    def is_denied(self) -> bool:
        """Whether the caller's permissions are what is missing, and not something else."""
        return self.code in DENIED
