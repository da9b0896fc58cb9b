"""What mends deliveries that fail: whatever else is wrong with the trail's key or bucket."""

from __future__ import annotations

from msgspec import structs

from trailseal.controls import (
    bucket_policy,
    bucket_remedies,
    key_exists,
    key_policy,
    key_region,
    key_symmetric,
    key_usable,
    remedies,
)
from trailseal.controls.finding import Verdict
from trailseal.controls.typed import typed
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail

CAUSES = (key_exists, key_symmetric, key_region, key_usable, key_policy, bucket_policy)
"""What CloudTrail needs for a delivery; a key that cannot serve at all comes before one that does not yet."""


def deliver_again(trail: Trail, snapshot: Snapshot) -> Message:
    """Return the remedy of what stands against deliveries, else when the next one tells."""
    if found := _of_cause(trail, snapshot):
        return found
    command = typed("trailseal check", trail=trail.arn, control="TS106")
    return message(
        "nothing that was seen prevents it, so look again after the next delivery (log files in 15 "
        "minutes, digest files in an hour): {command}",
        command=command,
    )


def deliver_under_the_key(trail: Trail, snapshot: Snapshot) -> Message:
    """Return the remedy of what stands against deliveries, else how to wait for the next one."""
    if found := _of_cause(trail, snapshot):
        return found
    command = typed("trailseal verify", trail=trail.arn, wait=True)
    return message(
        "right after a switch the next delivery shows it, in about five minutes, longer in a quiet Region: "
        "{command}",
        command=command,
    )


def a_bucket_again(trail: Trail, snapshot: Snapshot) -> Message:
    """
    Return the commands that make a trail's bucket again, in the Region of its key or of the trail.

    Where somebody else has made one of that name by then, the first of them fails.
    """
    is_sealed = is_arn(trail.kms_key_id)
    region = Arn.parse(trail.kms_key_id).region if is_sealed else trail.home_region
    organization = remedies.organization_of(trail, snapshot)
    command = bucket_remedies.make_for(trail, region, organization)
    return message("make the bucket again, with the policy that CloudTrail needs: {command}", command=command)


def start(trail: Trail, snapshot: Snapshot) -> Message:
    """Return the command that starts a trail."""
    command = typed("aws cloudtrail start-logging", name=trail.arn, region=trail.home_region)
    return remedies.of_trail(message("start it: {command}", command=command), trail, snapshot)


def _of_cause(trail: Trail, snapshot: Snapshot) -> Message | None:
    one = structs.replace(snapshot, trails=(trail,))
    found = (each for module in CAUSES for each in module.check(one))
    return next((each.remedy for each in found if each.verdict is Verdict.FAIL), None)
