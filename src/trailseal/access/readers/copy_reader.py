"""Who reads a copy of the events, as the policies decide it."""

from __future__ import annotations

from collections.abc import Iterable

from trailseal.access.decision import DENIED, Effect
from trailseal.access.readers.doubt import doubt
from trailseal.access.readers.effects import Effects
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.event_copy import CopyReader
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.sureness import Sureness, WayToRead
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import NOT_ASKED, Unreadable

PRINCIPALS = "iam:GetAccountAuthorizationDetails"


def readers_among(
    estate: Estate, found: Iterable[tuple[Subject, Effects]], *, owner: str
) -> tuple[CopyReader, ...]:
    """
    Return those with a way, in their order; services, and principals that are gone, are left out.

    What an unread policy of the organization may deny is no more than possible.
    """
    readers = (
        CopyReader(
            principal=subject.arn,
            kind=subject.kind,
            account=subject.account,
            ways=_ways(effects, doubted=_is_doubted(estate, subject, owner)),
        )
        for subject, effects in found
        if subject.kind is not SubjectKind.SERVICE and subject.knowledge is not Knowledge.MISSING
    )
    return tuple(each for each in readers if each.ways)


def _is_doubted(estate: Estate, subject: Subject, owner: str) -> bool:
    return doubt(estate, subject.arn, account=subject.account, owner=owner) is not None


def _ways(effects: Effects, *, doubted: bool) -> tuple[WayToRead, ...]:
    return tuple(
        WayToRead(
            action=action,
            sureness=Sureness.OPEN if effect is Effect.ALLOWED and not doubted else Sureness.UNKNOWN,
        )
        for action, effect in effects
        if effect not in DENIED
    )


def unread_principals(snapshot: Snapshot, account: str) -> tuple[Unreadable, ...]:
    """Return why an account's principals are not known; nothing where they are."""
    for found in snapshot.inventories:
        if isinstance(found, Inventory) and found.account == account:
            return ()
        if isinstance(found, Unreadable) and found.where == account:
            return (found,)
    return (Unreadable(call=PRINCIPALS, code=NOT_ASKED, where=account),)
