"""
What a trail sends to CloudWatch Logs: its events, as its role, into a stream of the group in its home Region.

Sources:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
"""

from __future__ import annotations

from typing import Any

import msgspec
from moto.cloudtrail.models import Trail
from moto.core.utils import unix_time_millis
from moto.logs.models import LogGroup, logs_backends

from trailseal.model.arn import Arn
from trailseal_lab import gate
from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.status import TrailState
from trailseal_lab.credentials import role_caller
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import NeededPermission
from trailseal_lab.world import World

SESSION = "CloudTrail_CloudWatchLogs"


@answers("logs", "DeleteLogGroup")
def delete_log_group(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto delete the group; its tags go with it, where moto keeps them for the next of that name."""
    del world
    backend = logs_backends[call.caller.account][call.region]
    group = backend.groups.get(str(call.params["logGroupName"]))
    response = forward()
    if group is not None:
        backend.tagger.delete_all_tags_for_resource(group.arn)
    return response


def send(world: World, trail: Trail, state: TrailState) -> None:
    """Send what waits to the trail's log group; what is refused waits on, and GetTrailStatus says so."""
    if not trail.cw_log_group_arn:
        state.for_group.clear()
    if not state.for_group:
        return
    status = state.place((str(trail.account_id), str(trail.region_name)))
    try:
        put_events(world, trail, state.for_group)
    except ApiError as problem:
        status.group_error = problem.code
    else:
        status.group_delivered, status.group_error = world.now(), ""
        state.for_group.clear()


def put_events(world: World, trail: Trail, records: list[dict[str, Any]]) -> None:
    """
    Put events into the trail's stream of its log group, which is made on first use.

    Raises:
        ApiError: there is no such group, or the trail's role may not write. Under which names AWS shows
            these in LatestCloudWatchLogsDeliveryError is not verified.
    """
    group = _group(trail)
    stream = f"{trail.account_id}_CloudTrail_{trail.region_name}"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        _check_role(world, trail, action, f"{group.arn}:log-stream:{stream}")
    if stream not in group.streams:
        group.create_log_stream(stream)
    at = int(unix_time_millis(world.now().replace(tzinfo=None)))
    events = [{"timestamp": at, "message": msgspec.json.encode(record).decode()} for record in records]
    group.streams[stream].put_log_events(events)


def _group(trail: Trail) -> LogGroup:
    arn = Arn.parse(str(trail.cw_log_group_arn))
    name = arn.resource.removeprefix("log-group:").removesuffix(":*")
    found = logs_backends[arn.account][arn.region].groups.get(name)
    if found is None:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
    return found


def _check_role(world: World, trail: Trail, action: str, resource: str) -> None:
    if world.building:
        return
    who = role_caller(str(trail.account_id), str(trail.cw_role_arn).rpartition("/")[2], SESSION)
    ask = NeededPermission(action=action, resource=resource, account=Arn.parse(resource).account)
    if who is None or not gate.is_allowed(who, ask, {}):
        raise ApiError("AccessDenied", f"{trail.cw_role_arn} is not authorized to perform: {action}")
