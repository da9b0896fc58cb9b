"""
Settings of a bucket that come back as they were put.

moto reads some of their members and forgets the others: of a replication which objects it takes along, of a
notification that EventBridge is told, of a lifecycle the sizes. So moto says whether a setting is sound and
there, and what was put is what is shown. A rule without an ID gets one.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from moto.s3.models import FakeBucket

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.s3.buckets import require_bucket
from trailseal_lab.s3.sizes import check_tags
from trailseal_lab.world import World

LIFECYCLE, NOTIFICATION = "BucketLifecycleConfiguration", "BucketNotificationConfiguration"
MEMBER = {
    "BucketAccelerateConfiguration": "AccelerateConfiguration",
    "BucketEncryption": "ServerSideEncryptionConfiguration",
    "BucketReplication": "ReplicationConfiguration",
    "BucketTagging": "Tagging",
    LIFECYCLE: "LifecycleConfiguration",
    NOTIFICATION: "NotificationConfiguration",
}
"""The member of a Put that holds the setting."""
WRAPPED = frozenset({"BucketEncryption", "BucketReplication"})
"""Settings whose Get has that member too; the others answer with what is in it."""
SMALLEST = "TransitionDefaultMinimumObjectSize"
DEFAULT_SMALLEST = "all_storage_classes_128K"
ID_OF = {
    "Rules": "ID",
    "TopicConfigurations": "Id",
    "QueueConfigurations": "Id",
    "LambdaFunctionConfigurations": "Id",
}
WITH_IDS = frozenset({LIFECYCLE, NOTIFICATION, "BucketReplication"})


@answers("s3", *(f"Put{name}" for name in MEMBER))
def put_setting(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto take a setting, and keep it whole."""
    del world
    bucket, name = require_bucket(str(call.params["Bucket"])), call.operation.removeprefix("Put")
    if name == "BucketTagging":
        check_tags(call)
    response = forward()
    if response.status_code in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
        given = call.params[MEMBER[name]]
        found = _with_ids(given) if name in WITH_IDS else given
        if name == LIFECYCLE:
            found = {**found, SMALLEST: call.params.get(SMALLEST) or DEFAULT_SMALLEST}
        kept_of(bucket)[name] = found
    return response


@answers("s3", *(f"Get{name}" for name in MEMBER if name not in {"BucketEncryption", NOTIFICATION}))
def get_setting(world: World, call: Call, forward: Forward) -> Answer:
    """Show a setting as it was put, where moto has one."""
    del world
    bucket, name = require_bucket(str(call.params["Bucket"])), call.operation.removeprefix("Get")
    response = forward()
    found = kept_of(bucket).get(name)
    return response if found is None or response.status_code != HTTPStatus.OK else shown(name, found)


@answers("s3", "GetBucketEncryption")
def get_bucket_encryption(world: World, call: Call, forward: Forward) -> Answer:
    """Answer SSE-S3 for a bucket where nobody has chosen: there is always a default."""
    bucket = require_bucket(str(call.params["Bucket"]))
    if bucket.encryption:
        return get_setting(world, call, forward)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


@answers("s3", "GetBucketNotificationConfiguration")
def get_bucket_notification_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """Answer an empty configuration for a bucket that notifies nobody; moto's has another root then."""
    del world, forward
    found: dict[str, Any] = kept_of(require_bucket(str(call.params["Bucket"]))).get(NOTIFICATION, {})
    return found


def kept_of(bucket: FakeBucket) -> dict[str, Any]:
    """Return a bucket's settings as they were put, by the name that their operations share."""
    found: dict[str, Any] = vars(bucket).setdefault("lab_settings", {})
    return found


def shown(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """Return the members of the answer that shows a setting."""
    return {MEMBER[name]: found} if name in WRAPPED else found


def _with_ids(setting: dict[str, Any]) -> dict[str, Any]:
    return {name: _identified(ID_OF[name], part) if name in ID_OF else part for name, part in setting.items()}


def _identified(name: str, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule if rule.get(name) else {name: secrets.token_urlsafe(24), **rule} for rule in rules]
