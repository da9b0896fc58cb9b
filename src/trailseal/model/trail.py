"""
Trails as GetTrail, GetEventSelectors and GetTrailStatus describe them.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import counted, message
from trailseal.model.arn import Arn
from trailseal.model.unreadable import Unreadable

LOG_FILE_DUE = timedelta(minutes=15)
"""
A log file that is no older shows that deliveries arrive: they take about five minutes, not guaranteed.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""
DIGEST_FILE_DUE = timedelta(hours=2)
"""
So long after an hour begins, its digest file has been delivered; a newest one that is older is late.

One comes each hour, also where nothing happened.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""
SAME_ATTEMPT = timedelta(minutes=1)
"""An attempt that began so shortly before a delivery, and not after it, is the one that delivered."""


class TrailStatus(Struct, frozen=True, kw_only=True, tag="status"):
    """
    One Region's answer to GetTrailStatus.

    A past error can stand beside a newer success, so the times decide, not the presence of an error.
    """

    region: str
    is_logging: bool
    latest_delivery_time: datetime | None = None
    latest_delivery_error: str = ""
    latest_delivery_attempt_time: datetime | None = None
    """A field that AWS documents as no longer in use: a hint, where it is given."""
    latest_digest_delivery_time: datetime | None = None
    latest_digest_delivery_error: str = ""
    latest_cloud_watch_logs_delivery_time: datetime | None = None
    latest_cloud_watch_logs_delivery_error: str = ""
    start_logging_time: datetime | None = None
    stop_logging_time: datetime | None = None

    @property
    def log_file_error(self) -> str:
        """
        The error of delivering log files, "" for none and for one that a delivery has followed.

        AWS gives no time of an error. Only where the last attempt is the one that delivered is it past.
        """
        delivered, tried = self.latest_delivery_time, self.latest_delivery_attempt_time
        if delivered and tried and timedelta() <= delivered - tried <= SAME_ATTEMPT:
            return ""
        return self.latest_delivery_error

    @property
    def standing_error(self) -> str:
        """The error of delivering log files or digest files that no delivery is known to have followed."""
        return self.log_file_error or self.latest_digest_delivery_error

    def has_late_digest(self, now: datetime) -> bool:
        """Whether digest files have been due for long enough, had validation been on, and there is none."""
        last, start = self.latest_digest_delivery_time, self.start_logging_time
        if not self.is_logging or is_within(DIGEST_FILE_DUE, start, now):
            return False
        return not is_within(DIGEST_FILE_DUE, last, now) if last or start else False


def is_within(span: timedelta, at: datetime | None, now: datetime) -> bool:
    """Whether something was so short a time ago; what has never been was not."""
    return at is not None and now - at < span


class FieldSelector(Struct, frozen=True, kw_only=True):
    """What one field of an event has to be: one of the wanted values, and none of the others."""

    field: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


class DataSelector(Struct, frozen=True, kw_only=True):
    """Data events that are recorded: those that every field takes in."""

    fields: tuple[FieldSelector, ...]


class EventSelection(Struct, frozen=True, kw_only=True, tag="selection"):
    """Which events the trail records, reduced from basic or advanced event selectors."""

    read_management: bool
    write_management: bool
    data_resources: tuple[str, ...] = ()
    """Resource types with data events, `AWS::S3::Object` for instance."""
    data_selectors: tuple[DataSelector, ...] = ()
    """Which data events those are; basic selectors are told as the advanced ones that they come to."""
    excludes_kms: bool = False
    excluded_sources: tuple[str, ...] = ()
    """
    Event sources that any selector leaves out of the management events, `kms.amazonaws.com` for instance.

    Another selector may take them in all the same.
    """
    as_given: str = ""
    """The selectors as GetEventSelectors gave them, as JSON text; "" for the default."""
    unclear: tuple[str, ...] = ()
    """Fields and operators of advanced selectors that AWS's page does not name for management events."""


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
    validation_turned_on: datetime | Unreadable | None = None
    """
    When validation was turned on, where that was within the time in which a digest file is due.

    None where it was not, and where nobody asked because digest files are not late.
    """
    managed_by: ManagedBy | Unreadable | None = None

    @property
    def account(self) -> str:
        """The account that owns the trail."""
        return Arn.parse(self.arn).account

    @property
    def is_sealed(self) -> bool:
        """Whether the trail names a KMS key. It says nothing about whether the key works."""
        return self.kms_key_id != ""

    @property
    def home_status(self) -> TrailStatus | None:
        """What GetTrailStatus says in the home Region, None where it was not read."""
        told = (each for each in self.statuses if isinstance(each, TrailStatus))
        return next((each for each in told if each.region == self.home_region), None)


class UnreadTrail(Struct, frozen=True, kw_only=True, tag="unread_trail"):
    """A trail that ListTrails names and that could not be described."""

    arn: str
    name: str
    home_region: str
    reason: Unreadable


class NoSuchTrail(UsageProblem):
    """CloudTrail does not know a trail that was named."""


def no_such_trail(names: tuple[str, ...], *, account: str) -> NoSuchTrail:
    """Return the error for trails that were named and are not there, all of them together."""
    return NoSuchTrail(
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
