"""
Who fetched what: one reading of CloudTrail records, for readers of a plan and for counting what is read.

A fetch is what a call gives out of a bucket, whichever call it was: a copy reads its source, a Decrypt an
object of the bucket. A call that was refused gave out nothing.
Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html,
.../cloudtrail-event-reference-record-contents.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from trailseal.access.caller import role_arn
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import time_in

DATA_EVENTS = "data events"
KMS_EVENTS = "KMS events"
READING = frozenset({"GetObject", "SelectObjectContent", "GetObjectTorrent"})
COPYING = frozenset({"CopyObject", "UploadPartCopy"})
COPY_SOURCE = "x-amz-copy-source"
OBJECT = "AWS::S3::Object"
ANONYMOUS = "anonymous"
"""The principal of requests that nobody signed."""
NOBODYS_ACCOUNT = "ANONYMOUS_PRINCIPAL"


class Fetcher(Struct, frozen=True, kw_only=True):
    """
    Who fetched, as far as a log tells.

    `principal` is an ARN (of a session its role's, because sessions come and go), a service or `anonymous`;
    "" where only an account, or an ID of AWS's, is told.
    """

    principal: str = ""
    account: str = ""
    unique_id: str = ""
    """A principal's unique ID, or a canonical user ID."""


class Fetch(Struct, frozen=True, kw_only=True):
    """One object that was given out, or, with `key` "", some object of the bucket."""

    bucket: str
    key: str
    person: Fetcher
    source: str
    at: datetime | None = None


def fetches_in(records: Iterable[Mapping[str, Any]]) -> Iterator[Fetch]:
    """Yield what each event gave out, and to whom; other events, and CloudTrail's own, give out nothing."""
    for record in records:
        person = _person(_object(record.get("userIdentity")))
        if record.get("errorCode") or person is None:
            continue
        at = _time(record.get("eventTime"))
        for source, bucket, key in dict.fromkeys(_given_out(record)):
            yield Fetch(bucket=bucket, key=key, person=person, source=source, at=at)


def _given_out(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the source, the bucket and the key of each object that an event read."""
    name, asked = _text(record.get("eventName")), _object(record.get("requestParameters"))
    if name == "Decrypt":
        arn = str(_object(asked.get("encryptionContext")).get("aws:s3:arn", ""))
        if found := _bucket_and_key(arn):
            yield KMS_EVENTS, *found
        return
    own = str(asked.get("bucketName") or ""), str(asked.get("key") or "")
    if name in READING:
        for bucket, key in _objects(record) or ((own,) if own[0] else ()):
            yield DATA_EVENTS, bucket, key
    elif name in COPYING:
        copied = _copied(asked.get(COPY_SOURCE))
        for bucket, key in (*copied, *(each for each in _objects(record) if each != own)):
            yield DATA_EVENTS, bucket, key


def _objects(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the objects that an event names: of their bucket, also where an access point was asked."""
    resources = record.get("resources")
    named = [_object(each) for each in resources] if isinstance(resources, list) else []
    arns = [str(each.get("ARN", "")) for each in named if each.get("type") == OBJECT]
    return tuple(found for arn in arns if (found := _bucket_and_key(arn)) and found[1])


def _bucket_and_key(arn: str) -> tuple[str, str] | None:
    service, separator, rest = arn.partition(":::")
    if not separator or not service.endswith(":s3") or not rest:
        return None
    bucket, _, key = rest.partition("/")
    return bucket, key


def _copied(source: object) -> tuple[tuple[str, str], ...]:
    """Return what a copy names as its source, `bucket/key?versionId=…`, whichever way it is written."""
    if not isinstance(source, str):
        return ()
    written = unquote(source.partition("?versionId=")[0]).removeprefix("/")
    if written.startswith("arn:"):
        found = _bucket_and_key(written)
        return (found,) if found else ()
    bucket, _, key = written.partition("/")
    return ((bucket, key),) if key else ()


def _person(identity: Mapping[str, Any]) -> Fetcher | None:
    """Return who called; None for CloudTrail itself, and where nothing at all is told."""
    issuer = _object(_object(identity.get("sessionContext")).get("sessionIssuer"))
    arn = _text(issuer.get("arn")) or _text(identity.get("arn"))
    account, unique_id = _text(identity.get("accountId")), _text(identity.get("principalId"))
    service = _text(identity.get("invokedBy")) if identity.get("type") == "AWSService" else ""
    if service:
        return Fetcher(principal=service) if service != CLOUDTRAIL else None
    if account == NOBODYS_ACCOUNT:
        return Fetcher(principal=ANONYMOUS)
    if arn:
        return Fetcher(principal=role_arn(arn) or arn)
    return Fetcher(account=account, unique_id=unique_id) if account or unique_id else None


def _text(part: object) -> str:
    return part if isinstance(part, str) else ""


def _object(part: object) -> Mapping[str, Any]:
    """Return a part of a record, empty where it is not what CloudTrail writes there."""
    return part if isinstance(part, Mapping) else {}


def _time(text: object) -> datetime | None:
    try:
        return time_in(str(text))
    except ForeignError:
        return None
