"""The recorder: every call that the lab answers becomes an event, in the order of arrival."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct
from werkzeug.wrappers import Response

from trailseal_lab.answers import observes
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.record import event_of, is_read_only, iso
from trailseal_lab.world import World

KEPT = 100_000
FORGET = 20_000
SILENT = frozenset({"s3-control"})


class Recorded(Struct, frozen=True, kw_only=True):
    """An event with what deliveries and LookupEvents choose by."""

    number: int
    time: datetime
    account: str
    region: str
    record: dict[str, Any]

    @property
    def is_global(self) -> bool:
        """Whether it is of a global service, which trails include or not."""
        return self.record["eventSource"] in {"iam.amazonaws.com", "organizations.amazonaws.com"}


@dataclass
class EventLog:
    """Everything recorded, oldest first. The oldest is forgotten after a long run."""

    events: list[Recorded] = field(default_factory=list)
    count: int = 0

    def add(self, record: dict[str, Any], *, time: datetime, account: str) -> None:
        """Append one event."""
        self.count += 1
        region = str(record["awsRegion"])
        self.events.append(
            Recorded(number=self.count, time=time, account=account, region=region, record=record)
        )
        if len(self.events) > KEPT:
            del self.events[:FORGET]

    def after(self, number: int) -> list[Recorded]:
        """Return what was recorded after the event of that number."""
        newer = self.count - number
        return self.events[-newer:] if newer > 0 else []


@observes
def record(world: World, call: Call, response: Response) -> None:
    """Note a call as an event of the account that made it."""
    if not call.operation or call.service in SILENT:
        return
    event = event_of(call, response)
    account = str(event.get("recipientAccountId") or world.account)
    world.part(EventLog).add(event, time=call.time, account=account)


def note_service_call(
    world: World,
    *,
    service: str,
    source: str,
    name: str,
    region: str,
    account: str,
    parameters: dict[str, Any],
) -> None:
    """Note a call that an AWS service makes by itself, CloudTrail's s3:GetBucketAcl for instance."""
    now = world.now()
    event = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AWSService", "invokedBy": service},
        "eventTime": iso(now),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": service,
        "userAgent": service,
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": f"{world.part(EventLog).count:016X}",
        "eventID": str(uuid.uuid4()),
        "readOnly": is_read_only(name),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    world.part(EventLog).add(event, time=now, account=account)
