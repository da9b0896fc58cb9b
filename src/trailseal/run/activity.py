"""The port to those who were seen reading."""

from __future__ import annotations

from typing import Protocol

from trailseal.model.activity import Activity
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


class ActivityReader(Protocol):
    """Finds present readers where something records them."""

    def activity(self, snapshot: Snapshot, trail: Trail, *, days: int) -> Activity:
        """
        Return who fetched or decrypted the trail's log files in the last `days` days.

        Sources: S3 data events and KMS Decrypt events in delivered log files, S3 server access logs.
        A source that can not be read is `unreadable` inside.
        """
        ...
