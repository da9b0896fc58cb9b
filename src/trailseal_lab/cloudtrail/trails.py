"""
Trails, wherever moto keeps them: the ones of an account, their shadows, and organization trails.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends
from moto.organizations.models import organizations_backends

from trailseal.model.arn import is_arn
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

# moto looks for the bucket in the trail's account only; `requirements` looks wherever it is.
setattr(Trail, "check_bucket_exists", lambda _self: None)  # noqa: B010 - a method of moto's is replaced
DEFAULT_SELECTORS = [
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
]


def every_trail() -> Iterator[Trail]:
    """Yield all trails of all accounts, each once, as its home Region has it."""
    for account in list(cloudtrail_backends.keys()):
        for backend in list(cloudtrail_backends[account].values()):
            yield from list(backend.trails.values())


def trail_named(name: str) -> Trail:
    """Return the trail of this name, which stands once in a scenario."""
    return next(trail for trail in every_trail() if trail.trail_name == name)


def organization_of(account: str) -> Any:
    """Return moto's organizations backend of the account's organization, None when it is in none."""
    for management in list(organizations_backends.keys()):
        for backend in list(organizations_backends[management].values()):
            members = {str(each.id) for each in backend.accounts}
            if backend.org is not None and (account in members or account == backend.org.master_account_id):
                return backend
    return None


def organization_id(account: str) -> str:
    """Return the id of the organization that the account is in, "" for none."""
    found = organization_of(account)
    return str(found.org.id) if found is not None else ""


def accounts_of(trail: Trail) -> list[str]:
    """Return the accounts whose events the trail delivers, its owner's first."""
    found = organization_of(trail.account_id) if trail.is_org_trail else None
    members = [str(each.id) for each in found.accounts] if found is not None else []
    return [trail.account_id, *(m for m in members if m != trail.account_id)]


def visible(account: str) -> list[Trail]:
    """Return the trails that an account sees: its own, and those of its organization."""
    return [trail for trail in every_trail() if account in accounts_of(trail)]


def visible_in(account: str, region: str) -> list[Trail]:
    """Return those that have a copy in this Region: their home's, or a shadow."""
    return [t for t in visible(account) if t.region_name == region or t.is_multi_region]


def find_trail(call: Call, name: str) -> Trail:
    """
    Return the trail that a call names, by name in its own account and Region, or by ARN anywhere.

    Raises:
        ApiError: TrailNotFoundException.
    """
    for trail in visible_in(call.caller.account, call.region):
        if name == trail.arn or (name == trail.trail_name and trail.account_id == call.caller.account):
            return trail
    arn = name if is_arn(name) else f"arn:aws:cloudtrail:{call.region}:{call.caller.account}:trail/{name}"
    raise ApiError("TrailNotFoundException", f"Unknown trail: {arn} for the user: {call.caller.account}")


def own_trail(call: Call, name: str) -> Trail:
    """
    Return the trail that a call wants to change.

    Raises:
        ApiError: TrailNotFoundException, InvalidHomeRegionException, or, for a member of the
            organization that the trail is of, OperationNotPermittedException.
    """
    trail = find_trail(call, name)
    if trail.region_name != call.region:
        text = f"Trail {trail.arn} has its home in {trail.region_name}, not in {call.region}."
        raise ApiError("InvalidHomeRegionException", text)
    if trail.account_id != call.caller.account and not is_administrator(trail, call.caller.account):
        raise ApiError(
            "OperationNotPermittedException", "Only the organization's management account may do this."
        )
    return trail


def is_administrator(trail: Trail, account: str) -> bool:
    """Whether an account is a delegated administrator for CloudTrail in the trail's organization."""
    found = organization_of(trail.account_id)
    admins = found.admins if found is not None else ()
    return any(str(a.account.id) == account and "cloudtrail.amazonaws.com" in str(vars(a)) for a in admins)


def selectors_of(trail: Trail) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return basic and advanced event selectors; a trail without any records all management events."""
    if trail.advanced_event_selectors and not trail.event_selectors:
        return [], list(trail.advanced_event_selectors)
    return list(trail.event_selectors or DEFAULT_SELECTORS), []


def describe(trail: Trail, *, with_home: bool = True) -> dict[str, Any]:
    """Return a trail as DescribeTrails and GetTrail show it: what is not set is not there."""
    basic, advanced = selectors_of(trail)
    found = {
        "Name": trail.trail_name,
        "S3BucketName": trail.bucket_name,
        "S3KeyPrefix": trail.s3_key_prefix,
        "SnsTopicName": trail.topic_arn,
        "SnsTopicARN": trail.topic_arn,
        "IncludeGlobalServiceEvents": bool(trail.include_global_service_events),
        "IsMultiRegionTrail": bool(trail.is_multi_region),
        "HomeRegion": trail.region_name if with_home else None,
        "TrailARN": trail.arn,
        "LogFileValidationEnabled": bool(trail.log_validation),
        "CloudWatchLogsLogGroupArn": trail.cw_log_group_arn,
        "CloudWatchLogsRoleArn": trail.cw_role_arn,
        "KmsKeyId": trail.kms_key_id,
        "IsOrganizationTrail": bool(trail.is_org_trail),
        "HasCustomEventSelectors": bool(advanced) or basic != DEFAULT_SELECTORS,
        "HasInsightSelectors": bool(trail.insight_selectors),
    }
    return {name: value for name, value in found.items() if value not in (None, "")}
