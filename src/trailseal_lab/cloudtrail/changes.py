"""CreateTrail, UpdateTrail, DeleteTrail, StartLogging, StopLogging, PutEventSelectors."""

from __future__ import annotations

from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends

from trailseal.model.arn import Arn, is_arn
from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.names import check_members, check_name
from trailseal_lab.cloudtrail.recorder import EventLog
from trailseal_lab.cloudtrail.requirements import TrailSettings, check
from trailseal_lab.cloudtrail.selectors import check_selectors
from trailseal_lab.cloudtrail.status import TrailStates
from trailseal_lab.cloudtrail.trails import describe, own_trail, selectors_of, visible
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import Failures
from trailseal_lab.kms.facts import note_use
from trailseal_lab.kms.keys import find_key
from trailseal_lab.world import World

PER_REGION = 5


@answers("cloudtrail", "CreateTrail")
def create_trail(world: World, call: Call, forward: Forward) -> Answer:
    """Test what the trail needs, then let moto keep it."""
    name, account = str(call.params.get("Name", "")), call.caller.account
    check_name(name)
    own = [t for t in visible(account) if t.account_id == account and t.region_name == call.region]
    if any(t.trail_name == name for t in own):
        raise ApiError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {account}")
    if len(own) >= PER_REGION and not world.building:
        text = f"User: {account} already has {PER_REGION} trails in {call.region}."
        raise ApiError("MaximumNumberOfTrailsExceededException", text)
    arn = f"arn:aws:cloudtrail:{call.region}:{account}:trail/{name}"
    _check_members(call, {})
    key = check(call, _wanted(call, arn=arn, account=account, before={}))
    if call.params.get("KmsKeyId"):
        call.replace_json(KmsKeyId=key)
    response = forward()
    if response.status_code != 200:  # noqa: PLR2004 - HTTP's OK
        return response
    return describe(cloudtrail_backends[account][call.region].trails[name], with_home=False)


@answers("cloudtrail", "UpdateTrail")
def update_trail(world: World, call: Call, forward: Forward) -> Answer:
    """Test the settings as they would be, then change those that were given."""
    del forward
    trail = own_trail(call, str(call.params.get("Name", "")))
    _check_members(call, describe(trail))
    wanted = _wanted(call, arn=trail.arn, account=trail.account_id, before=describe(trail))
    key = check(call, wanted)
    _note_test(world, call, key)
    given = call.params
    trail.update(
        s3_bucket_name=given.get("S3BucketName"),
        s3_key_prefix=given.get("S3KeyPrefix"),
        sns_topic_name=given.get("SnsTopicName"),
        include_global_service_events=given.get("IncludeGlobalServiceEvents"),
        is_multi_region_trail=given.get("IsMultiRegionTrail"),
        enable_log_file_validation=given.get("EnableLogFileValidation"),
        is_organization_trail=given.get("IsOrganizationTrail"),
        cw_log_group_arn=given.get("CloudWatchLogsLogGroupArn"),
        cw_role_arn=given.get("CloudWatchLogsRoleArn"),
        kms_key_id=key if "KmsKeyId" in given else None,
    )
    return describe(trail, with_home=False)


def _check_members(call: Call, before: dict[str, Any]) -> None:
    def standing(member: str) -> str:
        return str(call.params.get(member, before.get(member)) or "")

    check_members(call, group=standing("CloudWatchLogsLogGroupArn"), role=standing("CloudWatchLogsRoleArn"))


def _note_test(world: World, call: Call, key_arn: str) -> None:
    """Note the data key that CloudTrail makes and throws away to see whether it may: a use like any other."""
    arn = Arn.parse(key_arn) if key_arn else None
    key = find_key(key_arn, account=call.caller.account, region=arn.region) if arn else None
    if key is not None:
        note_use(world, key, "GenerateDataKey", call.request_id)


def _wanted(call: Call, *, arn: str, account: str, before: dict[str, Any]) -> TrailSettings:
    given = call.params
    return TrailSettings(
        arn=arn,
        account=account,
        bucket=str(given.get("S3BucketName", before.get("S3BucketName", ""))),
        prefix=str(given.get("S3KeyPrefix", before.get("S3KeyPrefix", "")) or ""),
        is_organization_trail=bool(given.get("IsOrganizationTrail", before.get("IsOrganizationTrail"))),
        kms_key_id=str(given.get("KmsKeyId", before.get("KmsKeyId", ""))),
    )


@answers("cloudtrail", "DeleteTrail")
def delete_trail(world: World, call: Call, forward: Forward) -> Answer:
    """Forget the trail with its tags; what it delivered stays."""
    del forward
    trail = own_trail(call, str(call.params.get("Name", "")))
    backend = cloudtrail_backends[trail.account_id][trail.region_name]
    del backend.trails[trail.trail_name]
    backend.tagging_service.delete_all_tags_for_resource(trail.arn)
    world.part(TrailStates).by_arn.pop(trail.arn, None)
    world.part(Failures).forget_thing(trail.arn)
    return {}


@answers("cloudtrail", "StartLogging")
def start_logging(world: World, call: Call, forward: Forward) -> Answer:
    """Let the trail deliver what is recorded from now on."""
    del forward
    trail = own_trail(call, str(call.params.get("Name", "")))
    state = world.part(TrailStates).of(trail.arn)
    if not state.logging:
        state.logging, state.started = True, world.now()
        state.read_to = world.part(EventLog).count
    return {}


@answers("cloudtrail", "StopLogging")
def stop_logging(world: World, call: Call, forward: Forward) -> Answer:
    """Let the trail deliver nothing more than what waits already."""
    del forward
    trail = own_trail(call, str(call.params.get("Name", "")))
    state = world.part(TrailStates).of(trail.arn)
    if state.logging:
        state.logging, state.stopped = False, world.now()
    return {}


@answers("cloudtrail", "PutEventSelectors")
def put_event_selectors(world: World, call: Call, forward: Forward) -> Answer:
    """Keep basic or advanced selectors that CloudTrail takes, never both."""
    del world, forward
    trail = own_trail(call, str(call.params.get("TrailName", "")))
    basic: list[dict[str, Any]] = list(call.params.get("EventSelectors") or ())
    advanced: list[dict[str, Any]] = list(call.params.get("AdvancedEventSelectors") or ())
    check_selectors(basic, advanced)
    trail.event_selectors, trail.advanced_event_selectors = basic, advanced
    return {"TrailARN": trail.arn, **selectors_answer(trail)}


def selectors_answer(trail: Trail) -> dict[str, Any]:
    """Return the selectors as the API shows them: of one kind only."""
    basic, advanced = selectors_of(trail)
    return {"AdvancedEventSelectors": advanced} if advanced else {"EventSelectors": basic}


def is_named(call: Call, trail: Trail, name: str) -> bool:
    """Whether a name or ARN of the call is this trail's."""
    return (
        name == trail.arn
        if is_arn(name)
        else (name, call.caller.account) == (trail.trail_name, trail.account_id)
    )
