"""The folders that a trail delivers to, as far as the newest delivered objects show them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trailseal.model.log_file import StoredObject, account_folder, parse_log_file_key
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.plan import Watched

LATELY = timedelta(hours=2)
"""A Region that delivered within this time is expected to deliver again, and is waited for."""


def places(trail: Trail, snapshot: Snapshot) -> Iterator[Watched]:
    """Yield each account's and Region's folder in which log files of `trail` lie."""
    for delivery in snapshot.deliveries:
        place = _place(delivery, trail, snapshot)
        if place is not None:
            yield place


def home_place(trail: Trail, snapshot: Snapshot) -> Watched:
    """
    Return where the trail's own account and home Region deliver.

    Turning a trail is an event in its home Region, so something comes there even where all was quiet.
    """
    organization = snapshot.organization if trail.is_organization_trail else None
    above = organization.organization_id if isinstance(organization, Organization) else ""
    return Watched(
        trail_arn=trail.arn,
        bucket=trail.s3_bucket_name,
        root=account_folder(prefix=trail.s3_key_prefix, organization=above, account=trail.account),
        account=trail.account,
        region=trail.home_region,
    )


def _place(delivery: Delivery, trail: Trail, snapshot: Snapshot) -> Watched | None:
    newest = delivery.log_file
    if delivery.bucket != trail.s3_bucket_name or not isinstance(newest, StoredObject):
        return None
    key = parse_log_file_key(newest.key)
    if key is None or key.prefix != trail.s3_key_prefix:
        return None
    return Watched(
        trail_arn=trail.arn,
        bucket=delivery.bucket,
        root=account_folder(prefix=key.prefix, organization=key.organization, account=key.account),
        account=delivery.account,
        region=delivery.region,
        lately=snapshot.taken_at - newest.last_modified <= LATELY,
    )


def shared_with(trail: Trail, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the other trails whose log files lie in the same folders, and look the same by name."""
    return tuple(
        other.arn
        for other in snapshot.trails
        if isinstance(other, Trail)
        and other.arn != trail.arn
        and (other.s3_bucket_name, other.s3_key_prefix) == (trail.s3_bucket_name, trail.s3_key_prefix)
        and other.kms_key_id != trail.kms_key_id
    )
