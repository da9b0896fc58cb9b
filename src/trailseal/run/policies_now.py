"""Before a policy is put: whether KMS would take it now, from whoever carries out the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from trailseal.messages import Message
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.plan.concern import weigh
from trailseal.plan.concern_facts import Weight
from trailseal.plan.document import same
from trailseal.plan.plan import Plan
from trailseal.plan.put_words import why_refused
from trailseal.plan.putting import PolicyPut, put_concerns
from trailseal.plan.step import PutKeyPolicy, Step
from trailseal.run.control import KeyReader
from trailseal.run.events import Observer
from trailseal.run.moved_since import all_moved
from trailseal.run.plan import look_at_readers
from trailseal.run.ports import Collector


class NotTakenBack(Struct, frozen=True, kw_only=True):
    """A step that an undo leaves, because AWS would refuse it, and why."""

    step: Step
    why: tuple[Message, ...]


def see_policies(plan: Plan, snapshot: Snapshot, observe: Observer) -> None:
    """
    Return when KMS would take each policy that `plan` has still to put.

    Raises:
        WorldMoved: it would not, for a reason that the plan does not take on; nothing was changed.
    """
    puts = (step for step in plan.steps if isinstance(step, PutKeyPolicy) and _is_to_do(step, snapshot))
    if found := [why for step in puts for why in refusals(step, plan, snapshot)]:
        raise all_moved(found, observe)


def not_taken_back(
    steps: Iterable[Step], plan: Plan, collector: Collector | None, keys: KeyReader
) -> tuple[NotTakenBack, ...]:
    """
    Return which of an undo's `steps` KMS would refuse; without a collector only the texts are looked at.

    Raises:
        TrailsealError: AWS cannot be reached.
    """
    puts = [step for step in steps if isinstance(step, PutKeyPolicy)]
    if not puts:
        return ()
    snapshot = look_at_readers(plan.intent, collector, keys) if collector else None
    found = ((step, tuple(refusals(step, plan, snapshot))) for step in puts)
    return tuple(NotTakenBack(step=step, why=why) for step, why in found if why)


def refusals(step: PutKeyPolicy, plan: Plan, snapshot: Snapshot | None) -> Iterator[Message]:
    """Yield why KMS would refuse a policy, but for what the plan takes on."""
    put = PolicyPut(key=step.key, before=step.before, after=step.after)
    for found in weigh(tuple(put_concerns(put, snapshot)), plan.intent.accept):
        if found.weight is Weight.REFUSED:
            yield why_refused(found)


def _is_to_do(step: PutKeyPolicy, snapshot: Snapshot) -> bool:
    key = snapshot.key(step.key)
    policies = key.policies if isinstance(key, KmsKey) else None
    return isinstance(policies, KeyPolicies) and same(policies.default, step.before)
