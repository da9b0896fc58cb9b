"""A bucket of log files and signed digest files, made the way CloudTrail makes them, held in memory."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol
from urllib.parse import parse_qs, quote
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from trailseal.model.trail import TrailStatus
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectRequest, ObjectResponse

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
BUCKET = "trail-logs"
NAME = "management-events"
START = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACE = TrailPlace(
    arn=f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{NAME}",
    name=NAME,
    home_region=REGION,
    bucket=BUCKET,
    account=ACCOUNT,
)


@cache
def private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_key() -> bytes:
    return private_key().public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def fingerprint() -> str:
    return hashlib.md5(public_key(), usedforsecurity=False).hexdigest()


class Thing(Struct):
    """An object: its bytes, its headers, and when it was written."""

    body: bytes
    headers: dict[str, str] = {}
    at: datetime = START


Bucket = dict[str, Thing]


def estate(  # noqa: PLR0913 - a builder, all by name
    *,
    hours: int = 3,
    files: int = 2,
    account: str = ACCOUNT,
    region: str = REGION,
    start: datetime = START,
    backfill: bool = False,
    restart_at: int = 0,
    records: int = 1,
    place: TrailPlace = PLACE,
) -> Bucket:
    """Return `hours` digest files with `files` log files each; the chain starts anew at `restart_at`."""
    bucket: Bucket = {}
    root = f"{place.prefix}/" if place.prefix else ""
    root += f"AWSLogs/{place.organization}/" if place.organization else "AWSLogs/"
    previous: dict[str, str | None] = {}
    for hour in range(hours):
        begin, end = start + hour * HOUR, start + (hour + 1) * HOUR
        if restart_at and hour >= restart_at:
            begin, end = begin + 6 * HOUR, end + 6 * HOUR
        if restart_at and hour == restart_at:
            previous = {}
        logs = [
            log_file(
                bucket, root, account, region, begin + (number * HOUR) / files, number, records, place.bucket
            )
            for number in range(files)
        ]
        previous = digest_file(
            bucket, root, account, region, begin, end, logs, previous, place, backfill=backfill
        )
    return bucket


def log_file(
    bucket: Bucket, root: str, account: str, region: str, at: datetime, number: int, records: int, name: str
) -> dict[str, str]:
    """Put a log file into the bucket; return how a digest file names it."""
    key = (
        f"{root}{account}/CloudTrail/{region}/{at:%Y/%m/%d}/"
        f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{number:016d}.json.gz"
    )
    event = {
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventName": "GetObject",
        "userIdentity": {"accountId": account},
    }
    text = json.dumps({"Records": [event | {"eventID": f"{key}-{n}"} for n in range(records)]}).encode()
    bucket[key] = Thing(body=gzip.compress(text, mtime=0), at=at)
    return {
        "s3Bucket": name,
        "s3Object": key,
        "hashValue": hashlib.sha256(text).hexdigest(),
        "hashAlgorithm": "SHA-256",
        "newestEventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "oldestEventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }


def digest_file(  # noqa: PLR0913, PLR0917 - the document has as many parts
    bucket: Bucket,
    root: str,
    account: str,
    region: str,
    begin: datetime,
    end: datetime,
    logs: list[dict[str, str]],
    previous: dict[str, str | None],
    place: TrailPlace,
    *,
    backfill: bool,
) -> dict[str, str | None]:
    """Put the next digest file of a chain into the bucket; return what the one after it says of it."""
    key = (
        f"{root}{account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}/{account}_CloudTrail-Digest_{region}_"
        f"{place.name}_{place.home_region}_{end:%Y%m%dT%H%M%SZ}{'_backfill' if backfill else ''}.json.gz"
    )
    document = {
        "awsAccountId": account,
        "digestStartTime": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
        "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "digestS3Bucket": place.bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": fingerprint(),
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": None,
        "oldestEventTime": None,
        "previousDigestS3Bucket": previous.get("bucket"),
        "previousDigestS3Object": previous.get("key"),
        "previousDigestHashValue": previous.get("hash"),
        "previousDigestHashAlgorithm": "SHA-256" if previous else None,
        "previousDigestSignature": previous.get("signature"),
        "logFiles": logs,
    }
    return sign(bucket, key, document, backfill=backfill)


def sign(
    bucket: Bucket, key: str, document: Mapping[str, object], *, backfill: bool = False
) -> dict[str, str | None]:
    """Put a digest file with its signature into the bucket; return what the next one says of it."""
    text = json.dumps(document).encode()
    digest = hashlib.sha256(text).hexdigest()
    before = document["previousDigestSignature"] or "null"
    place = f"{document['digestS3Bucket']}/{document['digestS3Object']}"
    to_sign = f"{document['digestEndTime']}\n{place}\n{digest}\n{before}"
    signature = private_key().sign(to_sign.encode(), PKCS1v15(), SHA256()).hex()
    headers = {"x-amz-meta-signature": signature, "x-amz-meta-signature-algorithm": "SHA256withRSA"}
    if backfill:
        headers["x-amz-meta-backfill-generation-timestamp"] = str(document["digestEndTime"])
    at = datetime.fromisoformat(str(document["digestEndTime"]))
    bucket[key] = Thing(body=gzip.compress(text, mtime=0), headers=headers, at=at)
    return {"bucket": str(document["digestS3Bucket"]), "key": key, "hash": digest, "signature": signature}


class MemoryObjects:
    """An object plane over dictionaries: GET, HEAD and ListObjectsV2, and the errors it is told to give."""

    def __init__(self, **buckets: Bucket) -> None:
        self.buckets = {name.replace("_", "-"): bucket for name, bucket in buckets.items()}
        self.errors: dict[str, str] = {}
        self.sent: list[ObjectRequest] = []
        self.page = 1000

    def each(
        self,
        calls: Iterable[ObjectRequest],
        then: Callable[[ObjectResponse], Iterable[ObjectRequest]] | None = None,
    ) -> Iterator[ObjectResponse]:
        for call in calls:
            yield from self._flow(call, then)

    def _flow(
        self, call: ObjectRequest, then: Callable[[ObjectResponse], Iterable[ObjectRequest]] | None
    ) -> Iterator[ObjectResponse]:
        self.sent.append(call)
        answer = self.answer(call)
        yield answer
        for further in then(answer) if then else ():
            yield from self._flow(further, then)

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if code := self.errors.get(call.key):
            status = int(code) if code.isdecimal() else 403
            return ObjectResponse(call=call, status=status, error=code, message="no")
        if "list-type=2" in call.query:
            return self._list(call)
        thing = self.buckets.get(call.bucket, {}).get(call.key)
        if thing is None:
            return ObjectResponse(call=call, status=404, error="NoSuchKey" if call.method == "GET" else "404")
        return ObjectResponse(call=call, status=200, headers=thing.headers, body=thing.body)

    def _list(self, call: ObjectRequest) -> ObjectResponse:
        if call.bucket not in self.buckets:
            return ObjectResponse(call=call, status=404, error="NoSuchBucket")
        return ObjectResponse(call=call, status=200, body=page_of(self.buckets[call.bucket], call, self.page))


class Bodied(Protocol):
    """An object, as far as a listing tells of it."""

    body: bytes


def page_of(bucket: Mapping[str, Bodied], call: ObjectRequest, size: int) -> bytes:
    """Return the page that ListObjectsV2 gives."""
    asked = {name: values[0] for name, values in parse_qs(call.query, keep_blank_values=True).items()}
    after = max(asked.get("start-after", ""), asked.get("continuation-token", ""))
    keys = sorted(k for k in bucket if k.startswith(asked["prefix"]) and k > after)
    folders: tuple[str, ...] = ()
    if "delimiter" in asked:
        rest = {k[len(asked["prefix"]) :].partition("/")[0] for k in keys}
        folders, keys = tuple(f"{asked['prefix']}{name}/" for name in sorted(rest)), []
    return _xml(bucket, keys[:size], folders, more=len(keys) > size)


def _xml(bucket: Mapping[str, Bodied], keys: list[str], folders: tuple[str, ...], *, more: bool) -> bytes:
    contents = "".join(
        f"<Contents><Key>{escape(quote(key))}</Key><Size>{len(bucket[key].body)}</Size><ETag>&quot;e&quot;</ETag>"
        f"<LastModified>{getattr(bucket[key], 'at', START):%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
        for key in keys
    )
    prefixes = "".join(f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in folders)
    end = (
        f"<IsTruncated>true</IsTruncated><NextContinuationToken>{escape(keys[-1])}</NextContinuationToken>"
        if more
        else ""
    )
    return (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
        f"{contents}{prefixes}{end}</ListBucketResult>"
    ).encode()


class MemoryTrailService:
    """CloudTrail's part of validation: one answer for all Regions, or a refusal for those that have one."""

    def __init__(
        self,
        last: datetime | Unreadable | None = None,
        *,
        started: datetime | None = None,
        stopped: datetime | None = None,
        refused: Mapping[str, str] | None = None,
        elsewhere: Mapping[str, datetime | Unreadable] | None = None,
    ) -> None:
        self._elsewhere = {
            region: at
            if isinstance(at, Unreadable)
            else TrailStatus(region=region, is_logging=True, latest_digest_delivery_time=at)
            for region, at in (elsewhere or {}).items()
        }
        """By Regions of which nothing else is told."""
        self.last = last
        self.started = started
        self.stopped = stopped
        self.refused = dict(refused or {})
        self.asked: list[tuple[str, datetime, datetime]] = []

    def public_keys(self, region: str, start: datetime, end: datetime) -> dict[str, bytes] | Unreadable:
        self.asked.append((region, start, end))
        if region in self.refused:
            return Unreadable(call="cloudtrail:ListPublicKeys", code=self.refused[region], where=region)
        return {fingerprint(): public_key()}

    def regions(self) -> frozenset[str]:
        return frozenset({"ap-northeast-1", "eu-west-1", "us-east-1", "us-west-2"})

    def statuses(self, trail_arn: str, regions: Iterable[str]) -> tuple[TrailStatus | Unreadable, ...]:
        return tuple(
            self._elsewhere.get(region, TrailStatus(region=region, is_logging=True)) for region in regions
        )

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        if region in self._elsewhere:
            return self._elsewhere[region]
        if isinstance(self.last, Unreadable):
            return self.last
        return TrailStatus(
            region=region,
            is_logging=True,
            latest_digest_delivery_time=self.last,
            start_logging_time=self.started,
            stop_logging_time=self.stopped,
        )
