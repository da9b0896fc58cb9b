"""CloudTrail.4: log file validation is on."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import described, unread_trails
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.snapshot import Snapshot

CHECK = Check(
    id="CloudTrail.4",
    title=N_("CloudTrail log file validation is on"),
    severity=Severity.LOW,
    what=N_("Each trail delivers digest files, with which log files can be proven unchanged and complete."),
    why=N_("Without digest files nobody can tell whether a log file was changed or taken away afterwards."),
    remedy=N_("turn validation on"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-4",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per trail, in ARN order."""
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if trail.log_file_validation_enabled:
            text = message("{trail} delivers signed digest files", trail=trail.name)
            yield CHECK.passed(trail.arn, text, trails=(trail.arn,))
        else:
            text = message("{trail} delivers no digest files", trail=trail.name)
            command = remedies.update_trail(trail, enable_log_file_validation=True)
            remedy = remedies.of_trail(message("turn it on: {command}", command=command), trail, snapshot)
            yield CHECK.failed(trail.arn, text, trails=(trail.arn,), remedy=remedy)
