"""
Readers in CloudTrail records and in S3 server access logs: pure parsing.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from trailseal.access.caller import CallerKind, caller_kind, role_arn
from trailseal.access.readers.estate import Estate
from trailseal.model.activity import SeenReader

DATA_EVENTS = "data events"
KMS_EVENTS = "KMS events"
ACCESS_LOGS = "server access logs"
ACCESS_LINE = re.compile(
    r"\S+ (?P<bucket>\S+) \[(?P<time>[^\]]+)\] \S+ (?P<requester>\S+) \S+ (?P<operation>\S+) (?P<key>\S+) "
    r'"[^"]*" (?P<status>\d{3}|-) '
)
FETCHES = frozenset({"REST.GET.OBJECT", "REST.COPY.OBJECT_GET"})
OK = "200"


class SeenPrincipals(Struct, frozen=True, kw_only=True):
    """
    The principals of the inventory that were seen.

    `unclear` holds, for a role that an access log names and several roles answer to, those roles.
    """

    principals: frozenset[str] = frozenset()
    unclear: tuple[tuple[str, ...], ...] = ()


def readers_in_records(records: Iterable[Mapping[str, Any]], *, bucket: str) -> Iterator[SeenReader]:
    """Yield one reader for each event that fetched from the bucket, or decrypted an object of it."""
    for record in records:
        source = _source(record, bucket)
        principal = _principal(_object(record.get("userIdentity")))
        if source and principal and not record.get("errorCode"):
            yield SeenReader(principal=principal, source=source, last=_time(record.get("eventTime")))


def _source(record: Mapping[str, Any], bucket: str) -> str:
    asked = _object(record.get("requestParameters"))
    if record.get("eventName") == "GetObject" and asked.get("bucketName") == bucket:
        return DATA_EVENTS
    if record.get("eventName") == "Decrypt":
        arn = str(_object(asked.get("encryptionContext")).get("aws:s3:arn", ""))
        if arn.rpartition(":::")[2].partition("/")[0] == bucket:
            return KMS_EVENTS
    return ""


def _principal(identity: Mapping[str, Any]) -> str:
    """Return the principal's ARN; a session's role, because sessions come and go. "" for a service."""
    issuer = _object(_object(identity.get("sessionContext")).get("sessionIssuer"))
    return str(issuer.get("arn") or identity.get("arn") or "")


def _object(part: object) -> Mapping[str, Any]:
    """Return a part of a record, empty where it is not what CloudTrail writes there."""
    return part if isinstance(part, Mapping) else {}


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def readers_in_access_log(text: str, *, bucket: str, prefix: str) -> Iterator[SeenReader]:
    """Yield one reader for each line that tells of a fetch under `prefix`; other lines are passed over."""
    for line in text.splitlines():
        found = ACCESS_LINE.match(line)
        if not found or found["bucket"] != bucket or not found["key"].startswith(prefix):
            continue
        if found["operation"] in FETCHES and found["status"] == OK and found["requester"].startswith("arn:"):
            yield SeenReader(
                principal=role_arn(found["requester"]) or found["requester"],
                source=ACCESS_LOGS,
                last=_log_time(found["time"]),
            )


def _log_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None


def gathered(seen: Iterable[SeenReader]) -> tuple[SeenReader, ...]:
    """Return one entry for each principal and source, with the count and the last time, by name."""
    found: dict[tuple[str, str], SeenReader] = {}
    for one in seen:
        before = found.get((one.principal, one.source))
        times = [t for t in (one.last, before.last if before else None) if t]
        found[one.principal, one.source] = SeenReader(
            principal=one.principal,
            source=one.source,
            count=one.count + (before.count if before else 0),
            last=max(times, default=None),
        )
    return tuple(found[key] for key in sorted(found))


def recognise(seen: Iterable[SeenReader], estate: Estate) -> SeenPrincipals:
    """Return who was seen; an access log names a session, so that its role is found by name, path or not."""
    found: set[str] = set()
    unclear: set[tuple[str, ...]] = set()
    for one in seen:
        roles = _roles(one, estate) or (one.principal,)
        found.update(roles)
        if len(roles) > 1:
            unclear.add(roles)
    return SeenPrincipals(principals=frozenset(found), unclear=tuple(sorted(unclear)))


def _roles(one: SeenReader, estate: Estate) -> tuple[str, ...]:
    if one.source != ACCESS_LOGS or caller_kind(one.principal) is not CallerKind.ROLE:
        return ()
    return tuple(sorted(role.arn for role in estate.roles_like(one.principal)))
