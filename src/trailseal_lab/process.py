"""Starting and stopping a lab's process; nothing here imports moto before a lab really starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec import Struct

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.files import own_file
from trailseal.messages import Message, message
from trailseal_lab import register

STOPPING_SECONDS = 5.0


class LabOptions(Struct, frozen=True, kw_only=True):
    """What kind of lab to start."""

    name: str = register.DEFAULT
    scenario: str = "story"
    port: int = 0
    cycle: float = 5.0


def run_here(wanted: LabOptions, ready: Callable[[register.Running], None]) -> None:
    """
    Run a lab in this process until it is stopped, and tell `ready` once it answers.

    Raises:
        TrailsealError: the name is taken, the port is in use, the scenario is unknown.
    """
    _check(wanted)
    from trailseal_lab import scenarios
    from trailseal_lab.server import Lab, serve
    from trailseal_lab.world import World

    world = World(scenario=wanted.scenario, cycle=wanted.cycle)
    lab = Lab(world, port=wanted.port)
    scenarios.build(world)
    serve(lab, wanted.name, ready)


def run_detached(wanted: LabOptions) -> register.Running:
    """
    Start a lab in a process of its own and return when it is ready.

    Raises:
        TrailsealError: as `run_here`, or the process died; its log is named.
    """
    _check(wanted)
    log = register.folder() / f"{wanted.name}.log"
    command = [
        sys.executable,
        "-m",
        "trailseal_lab",
        wanted.name,
        wanted.scenario,
        str(wanted.port),
        str(wanted.cycle),
    ]
    with os.fdopen(os.open(own_file(log), os.O_WRONLY | os.O_TRUNC), "wb") as errors:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    assert child.stdout is not None  # noqa: S101 - asked for above
    with child.stdout:
        try:
            line = child.stdout.readline()
        except KeyboardInterrupt:
            child.terminate()  # nobody is told of this lab, so it must not stay behind
            raise
    document = _first_line(line)
    if document.get("ready"):
        child.returncode = 0  # it lives on: keep Popen from warning about it
        found = register.look_up(wanted.name)
        if found is not None:
            return found
    if document.get("error"):
        child.wait()
        raise _problem(document)
    raise TrailsealError(message("the lab did not start"), message("its log is {file}", file=str(log)))


def stop(running: register.Running) -> None:
    """Ask a lab to stop and wait until it has; one that does not answer is ended by its pid."""
    try:
        running.ask("POST", "stop", {}, seconds=register.ANSWER_SECONDS)
    except OSError:
        _signal(running, signal.SIGTERM)
    if not _ended(running, STOPPING_SECONDS):
        _signal(running, signal.SIGKILL)
        _ended(running, STOPPING_SECONDS)
    register.leave(running)


def _ended(running: register.Running, seconds: float) -> bool:
    """Whether the lab's process is gone within this time."""
    until = time.monotonic() + seconds
    while running.lives() and time.monotonic() < until:
        time.sleep(0.02)
    return not running.lives()


def _signal(running: register.Running, number: signal.Signals) -> None:
    """Send a signal to the lab's own process, if it lives: another may have its pid since."""
    if running.lives():
        with suppress(ProcessLookupError):
            os.kill(running.pid, number)


def _check(wanted: LabOptions) -> None:
    register.check_name(wanted.name)
    present = register.look_up(wanted.name)
    if present is None:
        return
    state = present.look()
    if state is register.LabState.HANGS:
        raise TrailsealError(
            message("the lab `{name}` does not answer", name=present.name),
            message("end it with `trailseal lab down --name {name}`", name=present.name),
        )
    if state is register.LabState.ANSWERS:
        raise TrailsealError(
            message(
                "a lab called `{name}` is running at {address}", name=present.name, address=present.address
            ),
            message("stop it with `trailseal lab down`, or start another with `--name`"),
        )
    register.leave(present)


def _first_line(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _problem(document: dict[str, Any]) -> TrailsealError:
    """Return the error that the child ended with, of the kind that it was there."""
    kind = UsageProblem if document.get("exit_code") == UsageProblem.exit_code else TrailsealError
    return kind(_sent(document["error"]), _sent(document["hint"]) if document.get("hint") else None)


def _sent(text: dict[str, Any]) -> Message:
    return Message(text["template"], text.get("facts", {}))
