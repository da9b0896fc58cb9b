"""
The seam for readers: what a switch means for those who read, and what is added to keep or restrict them.

`build_plan` hands each key's policy, with CloudTrail's statements already in it, to a `Shape` and
takes back the policy to put. The engine of `access` provides the real one; `leave_open` adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from trailseal.messages import Words, message
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.concern import Concern, Weight
from trailseal.plan.intent import Intent


class ReaderOutlook(StrEnum):
    """What becomes of one reader."""

    KEEPS = "keeps reading"
    BREAKS = "will break"
    NEWLY_ABLE = "newly able"
    SHUT_OUT = "shut out"
    UNKNOWN = "unknown"


class ReaderImpact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reader before and after, with the statement that keeps it."""

    principal: str
    outlook: ReaderOutlook
    trails: tuple[str, ...]
    known_as: str = ""
    """`Athena`, `replication`, …, where the reader is a known consumer."""
    added: str = ""
    """The Sid of the statement that the plan adds for it."""
    statement: str = ""
    """The statement to add, as JSON, where the plan does not add one."""
    reasons: tuple[Words, ...] = ()


class KeyInQuestion(Struct, frozen=True, kw_only=True):
    """A key's policy about to be planned, and what it will be used for."""

    key: str
    """Its ARN, or `new:REGION`."""
    before: str
    """The policy that stands; "" for a key yet to be made."""
    policy: str
    """The policy with CloudTrail's statements in it."""
    trails: tuple[Trail, ...]


class Shaped(Struct, frozen=True, kw_only=True):
    """The policy to put, who reads then, and what there is to say about it."""

    policy: str
    readers: tuple[ReaderImpact, ...] = ()
    concerns: tuple[Concern, ...] = ()


Shape = Callable[[KeyInQuestion, Snapshot, Intent], Shaped]


def leave_open(question: KeyInQuestion, snapshot: Snapshot, intent: Intent) -> Shaped:
    """Return the policy as it is, with a warning that nobody has looked at the readers."""
    del snapshot, intent
    warning = Concern(
        code="readers-not-examined",
        weight=Weight.WARNING,
        subject=question.key,
        text=message(
            "who reads the log files was not examined: after the switch a reader needs kms:Decrypt on the "
            "key beside s3:GetObject on the bucket"
        ),
        remedy=message("trailseal who --plan PLAN names them"),
    )
    return Shaped(policy=question.policy, concerns=(warning,))
