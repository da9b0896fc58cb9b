"""
The plan: what will be done, in order, how it is taken back, and what triggers that.

A plan is a value. Its id is computed from everything else in it, so that a plan that was changed
after it was made no longer carries its own id.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec import Struct

from trailseal.errors import ExitCode
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Weight
from trailseal.plan.footing import Footing
from trailseal.plan.intent import Intent
from trailseal.plan.names import Account, BucketName, Partition, Region, Root, TagOrNothing, TrailArn
from trailseal.plan.reading import ReaderImpact
from trailseal.plan.step import Leave, Step, UpdateTrail

ID_LENGTH = 16


class Trigger(StrEnum):
    """What makes `apply` put a trail back by itself."""

    DELIVERIES_FAIL = "deliveries-fail"
    """CloudTrail reports an error after the switch, twice in a row, and nothing was delivered since."""
    KEY_UNUSABLE = "key-unusable"
    """The key cannot be used any more while deliveries are awaited."""


class Watched(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A place that a trail delivers to, where its next log file will show the switch.

    """

    trail_arn: TrailArn
    bucket: BucketName
    root: Root
    account: Account
    region: Region
    lately: bool = True
    """Whether it delivered shortly before the plan was made, and is waited for."""


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan for one account. `rollback` undoes `steps`, last first."""

    format: Literal[1] = 1
    id: str = ""
    made_at: datetime
    account: Account
    partition: Partition
    intent: Intent
    steps: tuple[Step, ...] = ()
    rollback: tuple[Step, ...] = ()
    looked_at: tuple[TrailArn, ...] = ()
    """The trails that the intent is about."""
    left_alone: tuple[TrailArn, ...] = ()
    """The account's other trails: they have a key that serves them, and nothing else was asked for."""
    keys_elsewhere: dict[TrailArn, Account] = {}
    """Of the trails left alone those under a key of another account, and which: it is judged there."""
    triggers: tuple[Trigger, ...] = ()
    concerns: tuple[Concern, ...] = ()
    readers: tuple[ReaderImpact, ...] = ()
    watched: tuple[Watched, ...] = ()
    tag: TagOrNothing = ""
    """
    What the keys that this plan makes are tagged with: random, and known to nobody until one is made but
    to who holds the plan or the journal. "" where none is made.
    """
    rests_on: tuple[Footing, ...] = ()
    """What is compared before the first step and changed by none."""

    @property
    def can_apply(self) -> bool:
        """Whether there is anything to do: the one answer that views and exit codes ask for."""
        return bool(self.steps)

    @property
    def is_complete(self) -> bool:
        """Whether everything that the plan had to know could be read."""
        return all(concern.weight is not Weight.UNKNOWN for concern in self.concerns)

    @property
    def exit_code(self) -> ExitCode:
        """4 when something could not be read, 3 when something is pending or was refused, 0 with neither."""
        if not self.is_complete:
            return ExitCode.INCOMPLETE
        return ExitCode.FINDINGS if self.can_apply or self.refusals else ExitCode.CLEAN

    @property
    def refusals(self) -> tuple[Concern, ...]:
        """What was kept out of the plan, and why."""
        return tuple(concern for concern in self.concerns if concern.weight is Weight.REFUSED)

    @property
    def switches(self) -> tuple[UpdateTrail, ...]:
        """The steps that turn a trail."""
        return tuple(step for step in self.steps if isinstance(step, UpdateTrail))

    @property
    def way_back(self) -> tuple[Step, ...]:
        """The steps of an undo, but for what that leaves standing."""
        return tuple(step for step in self.rollback if not isinstance(step, Leave))

    @property
    def trails(self) -> tuple[TrailArn, ...]:
        """The trails that the steps turn; where they turn none, those that they are about."""
        return tuple(step.trail_arn for step in self.switches) or self.looked_at


def seal(plan: Plan) -> Plan:
    """Return `plan` with its id."""
    return msgspec.structs.replace(plan, id=fingerprint(plan))


def fingerprint(plan: Plan) -> str:
    """Return the id that belongs to the plan's content."""
    bare = msgspec.structs.replace(plan, id="")
    return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()[:ID_LENGTH]
