"""One case played: each start in a process's place, and after them one without any fault."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from unittest.mock import patch

from msgspec import Struct

from faults.account import SmallAws
from faults.courses import Case, Ended, Start
from faults.ends import End, judge
from faults.plans import KINDS, account_of_kind, plan_of_kind
from faults.standing import misused
from faults.wire import ALWAYS, Line, WiredDeliveries, session
from plan_estate import Killed, MemoryJournal, Told
from trailseal.aws.control_plane import AwsControlPlane
from trailseal.errors import TrailsealError
from trailseal.plan.plan import Plan
from trailseal.run.apply import Applied, Ports, apply
from trailseal.run.journal import JournalEntry
from trailseal.run.undo import Undone, begin_undo, pending, undo

NAME = "plan.json"
LIMIT = timedelta(hours=3)
"""So long no start takes, however much of it fails."""


class Played(Struct, frozen=True, kw_only=True):
    """How each start ended, and what was wrong."""

    ends: tuple[End, ...]
    wrong: tuple[str, ...]
    struck: tuple[tuple[str, str], ...] = ()


class Journal(MemoryJournal):
    """A journal at whose lines a process may end too."""

    line: Line

    def write(self, entry: JournalEntry) -> None:
        self.line.moment()
        super().write(entry)
        self.line.moment()


def play(case: Case) -> Played:
    """Return how the starts of a case ended, the last of them without any fault."""
    plan, aws = plan_of_kind(case.kind), account_of_kind(case.kind)
    aws.lag = timedelta(seconds=case.lag)
    journal, ends, wrong = Journal(), [], []
    struck: list[tuple[str, str]] = []
    healed = Start(verb=case.starts[-1].verb)
    for start in (*case.starts, healed):
        if start.elsewhere:
            journal = Journal()
        ended = _start(plan, case, aws, journal, start)
        end, problems = judge(plan, aws, start, ended)
        ends.append(end)
        wrong += [f"{len(ends)}. start: {problem}" for problem in problems]
        struck += ended.line.struck
    if ends[-1] is not End.AS_PLANNED and not aws.mishap:
        wrong.append(f"without any fault it ends as {ends[-1].value}")
    return Played(
        ends=tuple(ends), wrong=(*wrong, *aws.wrong, *misused(plan, aws, case)), struck=tuple(struck)
    )


def _start(plan: Plan, case: Case, aws: SmallAws, journal: Journal, start: Start) -> Ended:
    ends = (
        max(1, round(start.dies * lines(case.kind, start.verb, waits=start.waits).moments))
        if start.dies
        else ALWAYS
    )
    how = KeyboardInterrupt if start.interrupted else Killed
    line, told = Line(aws, start.fault, ends=ends, how=how), Told()
    if start.mishap:
        _let_happen(plan, aws)
    wired = session()
    wired.lay(line)
    journal.line = line
    ports = Ports(
        control=AwsControlPlane(wired),
        deliveries=WiredDeliveries(wired),
        journal=journal,
        clock=aws.clock,
        observe=told,
        material=KINDS[case.kind].material,
    )
    ended = Ended(before=aws.standing(), line=line, told=told)
    woken = lambda _: line.moment()  # noqa: E731 - a process may end in a wait
    aws.clock.woken.append(woken)
    began = aws.clock.elapsed()
    try:
        with patch("botocore.endpoint.time", SimpleNamespace(sleep=aws.clock.sleep)):
            ended.answer = _run(plan, ports, start)
        ended.exit_code = int(ended.answer.exit_code) if isinstance(ended.answer, Applied) else 0
    except TrailsealError as problem:
        ended.error, ended.exit_code = problem, int(problem.exit_code)
    except (Killed, KeyboardInterrupt) as problem:
        ended.error, ended.exit_code = problem, 130
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is a fault
        ended.error, ended.exit_code = problem, -1
    aws.clock.woken.remove(woken)
    if aws.clock.elapsed() - began > LIMIT.total_seconds():
        aws.wrong.append(f"{start.verb} took {timedelta(seconds=aws.clock.elapsed() - began)}")
    return ended


def _run(plan: Plan, ports: Ports, start: Start) -> Applied | Undone:
    if start.verb == "apply":
        return apply(plan, ports, name=NAME, wait=start.waits)
    run = begin_undo(plan, ports, name=NAME)
    pending(plan, run)
    return undo(plan, run, ports)


def _let_happen(plan: Plan, aws: SmallAws) -> None:
    """Disable the key of the plan's last trail while somebody waits after that was turned."""
    last = plan.switches[-1]

    def disable(_: object) -> None:
        key = aws.trails[last.trail_arn]["KmsKeyId"]
        if key != last.before and not aws.mishap:
            aws.mishap = True
            aws.keys[key]["state"] = "Disabled"

    aws.clock.woken.append(disable)


@cache
def lines(kind: str, verb: str, *, waits: bool) -> Line:
    """Return the line of a start to which nothing happened."""
    plan, aws, journal = plan_of_kind(kind), account_of_kind(kind), Journal()
    case = Case(kind=kind, starts=())
    if verb == "undo":
        _start(plan, case, aws, journal, Start())
    return _start(plan, case, aws, journal, Start(verb=verb, waits=waits)).line
