"""
Server access logs: one line for each request to a bucket that has them on, delivered each cycle.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from moto.s3.models import S3Backend
from werkzeug.wrappers import Response

from trailseal_lab.answers import Forward, answers, observes
from trailseal_lab.call import Call
from trailseal_lab.clock import each_cycle
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone
from trailseal_lab.s3.as_service import check_service_access, put_object_as_service
from trailseal_lab.s3.buckets import bucket_owner, find_bucket, require_bucket
from trailseal_lab.world import World

SERVICE = "logging.s3.amazonaws.com"
WHOLE = frozenset(("CopyObject", "UploadPartCopy"))

# moto writes made-up log objects at each request; the lab's are true and come with the clock.
setattr(S3Backend, "log_incoming_request", lambda *_: None)  # noqa: B010 - replaces a method of moto's


@dataclass
class AccessLogs:
    """Lines that wait for the next delivery, by bucket."""

    lines: dict[str, list[str]] = field(default_factory=dict)


@answers("s3", "PutBucketLogging")
def put_bucket_logging(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Turn server access logs on or off; S3's logging service must be let into the target bucket.

    Raises:
        ApiError: InvalidTargetBucketForLogging.
    """
    del forward
    bucket = require_bucket(str(call.params["Bucket"]))
    enabled = (call.params.get("BucketLoggingStatus") or {}).get("LoggingEnabled")
    if not enabled:
        bucket.logging = {}
        return {}
    target, prefix = str(enabled.get("TargetBucket")), str(enabled.get("TargetPrefix") or "")
    if find_bucket(target) is None:
        raise ApiError("InvalidTargetBucketForLogging", "The target bucket for logging does not exist.")
    if not world.building and not _may_write(str(bucket.name), target, prefix):
        text = "You must give the logging service principal permission to write to the target bucket."
        raise ApiError("InvalidTargetBucketForLogging", text)
    bucket.logging = {**enabled, "TargetPrefix": prefix}
    return {}


@answers("s3", "GetBucketLogging")
def get_bucket_logging(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Show where the lines go, and under which names, as it was put."""
    del world, forward
    found = require_bucket(str(call.params["Bucket"])).logging
    return {"LoggingEnabled": found} if found else {}


@observes
def note_request(world: World, call: Call, response: Response) -> None:
    """Keep a line for a request to a bucket with server access logs."""
    bucket = find_bucket(str(call.params.get("Bucket", ""))) if call.service == "s3" else None
    if bucket is not None and bucket.logging:
        world.part(AccessLogs).lines.setdefault(str(bucket.name), []).append(log_line(call, response))


@each_cycle(order=15)
def deliver_access_logs(world: World) -> None:
    """Write what has come together to the target buckets; as on AWS, delivery is best effort."""
    logs = world.part(AccessLogs)
    waiting, logs.lines = logs.lines, {}
    for name, lines in waiting.items():
        with alone(world, "s3.access_logs", name):
            _deliver(world, name, lines)


def _deliver(world: World, name: str, lines: list[str]) -> None:
    bucket = find_bucket(name)
    if bucket is None or not bucket.logging:
        return
    now = world.now()
    key = f"{bucket.logging['TargetPrefix']}{now:%Y-%m-%d-%H-%M-%S}-{secrets.token_hex(8).upper()}"
    with suppress(ApiError):
        put_object_as_service(
            world,
            service=SERVICE,
            source_arn=f"arn:aws:s3:::{name}",
            source_account=str(bucket_owner(name)),
            bucket=bucket.logging["TargetBucket"],
            key=key,
            body="".join(lines).encode("utf-8", "replace"),
            content_type="text/plain",
        )


def log_line(call: Call, response: Response) -> str:
    """Return one line of a server access log."""
    key = call.params.get("Key")
    size = len(response.get_data())
    error = response.headers.get("x-amzn-ErrorType") or _error_code(response)
    fields = (
        call.caller.account,
        call.params.get("Bucket"),
        f"[{call.time:%d/%b/%Y:%H:%M:%S +0000}]",
        call.source_ip,
        call.caller.arn,
        call.request_id,
        _operation(call),
        quote(str(key)) if key else "-",
        f'"{call.request.method} {quote(call.request.path)} HTTP/1.1"',
        response.status_code,
        error or "-",
        size or "-",
        response.headers.get("Content-Length") or "-",
        "1",
        "1",
        '"-"',
        f'"{call.headers.get("User-Agent", "-")}"',
        call.params.get("VersionId") or "-",
        "trailseal-lab",
        "SigV4",
        "-",
        "AuthHeader",
        call.headers.get("Host", "-"),
        "-",
        "-",
        "-",
    )
    return " ".join(str(part) for part in fields) + "\n"


def _operation(call: Call) -> str:
    kind = "OBJECT" if call.params.get("Key") else "BUCKET"
    verb = "COPY" if call.operation in WHOLE else call.request.method
    return f"REST.{verb}.{kind}"


def _error_code(response: Response) -> str:
    if response.status_code < 400 or not response.get_data():  # noqa: PLR2004 - HTTP's own border
        return ""
    return response.get_data(as_text=True).partition("<Code>")[2].partition("</Code>")[0]


def _may_write(source: str, target: str, prefix: str) -> bool:
    return check_service_access(
        service=SERVICE,
        action="s3:PutObject",
        bucket=target,
        key=f"{prefix}log",
        source_arn=f"arn:aws:s3:::{source}",
        source_account=str(bucket_owner(source)),
    )
