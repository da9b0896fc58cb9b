"""
Merging what CloudTrail needs into a key's policy: statements are added, none is edited or removed.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.cloudtrail.answers import WORST_FIRST, CloudTrailAnswer, answers
from trailseal.access.cloudtrail.destination import Destination, somewhere
from trailseal.access.cloudtrail.requests import (
    DECRYPT,
    DESCRIBE,
    ENCRYPT,
    CloudTrailRequest,
    Purpose,
    key_requests,
)
from trailseal.access.decision import Effect
from trailseal.access.facts import Context
from trailseal.access.request import Policies
from trailseal.plan.document import Document, Statement, parse, statements, write
from trailseal.plan.key_policy import KeyUse, needed_statements

ASKED = (ENCRYPT, DESCRIBE, DECRYPT)
"""The actions behind `needed_statements`, in the same order."""


class Merged(Struct, frozen=True, kw_only=True):
    """
    The policy that results, and what keeps CloudTrail out, or may, whatever is added.

    `denied_by` and `open_by` name statements: those that deny, and those of which it is not known whether
    they do. `is_open`: whether something is not known.
    """

    policy: str
    denied_by: tuple[str, ...] = ()
    open_by: tuple[str, ...] = ()
    is_open: bool = False


class KeyDeliveries(Struct, frozen=True, kw_only=True):
    """
    What trails will ask of a key: where each delivers, as far as that is known, and which are new to the key.

    `key_facts` are the condition keys that the key itself settles.
    """

    destinations: tuple[Destination, ...] = ()
    switched: frozenset[str] = frozenset()
    key_facts: Context = {}


def merge(policy: str, *, key_arn: str, use: KeyUse, deliveries: KeyDeliveries | None = None) -> Merged:
    """
    Return `policy` with what these trails lack added at its end.

    The text comes back unchanged where nothing is lacking. What the engine cannot tell counts as lacking: a
    statement too many is harmless, one too few stops the logs. One that lets nothing in is not added.

    Raises:
        ValueError: `policy` is no policy document.
    """
    document = parse(policy)
    asked = _asked(key_arn, use, deliveries or KeyDeliveries())
    before = answers(asked, Policies(resource=policy))
    offered = _lacking(before, use)
    full = add(policy, document, offered)
    after = answers(asked, Policies(resource=full)) if offered else before
    helping = {new.asked.request.action for old, new in zip(before, after, strict=True) if _helps(old, new)}
    kept = tuple(each for each in offered if _action(each, use) in helping)
    merged = add(policy, document, kept)
    found = answers(asked, Policies(resource=merged)) if kept != offered else after
    denied = dict.fromkeys(s for each in found if each.is_denied for s in each.statements)
    left_open = [each for each in found if each.effect in {Effect.UNKNOWN, Effect.INVALID}]
    return Merged(
        policy=merged,
        denied_by=tuple(denied),
        open_by=tuple(dict.fromkeys(s for each in left_open for s in each.statements)),
        is_open=bool(left_open),
    )


def _asked(key_arn: str, use: KeyUse, deliveries: KeyDeliveries) -> tuple[CloudTrailRequest, ...]:
    """Return what each trail asks; a key is tried when a trail is given it, and not again."""
    known = {to.trail_arn: to for to in deliveries.destinations}
    found: list[CloudTrailRequest] = []
    for arn in use.trail_arns:
        to = known.get(arn) or somewhere(arn, bucket_key=use.bucket_key)
        is_new = arn in deliveries.switched or arn not in known
        found += (
            each
            for each in key_requests(to, key_arn=key_arn, key_facts=deliveries.key_facts)
            if is_new or each.purpose is not Purpose.TRY_KEY
        )
    return tuple(found)


def _lacking(found: tuple[CloudTrailAnswer, ...], use: KeyUse) -> tuple[Statement, ...]:
    """Return a statement for each action that some trail lacks, for just the trails that lack it."""
    new: list[Statement] = []
    for position, action in enumerate(ASKED[: len(needed_statements(use))]):
        lacking = dict.fromkeys(
            each.asked.trail_arn
            for each in found
            if each.asked.request.action == action and each.effect is not Effect.ALLOWED
        )
        if lacking:
            new.append(needed_statements(_narrowed(use, tuple(lacking)))[position])
    return tuple(new)


def _helps(before: CloudTrailAnswer, after: CloudTrailAnswer) -> bool:
    """Whether more is let in, by what is known of deliveries or by what the policies say alone."""
    pairs = (before.effect, after.effect), (before.decision.effect, after.decision.effect)
    return any(WORST_FIRST.index(new) > WORST_FIRST.index(old) for old, new in pairs)


def _action(statement: Statement, use: KeyUse) -> str:
    """Return the action that one of `needed_statements` is for, by its Sid: it may hold a pattern."""
    sids = [each["Sid"] for each in needed_statements(use)]
    return ASKED[sids.index(statement["Sid"])]


def add(policy: str, document: Document, new: tuple[Statement, ...]) -> str:
    """Return the policy with `new` at its end, each under a Sid that nothing else has."""
    if not new:
        return policy
    kept = statements(document)
    taken = {str(statement.get("Sid", "")) for statement in kept}
    named: list[Statement] = []
    for statement in new:
        sid = _free(str(statement["Sid"]), taken)
        taken.add(sid)
        named.append({**statement, "Sid": sid})
    return write({**document, "Statement": [*kept, *named]})


def _free(sid: str, taken: set[str]) -> str:
    number, candidate = 2, sid
    while candidate in taken:
        candidate, number = f"{sid}{number}", number + 1
    return candidate


def _narrowed(use: KeyUse, trail_arns: tuple[str, ...]) -> KeyUse:
    return KeyUse(
        account=use.account, partition=use.partition, trail_arns=trail_arns, bucket_key=use.bucket_key
    )
