"""
A process that has imported moto once and built each scenario once, and forks a lab in milliseconds.

It reads one JSON line for each lab wanted and ends, with every lab, when its input does. A template
process for each scenario holds the world as built; the labs are its children. What a scenario says holds
of the moment it was built at ("the newest log file is young"), so a template serves for as many seconds as
the command line says, and the next lab comes from a new one.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from trailseal_lab import register, scenarios
from trailseal_lab.server import Lab, serve
from trailseal_lab.world import World


@dataclass(frozen=True)
class Template:
    """A process that holds a scenario: the end of its pipe to write to, and when it was started."""

    pipe: int
    started: float


def main(young: float) -> None:
    """Hand each line to the template of its scenario, one that was started `young` seconds ago at most."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    templates: dict[str, Template] = {}
    for line in sys.stdin:
        scenario = json.loads(line)["scenario"]
        if scenario in templates and time.monotonic() - templates[scenario].started > young:
            os.close(templates.pop(scenario).pipe)
        if scenario not in templates:
            templates[scenario] = _template(scenario, tuple(other.pipe for other in templates.values()))
        os.write(templates[scenario].pipe, line.encode())


def _template(scenario: str, others: tuple[int, ...]) -> Template:
    """Fork the process that builds a scenario."""
    started, nursery = time.monotonic(), os.getpid()
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return Template(writing, started)
    for pipe in (writing, *others):  # whoever holds a pipe's end keeps its template alive
        os.close(pipe)
    world = World(scenario=scenario, cycle=0)
    try:
        scenarios.build(world)
    except BaseException as problem:  # noqa: BLE001 - told to the test that asked
        _fail_all(reading, f"{scenario}: {type(problem).__name__}: {problem}")
    with os.fdopen(reading) as lines:
        for line in lines:
            if os.fork() == 0:
                _be_a_lab(world, json.loads(line))
    _outlive_the_labs(nursery)
    os._exit(0)


def _outlive_the_labs(nursery: int) -> None:
    """Wait for the labs of a template that grew old: they end with it, and it ends with the nursery."""
    while os.getppid() == nursery:
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(1)


def _fail_all(reading: int, reason: str) -> NoReturn:
    with os.fdopen(reading) as lines:
        for line in lines:
            _tell(json.loads(line), {"error": reason})
    os._exit(1)


def _be_a_lab(world: World, wanted: dict[str, Any]) -> NoReturn:
    os.environ["TRAILSEAL_HOME"] = wanted["home"]
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    code = 0
    try:
        world.secret, world.started = secrets.token_urlsafe(24), datetime.now(UTC)
        world.cycle = wanted["cycle"]
        serve(
            Lab(world),
            wanted["name"],
            lambda running: _tell(wanted, msgspec.to_builtins(running)),
        )
    except BaseException as problem:  # noqa: BLE001 - told to the test that asked
        _tell(wanted, {"error": f"{type(problem).__name__}: {problem}"})
        code = 1
    os._exit(code)


def _end_with(parent: int) -> None:
    """End this process when its template has: a test run that is killed leaves no lab behind."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _tell(wanted: dict[str, Any], document: dict[str, Any]) -> None:
    line = json.dumps({"ticket": wanted["ticket"], **document}) + "\n"
    os.write(1, line.encode())


if __name__ == "__main__":
    assert register.DEFAULT
    main(float(sys.argv[1]))
