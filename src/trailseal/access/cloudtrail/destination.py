"""
Where a trail delivers: the bucket, and in it a folder for each account and Region that deliver.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, BucketEncryption, UnreadBucket
from trailseal.model.log_file import LogFileKey, StoredObject, account_folder, parse_log_file_key
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, TrailStatus

SOME_MEMBER = "000000000000"
"""Stands for a member account where nobody tells which there are."""
SOME_ORGANIZATION = "o-0000000000"
"""Stands for an organization of which the ID is not known."""


class DeliveringPlace(Struct, frozen=True, kw_only=True):
    """An account and a Region whose files a trail delivers; `organization` is "" without one in the path."""

    account: str
    region: str
    organization: str = ""

    @property
    def is_stand_in(self) -> bool:
        """Whether it stands for places of which nobody has told."""
        return self.account == SOME_MEMBER or self.organization == SOME_ORGANIZATION


class Destination(Struct, frozen=True, kw_only=True):
    """
    A trail's bucket and all that is delivered there; `bucket` is "" where it is not known.

    `places` has one at least, the trail's own account and Region.
    `bucket_key`: whether the bucket uses an S3 Bucket Key, None where that is not known.
    `digests`: whether log file validation is on, so that digest files are delivered too.
    """

    trail_arn: str
    partition: str
    bucket: str
    places: tuple[DeliveringPlace, ...]
    prefix: str = ""
    bucket_account: str = ""
    bucket_key: bool | None = False
    digests: bool = False

    def folder(self, place: DeliveringPlace) -> str:
        """Return `[prefix/]AWSLogs/[o-id/]account/`."""
        return account_folder(prefix=self.prefix, organization=place.organization, account=place.account)


def destination_of(trail: Trail, snapshot: Snapshot) -> Destination:
    """Return where a trail delivers, as far as a snapshot tells."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    return Destination(
        trail_arn=trail.arn,
        partition=snapshot.partition,
        bucket=trail.s3_bucket_name,
        prefix=trail.s3_key_prefix,
        places=tuple(_places(trail, snapshot)),
        bucket_account=bucket.account if isinstance(bucket, Bucket) else "",
        bucket_key=uses_bucket_key(bucket),
        digests=trail.log_file_validation_enabled,
    )


def somewhere(trail_arn: str, *, bucket_key: bool | None) -> Destination:
    """Return the destination of a trail of which nothing but its ARN is known: it is another account's."""
    arn = Arn.parse(trail_arn)
    place = DeliveringPlace(account=arn.account, region=arn.region)
    return Destination(
        trail_arn=trail_arn, partition=arn.partition, bucket="", places=(place,), bucket_key=bucket_key
    )


def uses_bucket_key(bucket: Bucket | UnreadBucket | None) -> bool | None:
    """Return whether what arrives in a bucket is encrypted under an S3 Bucket Key, None for not known."""
    encryption = bucket.encryption if isinstance(bucket, Bucket) else None
    return encryption.bucket_key_enabled if isinstance(encryption, BucketEncryption) else None


def _places(trail: Trail, snapshot: Snapshot) -> Iterator[DeliveringPlace]:
    """
    Yield every account in every Region: an account that has nothing there yet may have tomorrow.

    Regions are those that the trail's status was asked in, and those in which its files lie.
    """
    seen = tuple(_seen(trail, snapshot))
    organization = _organization(trail, snapshot)
    regions = dict.fromkeys((trail.home_region, *_regions(trail, seen)))
    for account in _accounts(trail, snapshot, seen):
        for region in regions:
            yield DeliveringPlace(account=account, region=region, organization=organization)


def _regions(trail: Trail, seen: tuple[LogFileKey, ...]) -> Iterator[str]:
    if trail.is_multi_region_trail:
        yield from sorted({s.region for s in trail.statuses if isinstance(s, TrailStatus) and s.region})
        yield from sorted({key.region for key in seen})


def _accounts(trail: Trail, snapshot: Snapshot, seen: tuple[LogFileKey, ...]) -> tuple[str, ...]:
    if not trail.is_organization_trail:
        return (trail.account,)
    organization = snapshot.organization
    listed = organization.accounts if isinstance(organization, Organization) else ()
    members = sorted({*listed, *(key.account for key in seen)}) if listed else [SOME_MEMBER]
    return tuple(dict.fromkeys((trail.account, *members, *(key.account for key in seen))))


def _organization(trail: Trail, snapshot: Snapshot) -> str:
    if not trail.is_organization_trail:
        return ""
    organization = snapshot.organization
    if isinstance(organization, Organization) and organization.management_account == trail.account:
        return organization.organization_id
    seen = {key.organization for key in _seen(trail, snapshot) if key.organization}
    return seen.pop() if len(seen) == 1 else SOME_ORGANIZATION


def _seen(trail: Trail, snapshot: Snapshot) -> Iterator[LogFileKey]:
    """Yield the keys of the newest objects that this trail may have delivered."""
    for delivery in snapshot.deliveries:
        for stored in (delivery.log_file, delivery.digest_file):
            if delivery.bucket == trail.s3_bucket_name and isinstance(stored, StoredObject):
                key = parse_log_file_key(stored.key)
                if key is not None and _may_be_of(key, trail):
                    yield key


def _may_be_of(key: LogFileKey, trail: Trail) -> bool:
    """Whether a trail may have put an object there: by its prefix, and its organization or its account."""
    if key.prefix != trail.s3_key_prefix:
        return False
    return bool(key.organization) if trail.is_organization_trail else key.account == trail.account
