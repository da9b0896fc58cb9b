"""
Keys that are disabled, or that KMS will delete: they are brought back before anything else.

What lies under such a key opens with nothing else. So it is rescued also where something stands against
changing the trail, and a trail gets another key instead only when one is asked for.
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-cancelling-key-deletion.html and
https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.model.key import KeyState, KmsKey, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern, concern
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.intent import Intent
from trailseal.plan.scope import KeyGroup
from trailseal.plan.step import CancelKeyDeletion, EnableKey, Rescue, UpdateTrail


def can_be_rescued(key: KmsKey | UnreadKey | None, account: str) -> bool:
    """Whether calls that `account` may make bring the key back; on another account's key it may make none."""
    return (
        isinstance(key, KmsKey)
        and key.state.can_be_brought_back
        and key.account == account
        and key.key_manager == "CUSTOMER"
    )


def to_rescue(
    trails: tuple[Trail, ...],
    grouped: tuple[KeyGroup, ...],
    used: frozenset[str],
    snapshot: Snapshot,
    intent: Intent,
) -> tuple[KmsKey, ...]:
    """
    Return the keys to bring back, each once: those that the plan uses, and those that `trails` keep.

    `used` are the ARNs of the keys that the plan's other steps are about. A trail that is kept out of the
    plan keeps its key all the same.
    """
    keys = [group.key for group in grouped if group.key and (group.key.arn in used or _is_held(group))]
    placed = {trail.arn for group in grouped for trail in group.trails}
    if not intent.key:
        keys += [key for t in trails if t.arn not in placed and (key := snapshot.key(t.kms_key_id))]
    found = {key.arn: key for key in keys if can_be_rescued(key, snapshot.account)}
    return tuple(key for key in found.values() if isinstance(key, KmsKey))


def _is_held(group: KeyGroup) -> bool:
    return any(trail.kms_key_id == group.key_name for trail in group.trails)


def rescue_steps(key: KmsKey) -> Iterator[Rescue]:
    """Yield the calls that make a key usable again: a deletion that was cancelled leaves it disabled."""
    if not key.state.is_pending_deletion:
        yield EnableKey(key=key.arn, before="Disabled")
    elif key.state is KeyState.PENDING_REPLICA_DELETION:
        yield CancelKeyDeletion(key=key.arn, before="PendingReplicaDeletion")
        yield EnableKey(key=key.arn, before="PendingReplicaDeletion")
    else:
        yield CancelKeyDeletion(key=key.arn, before="PendingDeletion")
        yield EnableKey(key=key.arn, before="PendingDeletion")


def rescued(key: KmsKey) -> Concern:
    """Return what to know of a key that the plan brings back: somebody took it away, perhaps on purpose."""
    return concern(Code.KEY_RESCUED, key.arn, _facts(key))


def left_behind(switches: tuple[UpdateTrail, ...], snapshot: Snapshot) -> Iterator[Concern]:
    """Yield a warning for each key that a trail is turned away from while what lies under it is closed."""
    for step in switches:
        key = snapshot.key(step.before) if step.before else None
        if isinstance(key, KmsKey) and key.state.can_be_brought_back:
            yield concern(Code.KEY_LEFT_BEHIND, key.arn, _facts(key, trail=step.trail_arn))


def _facts(key: KmsKey, *, trail: str = "") -> Details:
    return Details(key=key.arn, state=key.state, expires=key.deletion_date, trail=trail)
