"""KMS.4: the key rotates."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import by_key, unseen_key
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.key import KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="KMS.4",
    title=N_("The KMS key of the trail rotates"),
    severity=Severity.MEDIUM,
    what=N_("Automatic rotation is on for each key that a trail names, where rotation is possible at all."),
    why=N_("Rotation limits how much is encrypted with the same key material. Old objects stay readable."),
    remedy=N_("turn rotation on, of a multi-Region key on its primary"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-4",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield one finding per key that a trail names.

    Keys that cannot rotate by themselves (imported material, asymmetric, AWS's own) are not judged.
    """
    for key, users in by_key(snapshot):
        trails = tuple(trail.arn for trail in users)
        yield _judge(key, trails, snapshot) if isinstance(key, KmsKey) else unseen_key(CHECK, key, trails)


def _judge(key: KmsKey, trails: tuple[str, ...], snapshot: Snapshot) -> Finding:
    match key.rotation:
        case None:
            text = message("{key} cannot rotate by itself, so this is not judged", key=key.arn)
            return CHECK.no_data(key.arn, text, trails=trails)
        case Unreadable() as reason:
            return CHECK.unknown(key.arn, reason, trails=trails)
        case rotation if rotation.enabled:
            return CHECK.passed(key.arn, message("{key} rotates", key=key.arn), trails=trails)
        case _ if key.is_replica and not key.primary_key:
            where = message("turn it on for the primary of this replica")
            text = message("{key} does not rotate", key=key.arn)
            return CHECK.failed(key.arn, text, trails=trails, remedy=where)
        case _:
            text = message("{key} does not rotate", key=key.arn)
            return CHECK.failed(key.arn, text, trails=trails, remedy=remedies.rotate(key, snapshot))
