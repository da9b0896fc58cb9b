"""
The seam for readers: what a switch means for those who read, and what is added to keep or restrict them.

`build_plan` hands each key's policy, with CloudTrail's statements already in it, to a `Shape` and
takes back the policy to put. The engine of `access` provides the real one; `leave_open` adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from trailseal.access.readers.reading import Access
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern, concern
from trailseal.plan.concern_facts import Code
from trailseal.plan.deciders import Decider
from trailseal.plan.intent import Intent
from trailseal.plan.names import TrailArn, Word


class ReaderOutlook(StrEnum):
    """What becomes of one reader."""

    KEEPS = "keeps reading"
    BREAKS = "will break"
    NEWLY_ABLE = "newly able"
    SHUT_OUT = "shut out"
    UNKNOWN = "unknown"


def outlook_of(before: Access, after: Access) -> ReaderOutlook | None:
    """Return what becomes of somebody, None for one who reads neither before nor after."""
    if after is Access.UNKNOWN:
        return ReaderOutlook.UNKNOWN
    if after is Access.READ:
        return ReaderOutlook.KEEPS if before is Access.READ else ReaderOutlook.NEWLY_ABLE
    return ReaderOutlook.BREAKS if before is Access.READ else None


class LacksIn(StrEnum):
    """Where the statement belongs that would let a reader go on, where the plan does not add one."""

    NOTHING = ""
    IN_IAM = "iam"
    IN_KEY_POLICY = "key policy"


class ReaderImpact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reader before and after, and what decides that: facts, from which views make sentences."""

    principal: Word
    outlook: ReaderOutlook
    before: Access
    after: Access
    trails: tuple[TrailArn, ...]
    active: bool = False
    """Whether it reads today, as far as anybody can tell: not only could, if it wanted."""
    known_as: str = ""
    """`Athena`, `replication`, …, where the reader is a known consumer."""
    lacks: LacksIn = LacksIn.NOTHING
    decided_by: tuple[Decider, ...] = ()
    """What decides about decrypting afterwards."""

    @property
    def loses(self) -> bool:
        """Whether it can read before and, for certain, not after."""
        return self.outlook in {ReaderOutlook.BREAKS, ReaderOutlook.SHUT_OUT}

    @property
    def is_sound(self) -> bool:
        """Whether the outlook is what comes of before and after; who is shut out breaks, as was asked for."""
        found = outlook_of(self.before, self.after)
        shut_out = self.outlook is ReaderOutlook.SHUT_OUT and found is ReaderOutlook.BREAKS
        return shut_out or self.outlook is found


class KeyInQuestion(Struct, frozen=True, kw_only=True):
    """A key's policy about to be planned, and what it will be used for."""

    key: str
    """Its ARN, or `new:REGION`."""
    before: str
    """The policy that stands; "" for a key yet to be made."""
    policy: str
    """The policy with CloudTrail's statements in it."""
    trails: tuple[Trail, ...]
    editable: bool = True
    """False for the key of another account, whose policy can be changed only there."""


class Shaped(Struct, frozen=True, kw_only=True):
    """The policy to put, who reads then, and what there is to say about it."""

    policy: str
    readers: tuple[ReaderImpact, ...] = ()
    concerns: tuple[Concern, ...] = ()


Shape = Callable[[KeyInQuestion, Snapshot, Intent], Shaped]


def leave_open(question: KeyInQuestion, snapshot: Snapshot, intent: Intent) -> Shaped:
    """Return the policy as it is, with a warning that nobody has looked at the readers."""
    del snapshot, intent
    warning = concern(Code.READERS_NOT_EXAMINED, question.key)
    return Shaped(policy=question.policy, concerns=(warning,))
