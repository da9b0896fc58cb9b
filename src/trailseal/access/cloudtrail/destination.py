"""
Where a trail delivers: the bucket, and in it a folder for each account and Region that deliver.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.cloudtrail.named_places import NamedPlaces, named_places
from trailseal.access.parse.kind import PolicyKind
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, BucketEncryption, UnreadBucket
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.log_file import LogFileKey, StoredObject, account_folder, parse_log_file_key
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, TrailStatus

SOME_MEMBER = "000000000000"
"""Stands for a member account where nobody tells which there are."""
SOME_REGION = "xx-somewhere-0"
"""Stands for a Region of a multi-Region trail in which nothing of it was seen."""
SOME_ORGANIZATION = "o-0000000000"
"""Stands for an organization of which the ID is not known."""


class DeliveringPlace(Struct, frozen=True, kw_only=True):
    """
    An account and a Region whose files a trail delivers; `organization` is "" without one in the path.

    `is_stand_in`: whether it stands for places of which nobody has told, or of which policies alone speak.
    """

    account: str
    region: str
    organization: str = ""
    is_stand_in: bool = False


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

    What is not told has a stand-in, and one for each account and Region that the policies tell apart.
    """
    organization = _organization(trail, snapshot)
    seen = tuple(k for k in _seen(trail, snapshot) if organization in {k.organization, SOME_ORGANIZATION})
    regions, accounts = _regions(trail, seen), _accounts(trail, snapshot, seen)
    more = _untold(trail, snapshot, organization)
    some_regions = dict.fromkeys((trail.home_region, *more.regions))
    for folder in dict.fromkeys((organization, *more.organizations)):
        for account in dict.fromkeys((*accounts, *more.accounts)):
            is_told = folder != SOME_ORGANIZATION and folder not in more.organizations and account in accounts
            for region in dict.fromkeys((*regions, *more.regions)) if is_told else some_regions:
                yield DeliveringPlace(
                    account=account,
                    region=region,
                    organization=folder,
                    is_stand_in=not is_told or region not in regions,
                )


def _untold(trail: Trail, snapshot: Snapshot, organization: str) -> NamedPlaces:
    """
    Return what stands for the accounts, Regions and organizations of which nobody tells.

    Another Region of theirs is like the one that stands for all, or the policies name it.
    """
    named = tuple(_named(trail, snapshot))
    is_unknown = organization == SOME_ORGANIZATION
    return NamedPlaces(
        accounts=() if _is_told(trail, snapshot) else _and(SOME_MEMBER, *(each.accounts for each in named)),
        regions=_and(SOME_REGION, *(e.regions for e in named)) if trail.is_multi_region_trail else (),
        organizations=_and(SOME_ORGANIZATION, *(e.organizations for e in named)) if is_unknown else (),
    )


def _and(some: str, *named: tuple[str, ...]) -> tuple[str, ...]:
    return (some, *sorted({name for each in named for name in each}))


def _named(trail: Trail, snapshot: Snapshot) -> Iterator[NamedPlaces]:
    """Yield what the policies tell apart of the bucket, and of every key: each may become the trail's."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if isinstance(bucket, Bucket) and isinstance(bucket.policy, str):
        yield named_places(bucket.policy, PolicyKind.BUCKET)
    for key in snapshot.keys:
        if isinstance(key, KmsKey) and isinstance(key.policies, KeyPolicies):
            yield named_places(key.policies.default, PolicyKind.KEY)


def _regions(trail: Trail, seen: tuple[LogFileKey, ...]) -> tuple[str, ...]:
    """Return those that the trail's status was asked in, and those in which its files lie."""
    if not trail.is_multi_region_trail:
        return (trail.home_region,)
    asked = sorted({s.region for s in trail.statuses if isinstance(s, TrailStatus) and s.region})
    return tuple(dict.fromkeys((trail.home_region, *asked, *sorted({key.region for key in seen}))))


def _accounts(trail: Trail, snapshot: Snapshot, seen: tuple[LogFileKey, ...]) -> tuple[str, ...]:
    if not trail.is_organization_trail:
        return (trail.account,)
    organization = snapshot.organization
    listed = organization.accounts if isinstance(organization, Organization) else ()
    return tuple(dict.fromkeys((trail.account, *sorted({*listed, *(key.account for key in seen)}))))


def _is_told(trail: Trail, snapshot: Snapshot) -> bool:
    """Whether it is known which accounts deliver."""
    organization = snapshot.organization
    is_listed = isinstance(organization, Organization) and organization.accounts != ()
    return is_listed or not trail.is_organization_trail


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
    if trail.is_organization_trail:
        return key.organization != ""
    return key.organization == "" and key.account == trail.account
