"""
Object Lock as S3 keeps it: retention that is not weakened, legal holds, and a bucket that stays versioned.

An object version in compliance mode can be kept longer and nothing else; one in governance mode is changed by
who may s3:BypassGovernanceRetention and says so in the request. `s3.asks` asks for that permission.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from botocore.utils import parse_timestamp
from moto.s3.models import FakeBucket, FakeKey
from msgspec import Struct

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.asks import BYPASS, bypasses
from trailseal_lab.s3.buckets import find_object, require_bucket
from trailseal_lab.world import World

GOVERNANCE, COMPLIANCE = "GOVERNANCE", "COMPLIANCE"
MODE, UNTIL = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"
HOLD = "x-amz-object-lock-legal-hold"
CONFLICT = 409
MOST_AT_ONCE = 1000
DELETED = re.compile(rb"<Deleted>.*?</Deleted>", re.DOTALL)
"""What a quiet DeleteObjects does not tell: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html."""
DAYS_OF_A_YEAR = 365
"""As moto counts them: AWS's pages do not tell."""
NO_LOCKS = "Bucket is missing Object Lock Configuration"
STAYS_VERSIONED = (
    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
)


class Retention(Struct, frozen=True):
    """How long a version is kept, and in which mode."""

    mode: str
    until: datetime


class GivenLock(Struct, frozen=True):
    """What a request asks of the lock of its new version: nothing of it leaves it to the bucket's default."""

    retention: Retention | None
    hold: str


@answers("s3", "PutObjectRetention")
def put_object_retention(world: World, call: Call, forward: Forward) -> Answer:
    """
    Set, lengthen or take away a version's retention.

    Raises:
        ApiError: AccessDenied for what the version's lock forbids; InvalidArgument, MalformedXML.
    """
    del forward
    found = lockable(call)
    given = call.params.get("Retention") or {}
    after = _retention(given.get("Mode"), given.get("RetainUntilDate"), "MalformedXML")
    if after is not None:
        _check_future(after, world.now())
    before = retention_of(found)
    if before is not None and before.until > world.now():
        _check_not_weaker(before, after, bypass=bypasses(call))
    _retain(found, after)
    return {}


@answers("s3", "PutObjectLegalHold")
def put_object_legal_hold(world: World, call: Call, forward: Forward) -> Answer:
    """Put a version on hold, or let it go; a hold has no end and needs no retention."""
    del world, forward
    found = lockable(call)
    setattr(found, "lock_legal_status", call.params["LegalHold"].get("Status", "OFF"))  # noqa: B010 - as above
    return {}


@answers("s3", "DeleteObject", "DeleteObjects")
def delete_object(world: World, call: Call, forward: Forward) -> Answer:
    """
    Let moto delete what is not locked; a bypass that is not wanted is none, whatever the header says.

    Raises:
        ApiError: MalformedXML for more objects than one call may name.
    """
    del world
    wanted = call.params.get("Delete") or {}
    if len(wanted.get("Objects") or ()) > MOST_AT_ONCE:
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        raise ApiError("MalformedXML", text)
    if BYPASS in call.headers and not bypasses(call):
        call.set_header(BYPASS, "")
    response = forward()
    if wanted.get("Quiet") and response.status_code == HTTPStatus.OK:
        response.set_data(DELETED.sub(b"", response.get_data()))
    return response


@answers("s3", "PutBucketVersioning")
def put_bucket_versioning(world: World, call: Call, forward: Forward) -> Answer:
    """
    Switch versioning; under Object Lock it cannot be suspended.

    Raises:
        ApiError: InvalidBucketState.
    """
    del world
    bucket = require_bucket(str(call.params["Bucket"]))
    if bucket.object_lock_enabled and call.params["VersioningConfiguration"].get("Status") == "Suspended":
        raise ApiError("InvalidBucketState", STAYS_VERSIONED, status=CONFLICT)
    return forward()


@answers("s3", "PutObjectLockConfiguration")
def put_lock_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """
    Turn Object Lock on, with the retention that new versions begin with; it cannot be turned off.

    Raises:
        ApiError: InvalidBucketState in a bucket without versioning; MalformedXML, InvalidArgument.
    """
    del world, forward
    bucket = require_bucket(str(call.params["Bucket"]))
    if not bucket.is_versioned:
        text = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise ApiError("InvalidBucketState", text, status=CONFLICT)
    given = call.params.get("ObjectLockConfiguration") or {}
    rule = (given.get("Rule") or {}).get("DefaultRetention")
    if given.get("ObjectLockEnabled") != "Enabled" or not (rule is None or _is_whole(rule)):
        raise ApiError("MalformedXML", "The XML you provided was not well-formed or did not validate.")
    _set_default(bucket, rule or {})
    return {}


@answers("s3", "GetObjectLockConfiguration")
def get_lock_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """Show whether Object Lock is on, and what new versions begin with; moto says where it is not."""
    del world
    bucket = require_bucket(str(call.params["Bucket"]))
    if not bucket.object_lock_enabled:
        return forward()
    period = {"Days": bucket.default_lock_days, "Years": bucket.default_lock_years}
    rule = {"Mode": bucket.default_lock_mode, **{unit: many for unit, many in period.items() if many}}
    on = {"ObjectLockEnabled": "Enabled"}
    shown = {**on, "Rule": {"DefaultRetention": rule}} if bucket.default_lock_mode else on
    return {"ObjectLockConfiguration": shown}


def given_lock(world: World, call: Call, bucket: FakeBucket) -> GivenLock:
    """
    Return the lock that the request asks for its new version.

    Raises:
        ApiError: InvalidArgument where it is not whole or lies behind; InvalidRequest in a bucket without
            Object Lock.
    """
    retention = _retention(call.headers.get(MODE), call.headers.get(UNTIL), "InvalidArgument")
    if retention is not None:
        _check_future(retention, world.now())
    found = GivenLock(retention, call.headers.get(HOLD, ""))
    if (found.retention or found.hold == "ON") and not bucket.object_lock_enabled:
        raise ApiError("InvalidRequest", NO_LOCKS)
    return found


def put_lock(world: World, bucket: FakeBucket, stored: FakeKey, given: GivenLock) -> None:
    """Lock a new version as was asked, else as the bucket's default says; a hold is beside either."""
    _retain(stored, given.retention or _default_of(bucket, world.now()))
    setattr(stored, "lock_legal_status", given.hold or None)  # noqa: B010 - moto types it otherwise


def retention_of(found: FakeKey) -> Retention | None:
    """Return a version's retention, also one that is over; None for none."""
    mode, until = found.lock_mode, found.lock_until
    return Retention(str(mode), parse_timestamp(until).astimezone(UTC)) if mode and until else None


def lockable(call: Call) -> FakeKey:
    """
    Return the version that a call about a lock names.

    Raises:
        ApiError: InvalidRequest in a bucket without Object Lock; NoSuchKey, NoSuchVersion.
    """
    bucket = require_bucket(str(call.params["Bucket"]))
    if not bucket.object_lock_enabled:
        raise ApiError("InvalidRequest", NO_LOCKS)
    key, version = str(call.params["Key"]), call.params.get("VersionId")
    found = find_object(bucket, key, version)
    if found is not None:
        return found
    if version:
        raise ApiError("NoSuchVersion", "The specified version does not exist.", status=404, Key=key)
    raise ApiError("NoSuchKey", "The specified key does not exist.", status=404, Key=key)


def _retention(mode: Any, until: Any, code: str) -> Retention | None:
    if not mode and not until:
        return None
    if not mode or not until:
        raise ApiError(code, f"{UNTIL} and {MODE} must both be supplied")
    try:
        when = until if isinstance(until, datetime) else parse_timestamp(until)
    except ValueError as problem:
        raise ApiError(code, "The retain until date is no time.") from problem
    return Retention(str(mode), when.replace(tzinfo=when.tzinfo or UTC))


def _default_of(bucket: FakeBucket, now: datetime) -> Retention | None:
    if not bucket.object_lock_enabled or not bucket.default_lock_mode:
        return None
    days = (bucket.default_lock_days or 0) + DAYS_OF_A_YEAR * (bucket.default_lock_years or 0)
    return Retention(str(bucket.default_lock_mode), now + timedelta(days=days))


def _retain(stored: FakeKey, retention: Retention | None) -> None:
    setattr(stored, "lock_mode", retention.mode if retention else None)  # noqa: B010 - moto types both otherwise
    setattr(stored, "lock_until", _written(retention.until) if retention else None)  # noqa: B010


def _check_future(given: Retention, now: datetime) -> None:
    if given.until <= now:
        raise ApiError("InvalidArgument", "The retain until date must be in the future!")


def _check_not_weaker(before: Retention, after: Retention | None, *, bypass: bool) -> None:
    is_longer = after is not None and after.mode == before.mode and after.until >= before.until
    if not is_longer and not (bypass and before.mode == GOVERNANCE):
        raise ApiError("AccessDenied", "Access Denied because object protected by object lock.", status=403)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _is_whole(rule: dict[str, Any]) -> bool:
    return bool(rule.get("Mode")) and (("Days" in rule) != ("Years" in rule))


def _set_default(bucket: FakeBucket, rule: dict[str, Any]) -> None:
    if any(rule.get(unit, 1) <= 0 for unit in ("Days", "Years")):
        raise ApiError("InvalidArgument", "Default retention period must be a positive integer value.")
    bucket.object_lock_enabled = True
    setattr(bucket, "default_lock_mode", rule.get("Mode"))  # noqa: B010 - moto types it otherwise
    bucket.default_lock_days, bucket.default_lock_years = rule.get("Days", 0), rule.get("Years", 0)
