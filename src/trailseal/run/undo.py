"""
Undo: put back what stood before a run, step by step, last first.

No key is ever deleted or disabled. What was delivered under one while the run stood opens with that
key alone, and undo says which objects those are.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from trailseal.errors import ExitCode, TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal.model.log_file import Delivered
from trailseal.model.unreadable import Unreadable
from trailseal.plan.codec import belongs
from trailseal.plan.drift import StepStanding
from trailseal.plan.plan import ID_LENGTH, Plan
from trailseal.plan.step import CreateKey, Leave, ReplicateKey, Step, UpdateTrail, is_new, named
from trailseal.run.apply import Ports, open_run, waits_for
from trailseal.run.course import Run, patiently
from trailseal.run.deliveries import Folder, is_under
from trailseal.run.documents import plan_in
from trailseal.run.events import Told
from trailseal.run.journal import Direction, Journal, Phase, RunRecord
from trailseal.run.made_keys import key_to_take_back
from trailseal.run.outcome import UNDONE
from trailseal.run.plan_signature import Signers
from trailseal.run.policies_now import NotTakenBack
from trailseal.run.standing import can_look, stand
from trailseal.run.stepping import carry_out
from trailseal.run.told_standing import tell_left, tell_undo_interrupted

RUN = re.compile(rf"[0-9a-f]{{1,{ID_LENGTH}}}")
"""What can be the id of a run; everything else is a file's name."""


class OnlyUnder(Struct, frozen=True, kw_only=True):
    """Objects that only one key opens: how many in one place, and the oldest and newest of them."""

    key: str
    bucket: str
    root: str
    region: str
    kind: Delivered
    count: int
    oldest: str = ""
    newest: str = ""
    unreadable: str = ""


class ToUndo(Struct, frozen=True, kw_only=True):
    """What an undo is about: a plan, what the user calls it, and when a run last changed something by it."""

    plan: Plan
    name: str
    changed_at: datetime | None = None
    """None where no journal of this user's tells."""


class Undone(Struct, frozen=True, kw_only=True):
    """What an undo did: steps taken back, what was left standing and why, and what needs the key."""

    format: Literal[1] = 1
    run: str
    changed_at: datetime | None = None
    trails: tuple[str, ...] = ()
    steps: tuple[Step, ...]
    left: tuple[Step, ...]
    only_under: tuple[OnlyUnder, ...]
    not_taken_back: tuple[NotTakenBack, ...] = ()
    """Steps that AWS would refuse; the run stands as far as these go."""

    @property
    def exit_code(self) -> ExitCode:
        """0 when everything is taken back that an undo takes back, else 3."""
        return ExitCode.FINDINGS if self.not_taken_back else ExitCode.CLEAN


def find_run(journal: Journal, run_id: str, account: str) -> RunRecord:
    """
    Return the run to undo: the one named, else the account's that changed something last.

    A run of which nothing stands that an undo would put back is passed over.

    Raises:
        UsageProblem: there is none.
    """
    if run_id:
        if found := journal.run(run_id):
            return found
        raise UsageProblem(
            message("there is no run `{run}` in this journal", run=run_id),
            message("`trailseal runs` lists them; trailseal undo PLAN works without a journal"),
        )
    changed = [record for record in journal.runs(account) if record.changed_at]
    if not changed:
        raise UsageProblem(
            message("there is no run to undo for account {account}", account=account),
            message("`trailseal runs` lists them; trailseal undo PLAN works without a journal"),
        )
    return max(changed, key=lambda record: record.changed_at or record.started_at)


def chosen_plan(named: str, ports: Ports, *, signed_by: Signers | None = None) -> ToUndo:
    """
    Return the plan to take back and what to call it: a run of the journal, or a plan file.

    Raises:
        UsageProblem: it is neither, or the file is not signed by one of these keys.
    """
    if named and (not RUN.fullmatch(named) or Path(named).is_file()):
        plan = plan_in(named, signed_by=signed_by)
        record = ports.journal.run(plan.id)
        return ToUndo(plan=plan, name=named, changed_at=record.changed_at if record else None)
    if signed_by is not None:
        raise UsageProblem(message("--signed-by is for a plan's file, and a run of the journal has none"))
    record = find_run(ports.journal, named, "" if named else ports.control.account())
    return ToUndo(plan=record.plan, name=record.plan.id, changed_at=record.changed_at)


def begin_undo(plan: Plan, ports: Ports, *, name: str) -> Run:
    """
    Return the run with its keys found, ready to be taken back; nothing is changed yet.

    Raises:
        UsageProblem: the plan is for another account, or has no step.
    """
    belongs(plan, account=ports.control.account(), name=name)
    if not plan.can_apply:
        raise UsageProblem(message("`{name}` has no step, so that there is no run to undo", name=name))
    run = open_run(ports.journal.start(plan, at=ports.clock.now()), ports)
    _find_keys(run)
    return run


def _find_keys(run: Run) -> None:
    for step in run.plan.steps:
        if isinstance(step, CreateKey | ReplicateKey) and (found := key_to_take_back(run, step)):
            run.keys[step.key] = found


def pending(plan: Plan, run: Run) -> tuple[Step, ...]:
    """Return the steps that an undo would take now, in order, under their real ARNs."""
    return tuple(
        known
        for step in plan.way_back
        if can_look(known := named(step, run.keys))
        and patiently(run, lambda step=step: stand(run, step)).standing is not StepStanding.DONE  # type: ignore[misc]
    )


def undo(
    plan: Plan,
    run: Run,
    ports: Ports,
    *,
    but_for: tuple[NotTakenBack, ...] = (),
    changed_at: datetime | None = None,
) -> Undone:
    """
    Take `plan` back, `but_for` steps that AWS would refuse, and return what came of it.

    Raises:
        WorldMoved: something was changed since by somebody else; what is undone so far stays undone.
        TrailsealError: AWS refused.
    """
    under = only_under(plan, run, ports)
    with ports.journal.alone(plan.id, lambda: ports.observe(Told(what=waits_for(plan)))):
        _find_keys(run)  # an apply that was waited for may have made them
        taken, left = _take_back(plan, run, ports, but_for={each.step for each in but_for})
    return Undone(
        run=run.id,
        changed_at=changed_at,
        trails=plan.trails,
        steps=tuple(taken),
        left=tuple(left),
        only_under=under,
        not_taken_back=but_for,
    )


def _take_back(plan: Plan, run: Run, ports: Ports, *, but_for: set[Step]) -> tuple[list[Step], list[Step]]:
    """Return the steps that were taken back, and those that are left standing."""
    taken: list[Step] = []
    left: list[Step] = []
    last = len(plan.steps) - 1
    perhaps = set(range(len(plan.steps)))
    try:
        for position, step in enumerate(plan.rollback):
            known = named(step, run.keys)
            if not can_look(known) or known in but_for:
                continue
            standing = carry_out(run, step, position=last - position, direction=Direction.UNDO)
            if isinstance(known, Leave):
                left.append(known.step)
                continue
            perhaps.remove(last - position)
            if standing is StepStanding.TO_DO:
                taken.append(known)
        _note_end(run, whole=bool(plan.way_back) and not but_for)
    except TrailsealError:
        try:
            tell_left(plan, run, ports.deliveries)
        except KeyboardInterrupt:
            tell_undo_interrupted(run, plan, perhaps=perhaps)
            raise
        raise
    except KeyboardInterrupt:
        tell_undo_interrupted(run, plan, perhaps=perhaps)
        raise
    return taken, left


def _note_end(run: Run, *, whole: bool) -> None:
    """A run of which a part stands, or all of it, is not undone, and can be undone again."""
    if whole:
        run.note(Direction.UNDO, Phase.ENDED, detail=UNDONE)


def only_under(plan: Plan, run: Run, ports: Ports) -> tuple[OnlyUnder, ...]:
    """Return the objects that were delivered under the run's keys and that nothing else opens."""
    record = run.journal.run(plan.id)
    times = record.switched_at if record else {}
    steps = {
        s.trail_arn: s
        for s in (named(each, run.keys) for each in plan.switches)
        if isinstance(s, UpdateTrail)
    }
    found: list[OnlyUnder] = []
    for place in dict.fromkeys((p.trail_arn, p.bucket, p.root) for p in plan.watched):
        trail_arn, bucket, root = place
        key = steps[trail_arn].after
        if not is_new(key):
            since = times.get(trail_arn) or plan.made_at
            for kind in Delivered:
                folder = Folder(bucket=bucket, root=root, region="", kind=kind)
                found += _under_root(folder, key, ports, since=since)
    return tuple(each for each in found if each.count or each.unreadable)


def _under_root(folder: Folder, key: str, ports: Ports, *, since: datetime) -> list[OnlyUnder]:
    regions = ports.deliveries.regions(folder)
    if isinstance(regions, Unreadable):
        return [_unread(folder, key, regions)]
    folders = [structs.replace(folder, region=region) for region in regions]
    return [_under(each, key, ports, since=since) for each in folders]


def _unread(folder: Folder, key: str, reason: Unreadable) -> OnlyUnder:
    return OnlyUnder(
        key=key,
        bucket=folder.bucket,
        root=folder.root,
        region=folder.region,
        kind=folder.kind,
        count=0,
        unreadable=f"{reason.call} {reason.code}",
    )


def _under(folder: Folder, key: str, ports: Ports, *, since: datetime) -> OnlyUnder:
    objects = ports.deliveries.delivered(folder, since=since, until=ports.clock.now())
    if isinstance(objects, Unreadable):
        return _unread(folder, key, objects)
    mine = [each.key for each in objects if is_under(each, key)]
    return OnlyUnder(
        key=key,
        bucket=folder.bucket,
        root=folder.root,
        region=folder.region,
        kind=folder.kind,
        count=len(mine),
        newest=mine[0] if mine else "",
        oldest=mine[-1] if mine else "",
    )
