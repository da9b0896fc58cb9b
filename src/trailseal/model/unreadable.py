"""What AWS would not tell us, as a value. Unknown is never a pass and never an absence."""

from __future__ import annotations

import re

from msgspec import Struct

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"})
"""The codes with which AWS says that the caller may not ask."""
LACKS = re.compile(r"is not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)")
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html."""

NOT_ASKED = "NotAsked"
"""The code of a fact that nobody wanted to know. It is no more known than one that was refused."""


def action_lacking(said: str) -> str:
    """Return the action that AWS's words of a refusal name, "" where they name none."""
    found = LACKS.search(said)
    return found[1] if found else ""


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
