"""The sentences that say what stands where, and what the plan was made from."""

from __future__ import annotations

from trailseal.messages import Message, message
from trailseal.model.arn import is_arn
from trailseal.plan.drift import Difference
from trailseal.plan.facts import FINGERPRINT


def moved(difference: Difference) -> Message:  # noqa: PLR0911 - one sentence for each kind of fact
    """Return the sentence for one fact that is not as it was planned."""
    where, planned, seen = difference.resource, difference.planned, difference.seen
    match difference.name:
        case "Arn":
            return message("{what} does not exist, and the plan was made when it did", what=where)
        case "KmsKeyId":
            return message(
                "{trail} has {seen} now, and the plan was made when it had {before}",
                trail=where,
                seen=seen or "SSE-S3",
                before=planned or "SSE-S3",
            )
        case "Policy" if is_arn(where):
            return message("the policy of {key} is no longer the one that the plan was made from", key=where)
        case "Policy":
            return message(
                "the policy of bucket {bucket} is no longer the one that the plan was made from", bucket=where
            )
        case "TargetKeyId":
            return message("`{alias}` names {seen} now", alias=where, seen=seen or "no key")
        case "RotationPeriodInDays":
            return message(
                "{key} rotates every {seen} days now, and the plan was made when that was {before}",
                key=where,
                seen=seen,
                before=planned,
            )
        case name if FINGERPRINT in planned + seen:
            return message(
                "{what} no longer has the {name} that the plan was made from", what=where, name=name
            )
        case name:
            return message(
                "{what} has {name} `{seen}` now, and the plan was made for `{planned}`",
                what=where,
                name=name,
                seen=seen,
                planned=planned,
            )
