"""
How a start ended: one of five, recognised by what stands in the small AWS.

Of words only the names are read that somebody who has to go on needs.
"""

from __future__ import annotations

import re
from enum import StrEnum

from faults.account import SmallAws, Wire
from faults.courses import Ended, Start
from faults.standing import is_back, stands, strays
from plan_estate import Killed
from trailseal.plan.plan import Plan
from trailseal.plan.step import CreateKey, ImportKeyMaterial, ReplicateKey, UpdateTrail, call_of
from trailseal.run.apply import Applied


class End(StrEnum):
    """How a start ended."""

    AS_PLANNED = "as planned"
    NOTHING_CHANGED = "nothing changed"
    TAKEN_BACK = "taken back"
    PART_DONE = "part done"
    NOT_KNOWN = "not known"
    KILLED = "killed"
    """No end: the next start has to come to one."""


def judge(plan: Plan, aws: SmallAws, start: Start, ended: Ended) -> tuple[End, list[str]]:
    """Return how a start ended, and what is wrong with that or with what it told."""
    if ended.exit_code == -1:
        return End.KILLED, [f"{type(ended.error).__name__}: {ended.error}"]
    if isinstance(ended.error, Killed):
        return End.KILLED, []
    if ended.answer is not None:
        return _judge_answer(plan, aws, start, ended)
    named, maybe, problems = _told(plan, ended)
    true = {at for at, step in enumerate(plan.steps) if stands(plan, aws, step)}
    if aws.mishap:  # a key that somebody has disabled since: to some it stands and to others not
        true, named, maybe = true - making(plan), named - making(plan), maybe - making(plan)
    if wrongly := named - true:
        problems.append(f"told to stand and does not: {_calls(plan, wrongly)}")
    if not _has_changed(aws, ended):
        return End.NOTHING_CHANGED, problems
    problems += _unnamed(plan, start, ended, true - named, maybe)
    return (End.NOT_KNOWN if maybe else End.PART_DONE), problems


def _unnamed(plan: Plan, start: Start, ended: Ended, left: set[int], maybe: set[int]) -> list[str]:
    """Return what somebody who has to go on was not told; `left` are the steps that stand, without a name."""
    problems = []
    if left - maybe:
        problems.append(f"stands and is not named: {_calls(plan, left - maybe)}")
    if "`trailseal " not in ended.told.text:
        problems.append("no command is told")
    if maybe and not ended.line.struck and not start.interrupted:
        problems.append(f"could be read and is not known: {_calls(plan, maybe)}")
    return problems


def _has_changed(aws: SmallAws, ended: Ended) -> bool:
    now, before = aws.standing(), ended.before
    return _without_states(now) != _without_states(before) if aws.mishap else now != before


def _without_states(standing: Wire) -> Wire:
    """Return what stands without what somebody else did to a key; what a plan does to it shows elsewhere."""
    keys = {
        arn: {n: fact for n, fact in held.items() if n != "state"} for arn, held in standing["keys"].items()
    }
    return {**standing, "keys": keys}


def making(plan: Plan) -> set[int]:
    """Return the positions of the steps that make a key serve."""
    kinds = CreateKey | ReplicateKey | ImportKeyMaterial
    return {at for at, step in enumerate(plan.steps) if isinstance(step, kinds)}


def _judge_answer(plan: Plan, aws: SmallAws, start: Start, ended: Ended) -> tuple[End, list[str]]:
    if start.verb == "undo":
        return End.AS_PLANNED, [] if is_back(plan, aws) else ["undo says that all is back, and it is not"]
    true, applied = {at for at, step in enumerate(plan.steps) if stands(plan, aws, step)}, ended.answer
    done = true | (making(plan) if aws.mishap else set()) == {*range(len(plan.steps))}
    assert isinstance(applied, Applied)
    if done and not applied.rolled_back and not applied.not_put_back:
        unnamed = strays(plan, aws) - {*applied.unused_keys}
        problems = [
            f"{arn} is used for nothing, and nobody says so" for arn in unnamed if not ended.line.struck
        ]
        if ended.exit_code and not start.waits:
            problems.append(f"done, and exit code {ended.exit_code}")
        return End.AS_PLANNED, problems
    back = {step.trail_arn for step in plan.switches if aws.trails[step.trail_arn]["KmsKeyId"] == step.before}
    turned = {step.trail_arn for step in plan.switches if stands(plan, aws, step)}
    told = {step.trail_arn for step in applied.rolled_back if isinstance(step, UpdateTrail)}
    left = {each.trail_arn for each in applied.not_put_back}
    problems = [] if ended.exit_code else ["not done, and exit code 0"]
    if back != told or left - turned or back | turned != {step.trail_arn for step in plan.switches}:
        problems.append(f"put back are {back}, told {told}, not put back {left}")
    if left and not applied.next_command:
        problems.append("no command is told")
    return (End.PART_DONE if turned else End.TAKEN_BACK), problems


STAND = re.compile(r"^these steps are applied: (.*)$", re.MULTILINE)
MAYBE = re.compile(
    r"(?:it is not known whether these(?: steps)? are(?: applied)?): (.*?)(?:\. `|$)",
    re.MULTILINE,
)


def _told(plan: Plan, ended: Ended) -> tuple[set[int], set[int], list[str]]:
    """Return which steps were told to stand, and which perhaps."""
    told = ended.told.text
    problems: list[str] = []
    found = [
        {
            at
            for text in pattern.findall(told)[-1:]
            for name in text.split(", ")
            for at in _steps(plan, name, problems)
        }
        for pattern in (STAND, MAYBE)
    ]
    return found[0], found[1], problems


def _steps(plan: Plan, name: str, problems: list[str]) -> list[int]:
    number, _, call = name.rpartition(" ")
    calls = [at for at, step in enumerate(plan.steps) if call_of(step) == call]
    if number:
        calls = [at for at in calls if at == int(number) - 1]
    if len(calls) != 1:
        problems.append(f"`{name}` names {len(calls)} steps")
    return calls


def _calls(plan: Plan, positions: set[int]) -> str:
    return ", ".join(f"{at + 1} {call_of(plan.steps[at])}" for at in sorted(positions))
