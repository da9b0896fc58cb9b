"""
Copies of a trail's events beside its log files, as values: what each is, what guards it, who reads it.

They stand apart from what finds them, so that a check that looks for none does not load it.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, structs

from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.sureness import Sureness, WayToRead
from trailseal.messages import Message, message
from trailseal.model.unreadable import NOT_ASKED, Unreadable

NOT_LOOKED_AT = (
    message("access points of other accounts, and Object Lambda access points"),
    message("subscription filters of the whole account, and what subscribers do with the events"),
    message("who is shown a log group from another account (CloudWatch cross-account observability)"),
    message("what a replication rule copied before it was turned off"),
    message("what somebody queried, exported or downloaded"),
)


class CopyKind(StrEnum):
    """What a copy is; an access point is another way to the log files themselves."""

    LOG_GROUP = "log group"
    EVENT_HISTORY = "Event history"
    EVENT_DATA_STORE = "event data store"
    REPLICA = "replica"
    ACCESS_POINT = "access point"


class CopyReader(Struct, frozen=True, kw_only=True):
    """Somebody who can read a copy, or may be able to, with each action by which that goes."""

    principal: str
    kind: SubjectKind
    account: str
    ways: tuple[WayToRead, ...]

    @property
    def is_sure(self) -> bool:
        """Whether one way is open for certain."""
        return any(way.sureness is Sureness.OPEN for way in self.ways)


class Copy(Struct, frozen=True, kw_only=True):
    """
    A copy. With something `unread` there may be more readers than are named, and where it was not
    `looked_at` nothing is known of it.

    `kms_key` is the customer's own key, "" for none; `goes_on_to` is where it is sent on.
    """

    kind: CopyKind
    name: str
    account: str = ""
    kms_key: str = ""
    encryption: Message | None = None
    """What guards it in words; None where that is not known."""
    readers: tuple[CopyReader, ...] = ()
    goes_on_to: tuple[str, ...] = ()
    remarks: tuple[Message, ...] = ()
    unread: tuple[Unreadable, ...] = ()
    looked_at: bool = True


class TrailCopies(Struct, frozen=True, kw_only=True):
    """The copies of one trail's events, and what was not looked for."""

    copies: tuple[Copy, ...]
    only: str = ""
    """The one whose readings alone are kept, "" where all are."""
    not_looked_at: tuple[Message, ...] = NOT_LOOKED_AT

    @property
    def unread(self) -> tuple[Unreadable, ...]:
        """What was asked for and refused, once each."""
        found = (each for copy in self.copies for each in copy.unread if each.code != NOT_ASKED)
        return tuple(dict.fromkeys(found))

    def of(self, principal: str) -> TrailCopies:
        """Return the copies with this one of their readers alone."""
        kept = (
            structs.replace(c, readers=tuple(r for r in c.readers if r.principal == principal))
            for c in self.copies
        )
        return structs.replace(self, copies=tuple(kept), only=principal)
