"""
The readers of a plan, decided anew: what it says of them is believed of nobody who can be looked at.

Pure: the plan and a snapshot of the account as it stands now. A trail that was turned already, or a key whose
policy is no longer what the plan was made from, is left to the steps' own comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.messages import N_, Message
from trailseal.model.arn import account_of
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern_facts import Code
from trailseal.plan.document import same
from trailseal.plan.impact import impacts
from trailseal.plan.plan import Plan
from trailseal.plan.readers import meant
from trailseal.plan.reading import ReaderImpact, ReaderOutlook
from trailseal.plan.step import CreateKey, PutKeyPolicy, ReplicateKey

NOW = {
    ReaderOutlook.KEEPS: N_("{reader} keeps reading {trail}, and the plan says something else"),
    ReaderOutlook.BREAKS: N_("{reader} can no longer read {trail} afterwards, and the plan does not say so"),
    ReaderOutlook.SHUT_OUT: N_(
        "{reader} can no longer read {trail} afterwards, and the plan does not say so"
    ),
    ReaderOutlook.NEWLY_ABLE: N_(
        "{reader} can read {trail} afterwards and cannot today, and the plan does not say so"
    ),
}
NEITHER = N_("{reader} can read {trail} neither today nor afterwards, and the plan says something else")
Row = tuple[str, str]
"""A trail and a principal, by their ARNs."""


class ReadersAgain(Struct, frozen=True, kw_only=True):
    """What came of it: sentences on each reader of whom the plan says something else, and how many agree."""

    moved: tuple[Message, ...] = ()
    agreeing: int = 0
    """Readers of whom the same was found."""
    left: int = 0
    """Readers whom only the plan speaks of: what decides was not read, or is no longer as it was."""


def is_about_readers(plan: Plan) -> bool:
    """Whether a plan changes what decides about reading, and does not say that nobody looked at that."""
    keys = {*(step.after for step in plan.switches), *(step.key for step in _policies(plan))}
    return bool(keys - _unexamined(plan))


def decide_again(plan: Plan, snapshot: Snapshot) -> ReadersAgain:
    """
    Return how the plan's readers compare with what the account shows now.

    What the plan says of somebody whose account is not read may rest on more than is seen here; that it is
    silent on somebody who reads for certain does not.
    """
    looked_at = _looked_at(plan, snapshot)
    found = {(trail, each.principal): each for trail, readers in looked_at.items() for each in readers}
    said = {(trail, each.principal): each for each in plan.readers for trail in each.trails}
    known = {i.account for i in snapshot.inventories if isinstance(i, Inventory)}
    moved: list[Message] = []
    agreeing = left = 0
    for row in dict.fromkeys((*said, *found)):
        trail, principal = row
        was, now = said.get(row), found.get(row)
        told_of = account_of(principal) if was else snapshot.account
        if trail not in looked_at or told_of not in known or _is_open(was) or _is_open(now):
            left += was is not None
        elif _differs(plan, was, now):
            moved.append(_moved(row, now))
        else:
            agreeing += was is not None
    return ReadersAgain(moved=tuple(moved), agreeing=agreeing, left=left)


def _looked_at(plan: Plan, snapshot: Snapshot) -> dict[str, tuple[ReaderImpact, ...]]:
    """Return the readers of each trail that is as the plan was made from."""
    trails = (trail for trail in snapshot.trails if isinstance(trail, Trail))
    found = ((trail.arn, _readers(plan, trail, snapshot)) for trail in trails)
    return {trail: readers for trail, readers in found if readers is not None}


def _is_open(reader: ReaderImpact | None) -> bool:
    """What was not known, then or now, contradicts nothing."""
    return reader is not None and reader.outlook is ReaderOutlook.UNKNOWN


def _differs(plan: Plan, was: ReaderImpact | None, now: ReaderImpact | None) -> bool:
    """
    Whether one says what the other does not.

    A plan that turns no trail and restricts nobody tells only of those for whom it adds a statement.
    """
    whole = bool(plan.switches or plan.intent.readers.principals)
    if now is None or was is None:
        return whole or (now is not None and now.outlook is not ReaderOutlook.KEEPS)
    return was.outlook is not now.outlook


def _moved(row: Row, now: ReaderImpact | None) -> Message:
    trail, principal = row
    return Message(NOW[now.outlook] if now else NEITHER, {"reader": principal, "trail": trail})


def _readers(plan: Plan, trail: Trail, snapshot: Snapshot) -> tuple[ReaderImpact, ...] | None:
    """Return the readers of a trail under the plan, None where it is not as the plan was made from."""
    turn = next((step for step in plan.switches if step.trail_arn == trail.arn), None)
    key = turn.after if turn else trail.kms_key_id
    policy = _policy(plan, key, snapshot)
    as_before = trail.kms_key_id == turn.before if turn else _is_before(plan, key, snapshot)
    if not policy or not as_before or key in _unexamined(plan):
        return None
    found = impacts(trail, snapshot, key=key, policy=policy)
    return tuple(map(meant, found)) if plan.intent.readers.principals else found


def _unexamined(plan: Plan) -> set[str]:
    """Return the keys of which the plan says that nobody looked at who reads under them."""
    return {each.subject for each in plan.concerns if each.code is Code.READERS_NOT_EXAMINED}


def _policies(plan: Plan) -> Iterator[CreateKey | ReplicateKey | PutKeyPolicy]:
    return (step for step in plan.steps if isinstance(step, CreateKey | ReplicateKey | PutKeyPolicy))


def _policy(plan: Plan, key: str, snapshot: Snapshot) -> str:
    """Return the policy that a key has once the plan is done, "" where that is not known."""
    for step in _policies(plan):
        if step.key == key:
            return step.after if isinstance(step, PutKeyPolicy) else step.policy
    return _held(key, snapshot)


def _is_before(plan: Plan, key: str, snapshot: Snapshot) -> bool:
    """Whether a key that the plan changes has the policy that the plan was made from."""
    puts = (step for step in _policies(plan) if isinstance(step, PutKeyPolicy) and step.key == key)
    return any(same(step.before, _held(key, snapshot)) for step in puts)


def _held(key: str, snapshot: Snapshot) -> str:
    found = snapshot.key(key)
    policies = found.policies if isinstance(found, KmsKey) else None
    return policies.default if isinstance(policies, KeyPolicies) else ""
