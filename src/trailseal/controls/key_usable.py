"""TS102: the key can be used."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.estate import by_key, unseen_key
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, Message, message
from trailseal.model.key import KeyState, KmsKey
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
    remedy=N_("enable it: aws kms enable-key"),
    page="https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per key that a trail names."""
    for key, users in by_key(snapshot):
        trails = tuple(trail.arn for trail in users)
        if not isinstance(key, KmsKey):
            yield unseen_key(CHECK, key, trails)
            continue
        text = message("{key} is {state}", key=key.arn, state=key.state.value)
        if key.state.is_usable:
            yield CHECK.passed(key.arn, text, trails=trails)
        else:
            yield CHECK.failed(key.arn, text, trails=trails, remedy=_mend(key.state))


def _mend(state: KeyState) -> Message:
    match state:
        case KeyState.PENDING_DELETION | KeyState.PENDING_REPLICA_DELETION:
            return message("cancel the deletion (aws kms cancel-key-deletion), then aws kms enable-key")
        case KeyState.PENDING_IMPORT:
            return message("import its material again: trailseal key import")
        case KeyState.DISABLED:
            return message(CHECK.remedy)
        case _:
            return message("wait until KMS says Enabled, then look again")
