"""Cases of a seed: a plan of some kind, starts with faults and kills, here or from another home."""

from __future__ import annotations

import random
from functools import cache

from faults.courses import Case, Start
from faults.plans import KINDS
from faults.played import lines
from faults.wire import ALWAYS, Fault
from faults.wire import KINDS as FAULTS

COUNTS = (1, 1, 1, 3, 9, ALWAYS)
"""How often a fault strikes: botocore's six attempts outlast the first of these."""
LAGS = (0.0, 0.0, 0.0, 0.0, 5.0, 90.0)


def case_of(seed: int | str) -> Case:
    """Return the case of a seed."""
    chance = random.Random(f"faults {seed}")  # noqa: S311 - a seeded case
    kind = chance.choice(list(KINDS))
    starts = [_start(kind, "apply", chance, first=True)]
    while chance.random() < 0.5 and len(starts) < 3:
        starts.append(_start(kind, chance.choice(("apply", "apply", "undo")), chance, first=False))
    return Case(kind=kind, starts=tuple(starts), lag=chance.choice(LAGS))


def _start(kind: str, verb: str, chance: random.Random, *, first: bool) -> Start:
    waits = verb == "apply" and chance.random() < 0.2
    fault = _fault(kind, verb, chance, waits=waits) if chance.random() < 0.7 else None
    dies = chance.uniform(0.01, 1) if fault is None or chance.random() < 0.3 else 0.0
    return Start(
        verb=verb,
        elsewhere=not first and chance.random() < 0.4,
        fault=fault,
        dies=dies,
        interrupted=dies > 0 and chance.random() < 0.3,
        waits=waits,
        mishap=waits and kind != "rotation alone" and chance.random() < 0.3,
    )


def _fault(kind: str, verb: str, chance: random.Random, *, waits: bool) -> Fault:
    calls = operations(kind, verb, waits=waits)
    operation = chance.choice([*calls, ""])
    times = calls[operation] if operation else sum(calls.values())
    return Fault(
        kind=chance.choice(FAULTS),
        operation=operation,
        skip=chance.randrange(times),
        count=chance.choice(COUNTS),
    )


@cache
def operations(kind: str, verb: str, *, waits: bool = False) -> dict[str, int]:
    """Return the operations that a start calls to which nothing happens, with how often."""
    return lines(kind, verb, waits=waits).operations


def table() -> list[Case]:
    """Return each verb with each operation that it calls and each fault, over plans of every kind in turn."""
    kinds, found = list(KINDS), []
    asked = {
        (verb, operation): [
            kind for kind in kinds if operation in operations(kind, verb, waits=verb == "apply")
        ]
        for verb in ("apply", "undo")
        for kind in kinds
        for operation in operations(kind, verb, waits=verb == "apply")
    }
    for number, (verb, operation) in enumerate(sorted(asked)):
        for at, fault in enumerate(FAULTS):
            mine = asked[verb, operation]
            kind = mine[(number + at) % len(mine)]
            times = operations(kind, verb, waits=verb == "apply")[operation]
            found += [
                _struck(kind, verb, Fault(kind=fault, operation=operation, skip=skip, count=count))
                for count, skip in ((1, 0), (9, times // 2), (ALWAYS, times - 1))
            ]
    return found + [_mishap(kind, fault) for kind in ("a new key", "an existing key") for fault in FAULTS]


def _mishap(kind: str, fault: str) -> Case:
    """Return a case in which somebody disables the key after the switch, and the roll back meets a fault."""
    at = FAULTS.index(fault)
    once = Fault(kind=fault, operation="UpdateTrail", skip=1, count=COUNTS[at % len(COUNTS)])
    return Case(kind=kind, starts=(Start(fault=once, waits=True, mishap=True),))


def _struck(kind: str, verb: str, fault: Fault) -> Case:
    before = (Start(),) if verb == "undo" else ()
    waits = fault.operation in {"ListObjectsV2", "HeadObject"} and verb == "apply"
    return Case(kind=kind, starts=(*before, Start(verb=verb, fault=fault, waits=waits)))
