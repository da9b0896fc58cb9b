"""
Where a trail's events lie beside its log files, and ways to the log files beside the bucket itself.

A key on the trail guards the log files alone: each of these has its own encryption and its own readers.
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.unreadable import Unreadable

OF_EVENTS = frozenset({"Management", "Data", "NetworkActivity", "Insight"})
"""Event categories that a trail has too. Source: CloudTrail's API_AdvancedFieldSelector."""


NO_LOG_GROUP = "ResourceNotFoundException"
"""The code of a log group that AWS does not list, as against one of which nobody may ask."""


class LogGroup(Struct, frozen=True, kw_only=True, tag="log_group"):
    """
    A log group of CloudWatch Logs; `destinations` are the ARNs that its subscription filters send to.

    Sources: API_LogGroup and API_SubscriptionFilter of CloudWatch Logs.
    """

    arn: str
    kms_key_id: str = ""
    destinations: tuple[str, ...] | Unreadable = ()


class EventDataStore(Struct, frozen=True, kw_only=True, tag="event_data_store"):
    """
    An event data store of CloudTrail Lake; `policy` is the JSON text of its own policy, "" for none.

    Source: CloudTrail's API_GetEventDataStore.
    """

    arn: str
    name: str
    kms_key_id: str = ""
    status: str = ""
    categories: tuple[str, ...] = ()
    """The categories of its events, empty where its selectors tell none."""
    policy: str | Unreadable = ""
    is_federated: bool = False
    """Whether Athena can query it too."""

    @property
    def is_pending_deletion(self) -> bool:
        """Whether it was deleted, and can be restored yet."""
        return self.status == "PENDING_DELETION"

    @property
    def may_hold_events(self) -> bool:
        """Whether what it holds can be what a trail records: others hold Config's items, say."""
        return not self.categories or bool(OF_EVENTS & {*self.categories})


class AccessPoint(Struct, frozen=True, kw_only=True, tag="access_point"):
    """
    An access point of a bucket; `policy` is the JSON text of its own policy, "" for none.

    Source: S3 Control's API_control_AccessPoint.
    """

    arn: str
    bucket: str
    network_origin: str = ""
    policy: str | Unreadable = ""


class Copies(Struct, frozen=True, kw_only=True):
    """
    What was found beside the log files; what could not be asked is there as `Unreadable`, by its `where`.

    That is a log group's ARN, a Region for event data stores, a bucket for access points.
    """

    log_groups: tuple[LogGroup | Unreadable, ...] = ()
    event_data_stores: tuple[EventDataStore | Unreadable, ...] = ()
    access_points: tuple[AccessPoint | Unreadable, ...] = ()
    replicas: tuple[Bucket | UnreadBucket, ...] = ()
    """The buckets that the trails' buckets are replicated to."""
    keys: tuple[KmsKey | UnreadKey, ...] = ()
    """The keys of all these that no trail has."""
    regions: tuple[str, ...] = ()
    """Where event data stores were looked for."""
