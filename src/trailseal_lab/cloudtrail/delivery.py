"""
Deliveries: each cycle, what was recorded goes to each logging trail's bucket, as CloudTrail writes it.

A delivery that fails stays waiting and is tried again; nothing is lost. Before it delivers, CloudTrail looks
at the bucket's ACL, which is itself an event, so that a quiet account still gets log files.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
import string
from datetime import datetime
from typing import Any

import msgspec
from moto.cloudtrail.models import Trail

from trailseal.model.log_file import Delivered, account_folder, delivery_folder
from trailseal_lab.clock import each_cycle
from trailseal_lab.cloudtrail.digest import DigestChains, LogEntry
from trailseal_lab.cloudtrail.log_groups import send
from trailseal_lab.cloudtrail.recorder import EventLog, note_service_call
from trailseal_lab.cloudtrail.selection import wants
from trailseal_lab.cloudtrail.status import Place, TrailState, TrailStates, delivery_error
from trailseal_lab.cloudtrail.trails import accounts_of, every_trail, organization_id
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone, note
from trailseal_lab.s3.as_service import check_service_access, put_object_as_service
from trailseal_lab.s3.buckets import bucket_owner, find_bucket
from trailseal_lab.world import World

SERVICE = "cloudtrail.amazonaws.com"
WORK = "cloudtrail.delivery"
UNIQUE = string.ascii_letters + string.digits
LENGTH = 16
OWN_FAULT = 500
"""From this status on the lab itself could not tell, so that no answer of AWS's is known."""


@each_cycle(order=10)
def deliver_all(world: World) -> None:
    """Deliver for every trail that logs, then look at the buckets for the next time."""
    states = world.part(TrailStates)
    for trail in every_trail():
        with alone(world, WORK, trail.arn):
            state = states.of(trail.arn)
            if state.logging:
                collect(world, trail, state)
            deliver(world, trail, state)
        with alone(world, "cloudtrail.log_group", trail.arn):
            send(world, trail, states.of(trail.arn))
    for trail in every_trail():
        with alone(world, "s3.GetBucketAcl", trail.arn):
            if states.of(trail.arn).logging:
                look_at_bucket(world, trail)


def collect(world: World, trail: Trail, state: TrailState) -> None:
    """Put what was recorded since the last time, and the trail asks for, to what waits."""
    log = world.part(EventLog)
    accounts = set(accounts_of(trail))
    # chosen before any waits: where the choice fails, the next cycle makes it anew
    chosen = [e for e in log.after(state.read_to) if e.account in accounts and wants(trail, e)]
    for event in chosen:
        if _can_be_written(world, event.record):
            state.waiting.setdefault((event.account, event.region), []).append(event.record)
            state.for_group.append(event.record)
    state.read_to = log.count


def deliver(world: World, trail: Trail, state: TrailState) -> None:
    """
    Write one log file for each account and Region that has events waiting.

    What AWS would refuse too stays waiting.
    """
    for place in sorted(state.waiting):
        status = state.place(place)
        status.tried = world.now()
        try:
            write_log_file(world, trail, place, state.waiting[place], at=world.now())
        except ApiError as problem:
            status.error = delivery_error(problem)
            if problem.status >= OWN_FAULT:
                raise
        else:
            status.delivered, status.error = status.tried, ""
            del state.waiting[place]


def _can_be_written(world: World, record: dict[str, Any]) -> bool:
    """Whether an event is JSON; one that is not is told and left out, as it would hold back the others."""
    try:
        msgspec.json.encode(record)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is of this event alone
        note(world, WORK, f"event {record.get('eventID')}", f"{type(problem).__name__}: {problem}")
        return False
    return True


def write_log_file(
    world: World, trail: Trail, place: Place, records: list[dict[str, Any]], *, at: datetime
) -> str:
    """
    Write one log file and return its key; the next digest file names it.

    Raises:
        ApiError: the bucket or the key refused it.
    """
    account, region = place
    name = f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique()}.json.gz"
    key = folder(trail, place, Delivered.LOG_FILE, at) + name
    content = msgspec.json.encode({"Records": records})
    write(world, trail, key=key, body=gzip.compress(content, mtime=0), at=at)
    times = sorted(record["eventTime"] for record in records)
    entry = LogEntry(
        bucket=trail.bucket_name,
        key=key,
        sha256=hashlib.sha256(content).hexdigest(),
        oldest=times[0],
        newest=times[-1],
    )
    world.part(DigestChains).of(trail.arn, place).files.append(entry)
    return key


def write(
    world: World, trail: Trail, *, key: str, body: bytes, at: datetime, metadata: dict[str, str] | None = None
) -> None:
    """
    Write one object as CloudTrail does, under the trail's key where it has one.

    Raises:
        ApiError: the bucket or the key refused it.
    """
    stored = put_object_as_service(
        world,
        service=SERVICE,
        source_arn=trail.arn,
        source_account=trail.account_id,
        bucket=trail.bucket_name,
        key=key,
        body=body,
        metadata=metadata,
        kms_key_id=trail.kms_key_id or "",
        encryption_context={"aws:cloudtrail:arn": trail.arn} if trail.kms_key_id else None,
        content_encoding="gzip",
    )
    stored.last_modified = at.replace(tzinfo=None)


def folder(trail: Trail, place: Place, kind: Delivered, at: datetime) -> str:
    """Return where files of one account and Region lie on one day."""
    account, region = place
    organization = organization_id(trail.account_id) if trail.is_org_trail else ""
    root = account_folder(prefix=trail.s3_key_prefix or "", organization=organization, account=account)
    return delivery_folder(root=root, kind=kind, region=region, day=at)


def unique() -> str:
    """Return the part of a log file's name that no other has."""
    return "".join(secrets.choice(UNIQUE) for _ in range(LENGTH))


def look_at_bucket(world: World, trail: Trail) -> None:
    """Read the bucket's ACL as CloudTrail does before it delivers; an event of the bucket's owner."""
    bucket = find_bucket(trail.bucket_name)
    if bucket is None:
        return
    check_service_access(
        service=SERVICE,
        action="s3:GetBucketAcl",
        bucket=trail.bucket_name,
        source_arn=trail.arn,
        source_account=trail.account_id,
    )
    note_service_call(
        world,
        service=SERVICE,
        source="s3.amazonaws.com",
        name="GetBucketAcl",
        region=str(bucket.region_name),
        account=bucket_owner(trail.bucket_name) or trail.account_id,
        parameters={"bucketName": trail.bucket_name, "acl": ""},
    )
