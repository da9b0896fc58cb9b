"""
What the use cases need from the outside, as Protocols. `aws` provides them, tests fake them.

Each verb's room adds the port that it needs here and nothing more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from trailseal.model.activity import Activity
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


class SnapshotScope(Struct, frozen=True, kw_only=True):
    """
    What a snapshot should hold.

    `trails` are names or ARNs, empty for all; `settings` asks for how they, their keys and buckets are set up
    beside where log files lie and under which key, `statuses` with that for what trails record, whether they
    deliver and who manages them; `principals` for the IAM inventory; `deliveries` for the newest delivered
    objects; `hub` for Security Hub's side; `owners` for the CloudFormation stacks that would put back what is
    changed beside them; `effects` for the bucket settings that a change of its objects sets off (versions,
    replication, notifications, Object Lock, lifecycle), `bucket_settings` for single ones whatever else is
    asked; `acls` for whether the buckets' objects can have ACLs; `validation` for when it was turned on,
    where digest files are late; `copies` for where the events lie beside the log files.
    """

    trails: tuple[str, ...] = ()
    settings: bool = True
    statuses: bool = True
    deliveries: bool = True
    hub: bool = True
    principals: bool = False
    owners: bool = False
    effects: bool = True
    bucket_settings: tuple[str, ...] = ()
    acls: bool = False
    validation: bool = False
    copies: bool = False

    @property
    def asks_of_trails(self) -> bool:
        """Whether more is asked of trails than GetTrail tells."""
        return self.settings and self.statuses


class Collector(Protocol):
    """Reads an account into a snapshot."""

    def collect(self, scope: SnapshotScope) -> Snapshot:
        """
        Return what could be read; what could not is `Unreadable` inside.

        Raises:
            TrailsealError: there are no usable credentials, or the endpoint does not answer.
        """
        ...


class ActivityReader(Protocol):
    """Finds present readers where something records them."""

    def activity(self, snapshot: Snapshot, trail: Trail, *, days: int) -> Activity:
        """
        Return who fetched or decrypted the trail's log files in the last `days` days.

        Sources: S3 data events and KMS Decrypt events in delivered log files, S3 server access logs.
        A source that cannot be read is `unreadable` inside.
        """
        ...


class Clock(Protocol):
    """Time, passed in so that waiting can be tested."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        ...

    def elapsed(self) -> float:
        """Return the seconds since some moment; they only go forward, whatever is done to the time of day."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
