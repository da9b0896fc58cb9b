"""
Where the events of trails lie beside the log files: log groups, event data stores, replicas, access points.

What is refused, or is another account's to tell, is `Unreadable` in its place.
Sources:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import structs

from trailseal.aws.accounts import owns
from trailseal.aws.bucket_owner import Membership
from trailseal.aws.errors import code_of, unreadable
from trailseal.aws.key_reader import read_key
from trailseal.aws.moving_lists import Steps
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each, together
from trailseal.aws.trail_bucket import look_at_bucket
from trailseal.model.arn import Arn, account_of, is_arn
from trailseal.model.bucket import Bucket, Replication, UnreadBucket
from trailseal.model.copies import NO_LOG_GROUP, AccessPoint, Copies, EventDataStore, LogGroup
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.trail import Trail
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.run.ports import SnapshotScope

T = TypeVar("T")
GROUPS, SUBSCRIPTIONS = "logs:DescribeLogGroups", "logs:DescribeSubscriptionFilters"
STORES, STORE, STORE_POLICY = (
    "cloudtrail:ListEventDataStores",
    "cloudtrail:GetEventDataStore",
    "cloudtrail:GetResourcePolicy",
)
POINTS, POINT_POLICY = "s3:ListAccessPoints", "s3:GetAccessPointPolicy"
NO_POLICY = frozenset({"ResourcePolicyNotFoundException", "NoSuchAccessPointPolicy"})


class CopyFinder:
    """Looks for the copies of trails' events with one account's credentials."""

    def __init__(
        self, session: AwsSession, account: str, organization: Membership, scope: SnapshotScope
    ) -> None:
        self._session = session
        self._account = account
        self._organization = organization
        self._scope = scope

    def read(
        self,
        trails: Sequence[Trail],
        buckets: Sequence[Bucket | UnreadBucket],
        known_keys: Iterable[str],
        *,
        found: Copies | None = None,
    ) -> Copies:
        """
        Return what the account can tell; a log group of another account is its own to tell.

        What another account has `found` is looked at again where it is this one's: replicas and keys. Event
        data stores are then left out: they hold what this account chose.

        Raises:
            TrailsealError: nobody answers for a bucket or a key.
        """
        groups = dict.fromkeys(
            t.cloud_watch_logs_log_group_arn for t in trails if t.cloud_watch_logs_log_group_arn
        )
        homes = dict.fromkeys((*(t.home_region for t in trails), self._session.region))
        regions = tuple(homes) if found is None else ()
        earlier = found or Copies()
        own = (b.name for b in earlier.replicas if owns(self._session, b.name))
        targets = dict.fromkeys((*own, *(name for bucket in buckets for name in _destinations(bucket))))
        asked: tuple[Any, ...] = together(
            lambda: each(self._log_group, groups),
            lambda: each(self._stores, regions),
            lambda: each(self._access_points, buckets),
            lambda: each(self._replica, targets),
        )
        log_groups, stores, points, replicas = asked
        held = tuple(one for part in stores for one in part)
        named = (
            *(key.arn for key in earlier.keys if account_of(key.arn) == self._account),
            *(store.kms_key_id for store in held if isinstance(store, EventDataStore)),
            *_replica_keys(buckets),
        )
        keys = dict.fromkeys(key for key in named if is_arn(key) and key not in {*known_keys})
        return Copies(
            log_groups=log_groups,
            event_data_stores=held,
            access_points=tuple(one for part in points for one in part),
            replicas=replicas,
            keys=each(self._key, keys),
            regions=regions,
        )

    def _log_group(self, arn: str) -> LogGroup | Unreadable:
        if account_of(arn) != self._account:
            return Unreadable(call=GROUPS, code=NOT_ASKED, where=arn)
        place = Arn.parse(arn)
        name = place.resource.removeprefix("log-group:").removesuffix(":*")
        logs = self._session.client("logs", place.region)
        listing = logs.get_paginator("describe_log_groups")
        pages = _asked(GROUPS, arn, lambda: list(listing.paginate(logGroupNamePrefix=name)))
        if isinstance(pages, Unreadable):
            return pages
        groups = (group for page in pages for group in page["logGroups"])
        raw = next((group for group in groups if group["logGroupName"] == name), None)
        if raw is None:
            return Unreadable(call=GROUPS, code=NO_LOG_GROUP, where=arn)
        filters = logs.get_paginator("describe_subscription_filters")
        sent = _asked(
            SUBSCRIPTIONS,
            arn,
            lambda: tuple(
                each_filter["destinationArn"]
                for page in filters.paginate(logGroupName=name)
                for each_filter in page["subscriptionFilters"]
            ),
        )
        return LogGroup(arn=arn, kms_key_id=raw.get("kmsKeyId", ""), destinations=sent)

    def _stores(self, region: str) -> tuple[EventDataStore | Unreadable, ...]:
        client = self._session.client("cloudtrail", region)
        listed = _asked(
            STORES,
            region,
            lambda: list(_all(client.list_event_data_stores, "ListEventDataStores", "EventDataStores")),
        )
        if isinstance(listed, Unreadable):
            return (listed,)
        return each(lambda arn: _store(client, arn), [one["EventDataStoreArn"] for one in listed])

    def _access_points(self, bucket: Bucket | UnreadBucket) -> tuple[AccessPoint | Unreadable, ...]:
        region = bucket.reason if isinstance(bucket, UnreadBucket) else bucket.region
        if isinstance(region, Unreadable):  # another Region lists none of them, and refuses nothing
            return (structs.replace(region, where=bucket.name),)
        client = self._session.client("s3control", region)

        def ask(**page: str) -> Any:
            return client.list_access_points(AccountId=self._account, Bucket=bucket.name, **page)

        listed = _asked(POINTS, bucket.name, lambda: list(_all(ask, "ListAccessPoints", "AccessPointList")))
        if isinstance(listed, Unreadable):
            return (listed,)
        return each(lambda raw: self._access_point(client, bucket.name, raw), listed)

    def _access_point(self, client: Any, bucket: str, raw: dict[str, Any]) -> AccessPoint:
        name = raw["Name"]
        policy = _asked(
            POINT_POLICY,
            raw["AccessPointArn"],
            lambda: str(client.get_access_point_policy(AccountId=self._account, Name=name)["Policy"]),
            none="",
        )
        return AccessPoint(
            arn=raw["AccessPointArn"],
            bucket=bucket,
            network_origin=raw.get("NetworkOrigin", ""),
            policy=policy,
        )

    def _replica(self, name: str) -> Bucket | UnreadBucket:
        return look_at_bucket(
            self._session,
            name,
            account=self._account,
            trails=(),
            organization=self._organization,
            scope=self._scope,
        )

    def _key(self, arn: str) -> KmsKey | UnreadKey:
        return read_key(self._session.client("kms", Arn.parse(arn).region), arn)


def _store(client: Any, arn: str) -> EventDataStore | Unreadable:
    raw = _asked(STORE, arn, lambda: client.get_event_data_store(EventDataStore=arn))
    if isinstance(raw, Unreadable):
        return raw
    policy = _asked(
        STORE_POLICY,
        arn,
        lambda: str(client.get_resource_policy(ResourceArn=arn).get("ResourcePolicy", "")),
        none="",
    )
    return EventDataStore(
        arn=raw["EventDataStoreArn"],
        name=raw["Name"],
        kms_key_id=raw.get("KmsKeyId", ""),
        status=raw.get("Status", ""),
        categories=tuple(dict.fromkeys(_categories(raw))),
        policy=policy,
        is_federated=raw.get("FederationStatus", "DISABLED") != "DISABLED",
    )


def _categories(raw: dict[str, Any]) -> Iterator[str]:
    for selector in raw.get("AdvancedEventSelectors", ()):
        for field in selector["FieldSelectors"]:
            if field["Field"] == "eventCategory":
                yield from field.get("Equals", ())


def _destinations(bucket: Bucket | UnreadBucket) -> Iterator[str]:
    if isinstance(bucket, Bucket) and isinstance(bucket.replication, Replication):
        for rule in bucket.replication.rules:
            if rule.enabled:
                yield Arn.parse(rule.destination).resource if is_arn(rule.destination) else rule.destination


def _replica_keys(buckets: Iterable[Bucket | UnreadBucket]) -> Iterator[str]:
    for bucket in buckets:
        if isinstance(bucket, Bucket) and isinstance(bucket.replication, Replication):
            yield from (rule.replica_kms_key_id for rule in bucket.replication.rules if rule.enabled)


def _all(ask: Callable[..., Any], operation: str, member: str) -> Iterator[dict[str, Any]]:
    """Yield everything that an operation lists, page by page; botocore has no paginator for it."""
    steps, token = Steps(operation), ""
    while True:
        page = ask(**({"NextToken": token} if token else {}))
        found, token = page.get(member) or (), page.get("NextToken", "")
        steps.take(page, [found])
        yield from found
        if not token:
            return


def _asked(call: str, where: str, ask: Callable[[], T], *, none: T | None = None) -> T | Unreadable:
    """Return the answer, or why there is none; `none` is what it comes to that there is no such thing."""
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        if none is not None and code_of(error) in NO_POLICY:
            return none
        return unreadable(error, call=call, where=where)
