"""Trails as CloudTrail lists and describes them, and who else manages them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import problem, stops, unreadable
from trailseal.aws.event_selection import DEFAULT, SELECTORS, read_event_selection
from trailseal.model.arn import Arn
from trailseal.model.trail import EventSelection, ManagedBy, Trail, UnreadTrail
from trailseal.model.unreadable import NOT_ASKED, Unreadable

CONTROL_TOWER = "aws-controltower-"
AT_ONCE = 20
"""ListTags takes so many trails. Source: API_ListTags."""
Owner = ManagedBy | Unreadable | None


def list_trails(client: Any, region: str) -> tuple[list[dict[str, str]], tuple[Unreadable, ...]]:
    """
    Return each trail once, in ARN order, with its home Region; or why there is no list.

    Raises:
        TrailsealError: there are no usable credentials, or the endpoint does not answer.
    """
    try:
        pages = client.get_paginator("list_trails").paginate()
        found = [trail for page in pages for trail in page["Trails"]]
    except (ClientError, BotoCoreError) as error:
        if stops(error):
            raise problem(error, call="cloudtrail:ListTrails") from error
        return [], (unreadable(error, call="cloudtrail:ListTrails", where=region),)
    by_arn = {trail["TrailARN"]: trail for trail in found}
    return [_entry(by_arn[arn]) for arn in sorted(by_arn)], ()


def _entry(raw: dict[str, str]) -> dict[str, str]:
    arn = Arn.parse(raw["TrailARN"])
    return {"Name": arn.resource_name, "HomeRegion": arn.region, **raw}


def read_trail(client: Any, entry: dict[str, str], *, selectors: bool = True) -> Trail | UnreadTrail:
    """
    Return the trail as its home Region describes it; `entry` is what ListTrails said of it.

    Without `selectors` what it records is left unread.

    Raises:
        TrailsealError: there are no usable credentials, or the endpoint does not answer.
    """
    arn, home = entry["TrailARN"], entry["HomeRegion"]
    try:
        raw = client.get_trail(Name=arn)["Trail"]
    except (ClientError, BotoCoreError) as error:
        if stops(error):
            raise problem(error, call="cloudtrail:GetTrail", where=arn) from error
        reason = unreadable(error, call="cloudtrail:GetTrail", where=arn)
        return UnreadTrail(arn=arn, name=entry["Name"], home_region=home, reason=reason)
    return Trail(
        arn=raw["TrailARN"],
        name=raw["Name"],
        home_region=raw.get("HomeRegion", home),
        s3_bucket_name=raw["S3BucketName"],
        s3_key_prefix=raw.get("S3KeyPrefix", ""),
        kms_key_id=raw.get("KmsKeyId", ""),
        is_multi_region_trail=bool(raw.get("IsMultiRegionTrail")),
        is_organization_trail=bool(raw.get("IsOrganizationTrail")),
        include_global_service_events=bool(raw.get("IncludeGlobalServiceEvents")),
        log_file_validation_enabled=bool(raw.get("LogFileValidationEnabled")),
        cloud_watch_logs_log_group_arn=raw.get("CloudWatchLogsLogGroupArn", ""),
        cloud_watch_logs_role_arn=raw.get("CloudWatchLogsRoleArn", ""),
        sns_topic_arn=raw.get("SnsTopicARN", ""),
        events=_events(client, raw, selectors=selectors),
    )


def _events(client: Any, raw: dict[str, Any], *, selectors: bool) -> EventSelection | Unreadable:
    if not selectors:
        return Unreadable(call=SELECTORS, code=NOT_ASKED, where=raw["TrailARN"])
    return (
        read_event_selection(client, raw["TrailARN"]) if raw.get("HasCustomEventSelectors", True) else DEFAULT
    )


def owners(client: Callable[[str], Any], trails: Iterable[Trail]) -> dict[str, Owner]:
    """Return who else owns each trail's settings, by its tags and by Control Tower's name for it."""
    found: dict[str, Owner] = {}
    asked: dict[str, list[str]] = {}
    for trail in trails:
        if trail.name.startswith(CONTROL_TOWER):
            found[trail.arn] = ManagedBy(kind="ControlTower")
        else:
            asked.setdefault(trail.home_region, []).append(trail.arn)
    for region, arns in asked.items():
        for start in range(0, len(arns), AT_ONCE):
            found |= _by_tags(client(region), arns[start : start + AT_ONCE])
    return found


def _by_tags(client: Any, arns: list[str]) -> dict[str, Owner]:
    try:
        pages = client.get_paginator("list_tags").paginate(ResourceIdList=arns)
        listed = [each for page in pages for each in page["ResourceTagList"]]
    except (ClientError, BotoCoreError) as error:
        return {arn: unreadable(error, call="cloudtrail:ListTags", where=arn) for arn in arns}
    return {each["ResourceId"]: _owner(each.get("TagsList", ())) for each in listed}


def _owner(tags: Iterable[dict[str, str]]) -> ManagedBy | None:
    named = {tag["Key"]: tag.get("Value", "") for tag in tags}
    stack = named.get("aws:cloudformation:stack-name")
    return ManagedBy(kind="CloudFormation", name=stack) if stack else None
