"""Before a plan is carried out: the readers that it speaks of, decided anew on what stands."""

from __future__ import annotations

from trailseal.messages import counted, message
from trailseal.plan.plan import Plan
from trailseal.plan.readers_again import decide_again, is_about_readers
from trailseal.plan.unread_facts import unread_in
from trailseal.run.control import KeyReader
from trailseal.run.events import Observer, Told
from trailseal.run.moved_since import all_moved
from trailseal.run.plan import look_at_readers
from trailseal.run.policies_now import see_policies
from trailseal.run.ports import Collector


def see_readers(plan: Plan, collector: Collector | None, keys: KeyReader, observe: Observer) -> None:
    """
    Return when nobody who can be looked at reads otherwise than the plan says.

    Without a collector, and for a plan that changes nothing for readers, nothing is looked at.

    Raises:
        WorldMoved: somebody does, or KMS would not take a policy now; nothing was changed.
        TrailsealError: AWS cannot be reached.
    """
    if collector is None or not is_about_readers(plan):
        return
    snapshot = look_at_readers(plan.intent, collector, keys)
    see_policies(plan, snapshot, observe)
    found = decide_again(plan, snapshot)
    if found.moved:
        raise all_moved(found.moved, observe)
    if found.agreeing:
        told = counted(
            "{count} reader was checked again, and is as the plan says",
            "{count} readers were checked again, and are as the plan says",
            found.agreeing,
        )
        observe(Told(what=told))
    if calls := sorted({each.call for each in unread_in(snapshot)}):
        told = message("readers were decided again without what was not read: {calls}", calls=tuple(calls))
        observe(Told(what=told))
    if found.left:
        told = counted(
            "{count} reader is as the plan says, which could not be checked here",
            "{count} readers are as the plan says, which could not be checked here",
            found.left,
        )
        observe(Told(what=told))
