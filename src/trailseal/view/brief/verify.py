"""`verify --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.locale.language import say
from trailseal.messages import Message, counted, message
from trailseal.model.log_file import Delivered
from trailseal.plan.proof import DeliveryProof, GroupMeaning, TrailDeliveryProof
from trailseal.view.brief.lines import line, no_trail, of_account, unread
from trailseal.view.trail_names import trail_names


def verify_brief(proof: DeliveryProof) -> Iterator[str]:
    """Yield what the delivered log files prove of each trail."""
    names = trail_names(trail.trail_arn for trail in proof.trails)
    for trail in proof.trails:
        yield line(names[trail.trail_arn], [say(_proven(trail))])
    if proof.has_no_trail:
        yield no_trail(proof.account)
    yield from unread(of_account(proof.account), proof.unreadable)


def _proven(trail: TrailDeliveryProof) -> Message:
    def number(meaning: GroupMeaning) -> int:
        return sum(r.count for r in trail.rows if r.finding is meaning and r.kind is Delivered.LOG_FILE)

    if not trail.kms_key_id:
        return message("NOT PROVEN: no KMS key")
    if trail.is_refuted:
        wrong = sum(r.count for r in trail.rows if r.finding is GroupMeaning.NOT_UNDER_KEY)
        return counted(
            "REFUTED: {count} object not encrypted with the key",
            "REFUTED: {count} objects not encrypted with the key",
            wrong,
        )
    under = number(GroupMeaning.UNDER_KEY)
    if trail.is_proven:
        return counted(
            "PROVEN: {count} log file encrypted with {key}",
            "PROVEN: {count} log files encrypted with {key}",
            under,
            key=trail.kms_key_id,
        )
    return message("NOT KNOWN: {count} log files seen that are encrypted with the key", count=under)
