"""Every copy of a trail's events, from a snapshot: each with its own encryption and its own readers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from trailseal.access.readers.estate import Estate
from trailseal.access.readers.event_copies import event_data_store, event_histories, log_group
from trailseal.access.readers.event_copy import NOT_LOOKED_AT, Copy, CopyKind, TrailCopies
from trailseal.access.readers.from_snapshot import estate_of
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.object_copies import access_point, replicas
from trailseal.messages import message
from trailseal.model.copies import NO_LOG_GROUP, Copies, EventDataStore, LogGroup
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

NOTHING_THERE = message("there is no such log group, so nothing lies in it")


def copies_of(snapshot: Snapshot, trail: Trail, target: LogObject, estate: Estate) -> TrailCopies | None:
    """
    Return the copies of a trail's events, None where nobody looked for any.

    `target` and `estate` are a log file of the trail with all that decides on it.
    """
    found = snapshot.copies
    if found is None:
        return None
    seen = structs.replace(
        snapshot, keys=(*snapshot.keys, *found.keys), buckets=(*snapshot.buckets, *found.replicas)
    )
    elsewhere = message(
        "event data stores of other accounts, and of other Regions than {regions}",
        regions=tuple(found.regions),
    )
    return TrailCopies(
        copies=(
            *_log_groups(found, seen, trail, estate, target),
            *event_histories(seen, trail, estate, target),
            *_stores(found, seen, trail, target),
            *replicas(seen, trail),
            *_access_points(found, seen, trail, estate, target),
        ),
        not_looked_at=(elsewhere, *NOT_LOOKED_AT),
    )


def _not_looked_at(kind: CopyKind, reason: Unreadable) -> Copy:
    return Copy(kind=kind, name=reason.where, unread=(reason,), looked_at=False)


def _log_groups(
    found: Copies, seen: Snapshot, trail: Trail, estate: Estate, target: LogObject
) -> Iterator[Copy]:
    wanted = trail.cloud_watch_logs_log_group_arn
    for group in found.log_groups:
        if isinstance(group, LogGroup):
            if group.arn == wanted:
                yield log_group(seen, trail, estate, target, group)
        elif group.where == wanted and group.code == NO_LOG_GROUP:
            yield Copy(kind=CopyKind.LOG_GROUP, name=wanted, encryption=NOTHING_THERE)
        elif group.where == wanted:
            yield _not_looked_at(CopyKind.LOG_GROUP, group)


def _stores(found: Copies, seen: Snapshot, trail: Trail, target: LogObject) -> Iterator[Copy]:
    for store in found.event_data_stores:
        if not isinstance(store, EventDataStore):
            yield _not_looked_at(CopyKind.EVENT_DATA_STORE, store)
        elif store.may_hold_events:
            yield event_data_store(seen, estate_of(seen, trail, kms_key=store.kms_key_id), target, store)


def _access_points(
    found: Copies, seen: Snapshot, trail: Trail, estate: Estate, target: LogObject
) -> Iterator[Copy]:
    for point in found.access_points:
        if isinstance(point, Unreadable):
            if point.where == trail.s3_bucket_name:
                yield _not_looked_at(CopyKind.ACCESS_POINT, point)
        elif point.bucket == trail.s3_bucket_name:
            yield access_point(seen, estate, target, point)
