"""Facts that nobody would tell: where any is missing, nobody knows that there is nothing to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.plan.concern import unread
from trailseal.plan.concern_facts import Code
from trailseal.plan.plan import Plan, seal


def unread_in(snapshot: Snapshot) -> Iterator[Unreadable]:
    """Yield what was asked for and not told, but for Security Hub's side, which no plan is about."""
    yield from _unread(structs.replace(snapshot, hubs=()))


def untold_in(snapshot: Snapshot) -> tuple[str, ...]:
    """
    Return the actions that whoever looked asked for in vain, of trails, keys and buckets.

    That a key or a bucket is not there any more, has been told. What of principals and copies was refused,
    the verbs that ask for them tell.
    """
    there = (each for each in (*snapshot.keys, *snapshot.buckets) if not _is_missing(each))
    return tuple(sorted({each.call for each in _unread((*snapshot.trails, *there))}))


def _is_missing(held: KmsKey | UnreadKey | Bucket | UnreadBucket) -> bool:
    return isinstance(held, UnreadKey | UnreadBucket) and held.is_missing


def _unread(value: object) -> Iterator[Unreadable]:
    if isinstance(value, Unreadable):
        if value.code != NOT_ASKED:
            yield value
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _unread(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _unread(each)


def sure_of_nothing(plan: Plan, unread_facts: Iterable[Unreadable]) -> Plan:
    """
    Return a plan that says that nothing is to do only where everything could be read.

    Any other plan says by its own concerns what its steps and refusals rest on, and comes back as it is.
    """
    if plan.can_apply or plan.refusals or not plan.is_complete:
        return plan
    reasons = dict.fromkeys((each.call, each.code, each.where) for each in unread_facts)
    if not reasons:
        return plan
    concerns = tuple(
        unread(Code.FACTS, where or plan.account, Unreadable(call=call, code=code, where=where))
        for call, code, where in reasons
    )
    return seal(structs.replace(plan, concerns=(*plan.concerns, *concerns)))
