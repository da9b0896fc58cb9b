"""The newest delivered objects of trails, as one account may see them, folder by folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from trailseal.aws.bucket_owner import Membership
from trailseal.aws.delivered import Looker
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each
from trailseal.messages import N_, message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.passed_over import PassedOver
from trailseal.model.snapshot import Delivery
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.events import Observer

Buckets = Sequence[Bucket | UnreadBucket]
OBJECTS = N_("looking at delivered objects")


def newest_objects(
    session: AwsSession,
    trails: Sequence[Trail],
    buckets: Buckets,
    organization: Membership,
    *,
    observe: Observer,
) -> tuple[tuple[Delivery, ...], tuple[PassedOver, ...]]:
    """Return the newest objects of each folder, those that trails share once, and what is passed over."""
    regions = {b.name: b.region for b in buckets if isinstance(b, Bucket) and isinstance(b.region, str)}
    folders = {
        (t.s3_bucket_name, t.s3_key_prefix, t.is_organization_trail, t.account): t
        for t in trails
        if t.s3_bucket_name in regions
    }
    known = session.regions() | {trail.home_region for trail in trails}
    lookers = {
        name: Looker(session.client("s3", regions[name]), name, regions=known)
        for name in dict.fromkeys(bucket for bucket, *_ in folders)
    }
    accounts = each(
        lambda t: [
            (lookers[t.s3_bucket_name], *place)
            for place in lookers[t.s3_bucket_name].accounts(t, organization)
        ],
        folders.values(),
    )
    places = each(
        lambda each_one: each_one[0].places(each_one[1], each_one[2]),
        {(id(p[0]), p[1]): p for found in accounts for p in found}.values(),
    )
    now = datetime.now(UTC)
    seen = each(
        lambda place: place.look(now),
        sorted((p for found in places for p in found), key=lambda p: p.order),
        what=message(OBJECTS),
        observe=observe,
    )
    strays = sorted(stray for looker in lookers.values() for stray in looker.strays)
    return (*seen, *_out_of_sight(trails, buckets)), tuple(strays)


def _out_of_sight(trails: Sequence[Trail], buckets: Buckets) -> list[Delivery]:
    """Return what is delivered into buckets that cannot be looked into: not known, which is not nothing."""
    reasons = {b.name: b.reason if isinstance(b, UnreadBucket) else b.region for b in buckets}
    return [
        Delivery(bucket=t.s3_bucket_name, account=t.account, region=t.home_region, log_file=reason)
        for t in trails
        if isinstance(reason := reasons.get(t.s3_bucket_name), Unreadable)
    ]
