"""
Trails as GetTrail, GetEventSelectors and GetTrailStatus describe them.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import counted, message
from trailseal.model.arn import Arn
from trailseal.model.unreadable import Unreadable


class TrailStatus(Struct, frozen=True, kw_only=True, tag="status"):
    """
    One Region's answer to GetTrailStatus.

    A past error can stand beside a newer success, so the times decide, not the presence of an error.
    """

    region: str
    is_logging: bool
    latest_delivery_time: datetime | None = None
    latest_delivery_error: str = ""
    latest_digest_delivery_time: datetime | None = None
    latest_digest_delivery_error: str = ""
    start_logging_time: datetime | None = None
    stop_logging_time: datetime | None = None


class EventSelection(Struct, frozen=True, kw_only=True, tag="selection"):
    """Which events the trail records, reduced from basic or advanced event selectors."""

    read_management: bool
    write_management: bool
    data_resources: tuple[str, ...] = ()
    """Resource types with data events, `AWS::S3::Object` for instance."""
    excludes_kms: bool = False
    excluded_sources: tuple[str, ...] = ()
    """Event sources that are left out of the management events, `kms.amazonaws.com` for instance."""


class ManagedBy(Struct, frozen=True, kw_only=True, tag="managed_by"):
    """Who else owns the trail's settings and would put back what is changed beside it."""

    kind: str
    """`CloudFormation` or `ControlTower`."""
    name: str = ""
    """The stack, where CloudFormation owns it."""


class Trail(Struct, frozen=True, kw_only=True, tag="trail"):
    """
    A trail as its home Region describes it.

    `kms_key_id` is the key's ARN, and "" for SSE-S3, as UpdateTrail takes it. The account in
    `arn` is the owner: for an organization trail, the management account, wherever it is read from.
    """

    arn: str
    name: str
    home_region: str
    s3_bucket_name: str
    s3_key_prefix: str = ""
    kms_key_id: str = ""
    is_multi_region_trail: bool = False
    is_organization_trail: bool = False
    include_global_service_events: bool = False
    log_file_validation_enabled: bool = False
    cloud_watch_logs_log_group_arn: str = ""
    cloud_watch_logs_role_arn: str = ""
    sns_topic_arn: str = ""
    events: EventSelection | Unreadable | None = None
    statuses: tuple[TrailStatus | Unreadable, ...] = ()
    managed_by: ManagedBy | Unreadable | None = None

    @property
    def account(self) -> str:
        """The account that owns the trail."""
        return Arn.parse(self.arn).account

    @property
    def is_sealed(self) -> bool:
        """Whether the trail names a KMS key. It says nothing about whether the key works."""
        return self.kms_key_id != ""


class UnreadTrail(Struct, frozen=True, kw_only=True, tag="unread_trail"):
    """A trail that ListTrails names and that could not be described."""

    arn: str
    name: str
    home_region: str
    reason: Unreadable


def no_such_trail(names: tuple[str, ...], *, account: str) -> UsageProblem:
    """Return the error for trails that were named and are not there, all of them together."""
    return UsageProblem(
        counted(
            "there is no trail `{names}` in account {account}",
            "there are no trails `{names}` in account {account}",
            len(names),
            names="`, `".join(names),
            account=account,
        ),
        message("`trailseal check` lists the trails"),
    )


def no_trail(account: str) -> UsageProblem:
    """Return the error for a question about trails where there are none."""
    return UsageProblem(message("there is no trail in account {account}", account=account))
