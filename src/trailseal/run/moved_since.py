"""What is told where things are not as a plan was made from: all of them, before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence

from trailseal.errors import WorldMoved
from trailseal.messages import Message, message
from trailseal.run.events import Observer, Told


def all_moved(problems: Sequence[Message], observe: Observer) -> WorldMoved:
    """Return the error for one change by others, or tell all of them and return one for their number."""
    hint = message("nothing was changed; plan again from the present state: trailseal plan")
    if len(problems) == 1:
        return WorldMoved(problems[0], hint)
    for problem in problems:
        observe(Told(what=problem))
    told = message("{count} things are not as the plan was made from", count=len(problems))
    return WorldMoved(told, hint)
