"""
The lab's clock: what happens each cycle, in a fixed order.

    @each_cycle(order=10)  # deliveries
    @each_cycle(order=20, every=12)  # digests
    @each_cycle(order=30, every=2, at_start=True)  # Security Hub, the first time before `lab up` returns
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct

from trailseal_lab.failures import Failure, Failures, alone, work_of
from trailseal_lab.world import World

Tick = Callable[[World], None]


class Beat(Struct, frozen=True, kw_only=True):
    """A function that runs each `every` cycles."""

    order: int
    every: int
    at_start: bool
    tick: Tick


BEATS: list[Beat] = []


def each_cycle(*, order: int, every: int = 1, at_start: bool = False) -> Callable[[Tick], Tick]:
    """Return the decorator that lets a function run with the clock."""

    def register(tick: Tick) -> Tick:
        BEATS.append(Beat(order=order, every=every, at_start=at_start, tick=tick))
        return tick

    return register


def start(world: World) -> None:
    """Run what must have happened before the lab is ready."""
    with world.lock:
        for beat in sorted(BEATS, key=lambda b: b.order):
            if beat.at_start:
                with alone(world, work_of(beat.tick)):
                    beat.tick(world)


def advance(world: World, cycles: int = 1) -> tuple[Failure, ...]:
    """
    Let `cycles` cycles pass now, each with everything that is due in it, and return what failed.

    A beat that fails is that beat's failure: the others of its cycle, and the next cycles, come all the same.
    """
    first = world.cycles + 1
    for _ in range(cycles):
        with world.lock:
            world.cycles += 1
            for beat in sorted(BEATS, key=lambda b: b.order):
                if world.cycles % beat.every == 0:
                    with alone(world, work_of(beat.tick)):
                        beat.tick(world)
    return world.part(Failures).since(first)


class Ticking:
    """The thread that advances a world every `world.cycle` seconds; a pace of 0 leaves it to `lab tick`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lab-clock", daemon=True)

    def start(self) -> None:
        """Start ticking."""
        if self._world.cycle > 0:
            self._thread.start()

    def stop(self) -> None:
        """Stop after the cycle that is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.wait(self._world.cycle):
            advance(self._world)
