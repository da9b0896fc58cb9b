"""`apply --brief`, `undo --brief` and `runs --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.locale.language import say, translate
from trailseal.messages import Message, counted, message
from trailseal.plan.step import UpdateTrail
from trailseal.run.apply import Applied
from trailseal.run.runs import RunList
from trailseal.run.undo import Undone
from trailseal.view.apply import ARRIVALS, ENDINGS
from trailseal.view.brief.lines import line
from trailseal.view.runs import NO_RUN, ended, to_undo
from trailseal.view.steps import name_of
from trailseal.view.trail_names import trail_names
from trailseal.view.words import listed


def applied_brief(applied: Applied) -> Iterator[str]:
    """Yield how the run ended for each trail that it turned, and what arrived there."""
    ending = translate(ENDINGS[applied.outcome])
    turned = {
        each.step.trail_arn: name_of(each.step.after)
        for each in applied.steps
        if isinstance(each.step, UpdateTrail)
    }
    places: dict[str, list[str]] = {arn: [] for arn in turned}
    for seen in applied.seen:
        words = f"{seen.place.account} {seen.place.region} {translate(ARRIVALS[seen.arrival][0])}"
        places.setdefault(seen.place.trail_arn, []).append(words)
    for arn, called in trail_names(places).items():
        yield line(called, [turned.get(arn, ""), listed(places[arn]), ending])
    if not places:
        yield ending


def undone_brief(undone: Undone) -> Iterator[str]:
    """Yield for each trail how many steps of the run were undone, and how many were not."""
    parts: list[Message] = [counted("{count} step undone", "{count} steps undone", len(undone.steps))]
    if undone.not_taken_back:
        parts.append(message("{count} not undone", count=len(undone.not_taken_back)))
    told = [say(part) for part in parts]
    for called in trail_names(undone.trails).values():
        yield line(called, told)
    if not undone.trails:
        yield line(undone.run, told)


def runs_brief(found: RunList) -> Iterator[str]:
    """Yield each run, newest first: how it ended, what an undo would put back, and its trails."""
    for run in found.runs:
        yield line(run.run, [ended(run), to_undo(run), listed(run.trails)])
    if not found.runs:
        yield say(NO_RUN)
