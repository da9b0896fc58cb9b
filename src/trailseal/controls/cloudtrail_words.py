"""How CloudTrail's own requests came out, in words: what is refused, for which files, and by what."""

from __future__ import annotations

from collections.abc import Iterable

from trailseal.access.cloudtrail.answers import CloudTrailAnswer, by_network
from trailseal.access.cloudtrail.requests import Purpose
from trailseal.access.decision import Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.messages import Message, message

SHOWN = 3


def refused(found: tuple[CloudTrailAnswer, ...], *, subject: str) -> Message:
    """Return what a policy does not let CloudTrail do, the statements that deny, and the folders meant."""
    denied = [each for each in found if each.is_refused]
    by = deniers(found)
    facts = {
        "subject": subject,
        "actions": ", ".join(dict.fromkeys(each.asked.request.action for each in denied)),
        "why": f" ({', '.join(by)})" if by else "",
    }
    folders = _folders(found, denied)
    if folders:
        return message(
            "the policy of {subject} does not let CloudTrail call {actions}{why} for {folders}",
            folders=folders,
            **facts,
        )
    return message("the policy of {subject} does not let CloudTrail call {actions}{why}", **facts)


def deniers(found: Iterable[CloudTrailAnswer]) -> tuple[str, ...]:
    """Return the statements that deny something explicitly, by their labels, each once."""
    explicit = (each for each in found if each.decision.effect is Effect.EXPLICITLY_DENIED)
    return tuple(dict.fromkeys(label for each in explicit for label in each.statements))


def undecided(found: Iterable[CloudTrailAnswer], *, subject: str, document: str, kind: PolicyKind) -> Message:
    """Return why it is not known whether a policy lets CloudTrail in: by the first answer that is open."""
    open_ones = tuple(each for each in found if each.effect is not Effect.ALLOWED)
    statements = dict.fromkeys(s for each in open_ones for s in each.statements)
    if by_where := by_network(document, kind, statements):
        return message(
            "{statements} in the policy of {subject} denies by the network that a request comes from, and "
            "does not except AWS services: most likely it stops CloudTrail",
            statements=", ".join(by_where),
            subject=subject,
        )
    if conditions := dict.fromkeys(str(c) for each in open_ones for c in each.decision.conditions):
        return message(
            "whether CloudTrail may use {subject} depends on {conditions}",
            subject=subject,
            conditions="; ".join(conditions),
        )
    if statements:
        return message(
            "whether the policy of {subject} lets CloudTrail in could not be decided: {statements}",
            subject=subject,
            statements=", ".join(statements),
        )
    return _not_shown(open_ones[0], subject)


def _not_shown(first: CloudTrailAnswer, subject: str) -> Message:
    """Return what no page of AWS's, or nobody in this account, tells."""
    if first.asked.purpose is Purpose.DESCRIBE_KEY:
        return message(
            "the policy of {subject} does not let CloudTrail call kms:DescribeKey: AWS's page demands it, "
            "and no page says whether deliveries stop without it",
            subject=subject,
        )
    if first.asked.place is not None and first.asked.place.is_stand_in:
        return message(
            "for which accounts and Regions CloudTrail delivers is not fully known, and the policy of "
            "{subject} does not let it in for all that there may be",
            subject=subject,
        )
    return message(
        "the policy of {subject} lets CloudTrail call {action} with an S3 Bucket Key or without one, not "
        "both, and which of both its requests are is not known",
        subject=subject,
        action=first.asked.request.action,
    )


def _folders(found: tuple[CloudTrailAnswer, ...], denied: list[CloudTrailAnswer]) -> str:
    """Return a few of the folders for which something is denied; "" where that is so for all."""
    allowed = {each.asked.folder for each in found if each.decision.is_allowed} - {""}
    named = list(dict.fromkeys(each.asked.folder for each in denied if each.asked.folder))
    if not allowed - set(named):
        return ""
    return ", ".join(named[:SHOWN]) + (", …" if len(named) > SHOWN else "")
