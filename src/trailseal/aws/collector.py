"""
Reading an account into a snapshot: ListTrails once, then each trail in its home Region.

What is denied is `Unreadable` inside the snapshot; what stops everything is raised.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import structs

from trailseal.aws import key_reader
from trailseal.aws.bucket_reader import read_bucket
from trailseal.aws.delivered import Looker
from trailseal.aws.deliveries import trail_status
from trailseal.aws.errors import code_of, problem, stops, unreadable
from trailseal.aws.inventory import read_inventory
from trailseal.aws.session import AwsSession
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import ManagedBy, Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.run.ports import Scope

CONTROL_TOWER = "aws-controltower-"


class AwsCollector:
    """Reads one account."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def collect(self, scope: Scope) -> Snapshot:
        """
        Return what could be read.

        Raises:
            TrailsealError: there are no usable credentials, or the endpoint does not answer.
        """
        account, caller = self._session.caller()
        listed, unread = self._list_trails()
        organization = self._organization()
        described = [self._trail(entry) for entry in listed]
        trails = [trail for trail in described if isinstance(trail, Trail)]
        buckets = tuple(
            self._bucket(name, account) for name in dict.fromkeys(t.s3_bucket_name for t in trails)
        )
        deliveries = self._deliveries(trails, buckets, organization) if scope.deliveries else ()
        return Snapshot(
            taken_at=datetime.now(UTC),
            account=account,
            caller_arn=caller,
            partition=Arn.parse(caller).partition,
            region=self._session.region,
            trails=tuple(
                self._with_statuses(t, deliveries) if isinstance(t, Trail) else t for t in described
            ),
            keys=tuple(self._key(arn) for arn in dict.fromkeys(t.kms_key_id for t in trails if t.kms_key_id)),
            buckets=buckets,
            deliveries=deliveries,
            organization=organization,
            inventories=self._inventories(account, organization) if scope.principals else (),
            unreadable=unread,
        )

    def _list_trails(self) -> tuple[list[dict[str, str]], tuple[Unreadable, ...]]:
        client = self._session.client("cloudtrail")
        try:
            pages = client.get_paginator("list_trails").paginate()
            found = [trail for page in pages for trail in page["Trails"]]
        except (ClientError, BotoCoreError) as error:
            if stops(error):
                raise problem(error, call="cloudtrail:ListTrails") from error
            return [], (unreadable(error, call="cloudtrail:ListTrails", where=self._session.region),)
        return sorted({t["TrailARN"]: t for t in found}.values(), key=lambda t: str(t["TrailARN"])), ()

    def _trail(self, entry: dict[str, str]) -> Trail | UnreadTrail:
        arn, home = entry["TrailARN"], entry.get("HomeRegion") or Arn.parse(entry["TrailARN"]).region
        try:
            raw = self._session.client("cloudtrail", home).get_trail(Name=arn)["Trail"]
        except (ClientError, BotoCoreError) as error:
            if stops(error):
                raise problem(error, call="cloudtrail:GetTrail", where=arn) from error
            reason = unreadable(error, call="cloudtrail:GetTrail", where=arn)
            return UnreadTrail(arn=arn, name=entry.get("Name", ""), home_region=home, reason=reason)
        return Trail(
            arn=raw["TrailARN"],
            name=raw["Name"],
            home_region=raw.get("HomeRegion", home),
            s3_bucket_name=raw["S3BucketName"],
            s3_key_prefix=raw.get("S3KeyPrefix", ""),
            kms_key_id=raw.get("KmsKeyId", ""),
            is_multi_region_trail=bool(raw.get("IsMultiRegionTrail")),
            is_organization_trail=bool(raw.get("IsOrganizationTrail")),
            include_global_service_events=bool(raw.get("IncludeGlobalServiceEvents")),
            log_file_validation_enabled=bool(raw.get("LogFileValidationEnabled")),
            cloud_watch_logs_log_group_arn=raw.get("CloudWatchLogsLogGroupArn", ""),
            cloud_watch_logs_role_arn=raw.get("CloudWatchLogsRoleArn", ""),
            sns_topic_arn=raw.get("SnsTopicARN", ""),
            managed_by=self._managed_by(arn, home),
        )

    def _managed_by(self, arn: str, region: str) -> ManagedBy | Unreadable | None:
        """Return who else owns the trail's settings, by its tags and by Control Tower's name for it."""
        if Arn.parse(arn).resource_name.startswith(CONTROL_TOWER):
            return ManagedBy(kind="ControlTower")
        try:
            raw = self._session.client("cloudtrail", region).list_tags(ResourceIdList=[arn])
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="cloudtrail:ListTags", where=arn)
        tags = {t["Key"]: t.get("Value", "") for each in raw["ResourceTagList"] for t in each["TagsList"]}
        stack = tags.get("aws:cloudformation:stack-name")
        return ManagedBy(kind="CloudFormation", name=stack) if stack else None

    def _with_statuses(
        self, trail: Trail | UnreadTrail, deliveries: tuple[Delivery, ...]
    ) -> Trail | UnreadTrail:
        if isinstance(trail, UnreadTrail):
            return trail
        regions = {d.region for d in deliveries if d.bucket == trail.s3_bucket_name}
        wanted = {trail.home_region} | (regions if trail.is_multi_region_trail else set())
        return structs.replace(trail, statuses=tuple(self._status(trail.arn, r) for r in sorted(wanted)))

    def _status(self, arn: str, region: str) -> TrailStatus | Unreadable:
        return trail_status(self._session.client("cloudtrail", region), arn, region)

    def _key(self, arn: str) -> KmsKey | UnreadKey:
        return key_reader.read_key(self._session.client("kms", Arn.parse(arn).region), arn)

    def _bucket(self, name: str, account: str) -> Bucket | UnreadBucket:
        client = self._session.client("s3")
        region, owner = self._session.region, ""
        try:
            answer = client.head_bucket(Bucket=name, ExpectedBucketOwner=account)
            region, owner = answer.get("BucketRegion", region), account
        except ClientError as error:
            headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            region = headers.get("x-amz-bucket-region", region)
        return read_bucket(self._session.client("s3", region), name, owner=owner)

    def _organization(self) -> Organization | NoOrganization | Unreadable:
        client = self._session.client("organizations")
        try:
            raw = client.describe_organization()["Organization"]
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == "AWSOrganizationsNotInUseException":
                return NoOrganization()
            return unreadable(error, call="organizations:DescribeOrganization")
        return Organization(
            organization_id=raw["Id"],
            management_account=raw["MasterAccountId"],
            cloudtrail_administrators=_administrators(client),
        )

    def _inventories(
        self, account: str, organization: Organization | NoOrganization | Unreadable
    ) -> tuple[Inventory | Unreadable, ...]:
        """Return the principals of the account at hand; other accounts' are not ours to read."""
        iam, organizations = self._session.client("iam"), self._session.client("organizations")
        return (read_inventory(iam, organizations, account=account, organization=organization),)

    def _deliveries(
        self,
        trails: list[Trail],
        buckets: tuple[Bucket | UnreadBucket, ...],
        organization: Organization | NoOrganization | Unreadable,
    ) -> tuple[Delivery, ...]:
        found: dict[tuple[str, str, str, str], Delivery] = {}
        regions = {b.name: b.region for b in buckets if isinstance(b, Bucket) and isinstance(b.region, str)}
        for trail in trails:
            if trail.s3_bucket_name not in regions:
                continue
            looker = Looker(self._session.client("s3", regions[trail.s3_bucket_name]), trail.s3_bucket_name)
            for root, account in looker.accounts(trail, organization):
                for delivery in looker.newest(root, account):
                    found[(delivery.bucket, root, account, delivery.region)] = delivery
        return tuple(found[name] for name in sorted(found))


def _administrators(client: Any) -> tuple[str, ...]:
    try:
        pages = client.get_paginator("list_delegated_administrators").paginate(
            ServicePrincipal="cloudtrail.amazonaws.com"
        )
        return tuple(admin["Id"] for page in pages for admin in page["DelegatedAdministrators"])
    except (ClientError, BotoCoreError):
        return ()
