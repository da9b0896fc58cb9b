"""Before a plan is carried out: the readers that it speaks of, decided anew on what stands."""

from __future__ import annotations

from trailseal.messages import counted
from trailseal.plan.plan import Plan
from trailseal.plan.readers_again import decide_again, is_about_readers
from trailseal.run.control import KeyReader
from trailseal.run.events import Observer, Told
from trailseal.run.moved_since import all_moved
from trailseal.run.plan import look
from trailseal.run.ports import Collector


def see_readers(plan: Plan, collector: Collector | None, keys: KeyReader, observe: Observer) -> None:
    """
    Return when nobody who can be looked at reads otherwise than the plan says.

    Without a collector, and for a plan that changes nothing for readers, nothing is looked at.

    Raises:
        WorldMoved: somebody does; nothing was changed.
        TrailsealError: AWS cannot be reached.
    """
    if collector is None or not is_about_readers(plan):
        return
    found = decide_again(plan, look(plan.intent, collector, keys, principals=True))
    if found.moved:
        raise all_moved(found.moved, observe)
    if found.agreeing:
        told = counted(
            "{count} reader was decided anew, and is as the plan says",
            "{count} readers were decided anew, and are as the plan says",
            found.agreeing,
        )
        observe(Told(what=told))
    if found.left:
        told = counted(
            "{count} reader stands by the plan alone: what decides could not be read here",
            "{count} readers stand by the plan alone: what decides could not be read here",
            found.left,
        )
        observe(Told(what=told))
