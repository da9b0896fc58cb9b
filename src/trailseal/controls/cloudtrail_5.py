"""CloudTrail.5: the trail sends its events to CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import log_groups, remedies
from trailseal.controls.estate import described, unread_trails
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.snapshot import Snapshot

CHECK = Check(
    id="CloudTrail.5",
    title=N_("CloudTrail sends its events to CloudWatch Logs"),
    severity=Severity.MEDIUM,
    what=N_("Each trail names a CloudWatch Logs log group."),
    why=N_("A log group can raise an alarm within minutes; files in a bucket wait for somebody to look."),
    remedy=N_("give the trail a log group, and a role that writes there"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-5",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per trail, in ARN order."""
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if trail.cloud_watch_logs_log_group_arn:
            text = message(
                "{trail} sends to {group}", trail=trail.name, group=trail.cloud_watch_logs_log_group_arn
            )
            yield CHECK.passed(trail.arn, text, trails=(trail.arn,))
        else:
            text = message("{trail} sends to no log group", trail=trail.name)
            remedy = remedies.of_trail(log_groups.give(trail), trail, snapshot)
            yield CHECK.failed(trail.arn, text, trails=(trail.arn,), remedy=remedy)
