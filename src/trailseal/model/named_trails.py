"""The trails of a snapshot that somebody named."""

from __future__ import annotations

from trailseal.errors import Incomplete
from trailseal.messages import message
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail, no_such_trail
from trailseal.model.unreadable import Unreadable


def wanted_named(snapshot: Snapshot, names: tuple[str, ...]) -> tuple[Trail | UnreadTrail, ...]:
    """
    Return the trails of these names or ARNs, all for none, in ARN order.

    Raises:
        UsageProblem: a trail was named that is not there; all such names are told together.
        Incomplete: it may be there, but AWS would not list the trails.
    """
    if not names:
        return tuple(in_order(snapshot))
    named = {name: [t for t in snapshot.trails if name in {t.name, t.arn}] for name in names}
    unknown = tuple(name for name, found in named.items() if not found)
    if unknown:
        need_list(snapshot)
        raise no_such_trail(unknown, account=snapshot.account)
    chosen = {trail.arn for found in named.values() for trail in found}
    return tuple(trail for trail in in_order(snapshot) if trail.arn in chosen)


def need_list(snapshot: Snapshot) -> None:
    """
    Return when the snapshot holds every trail that there is, so that one that it lacks does not exist.

    Raises:
        Incomplete: AWS would not list the trails.
    """
    for reason in snapshot.unreadable:
        raise not_told(reason)


def not_told(reason: Unreadable) -> Incomplete:
    """Return the error for an answer that rests on what AWS would not tell."""
    if not reason.is_denied:
        return Incomplete(message("not read: {call} {code}", call=reason.call, code=reason.code))
    return Incomplete(
        message("AWS does not allow {call}", call=reason.call),
        message("give the caller {call}; trailseal permissions prints all that is needed", call=reason.call),
    )


def in_order(snapshot: Snapshot) -> list[Trail | UnreadTrail]:
    """Return every trail, in ARN order."""
    return sorted(snapshot.trails, key=lambda trail: trail.arn)
