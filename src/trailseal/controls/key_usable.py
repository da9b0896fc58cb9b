"""TS102: the key can be used."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import by_key, unseen_key
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, Message, message
from trailseal.model.key import KmsKey
from trailseal.model.moment import in_utc
from trailseal.model.snapshot import Snapshot

CHECK = Check(
    id="TS102",
    title=N_("The trail's KMS key can be used"),
    severity=Severity.CRITICAL,
    what=N_("The key's state is Enabled (or Updating)."),
    why=N_(
        "While a key is disabled, waits for deletion or lacks its material, CloudTrail delivers nothing and "
        "nobody can read. CloudTrail tries again for 30 days; then events are lost."
    ),
    remedy=N_("let a plan bring the key back: trailseal plan"),
    page="https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per key that a trail names."""
    for key, users in by_key(snapshot):
        trails = tuple(trail.arn for trail in users)
        if not isinstance(key, KmsKey):
            yield unseen_key(CHECK, key, trails)
            continue
        if key.state.is_usable:
            text = message("{key} is {state}", key=key.arn, state=key.state)
            yield CHECK.passed(key.arn, text, trails=trails)
        else:
            lost = key.state.is_pending_deletion
            remedy = remedies.usable_again(key, trails, snapshot)
            yield CHECK.failed(key.arn, _closed(key), trails=trails, remedy=remedy, loses_history=lost)


def _closed(key: KmsKey) -> Message:
    """Return what becomes of what lies under a key that cannot be used."""
    facts = {"key": key.arn, "state": key.state}
    if key.state.is_pending_deletion and key.deletion_date:
        return message(
            "{key} is {state}: KMS deletes it at {when}, and all log files and digest files that are "
            "encrypted with it are lost then",
            **facts,
            when=in_utc(key.deletion_date),
        )
    if key.state.is_pending_deletion:
        return message(
            "{key} is {state}: KMS deletes it at a date that AWS does not name yet, and all log files and "
            "digest files that are encrypted with it are lost then",
            **facts,
        )
    return message(
        "{key} is {state}: CloudTrail delivers nothing, and nobody can read what is encrypted with it",
        **facts,
    )
