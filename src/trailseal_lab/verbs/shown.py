"""What `trailseal lab` says: plain lines, so that a shell can read them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from trailseal.locale.language import say
from trailseal.messages import Message, message
from trailseal.view.json_document import json_document
from trailseal.view.streams import write_json, write_lines


class FailureShown(Struct, frozen=True, kw_only=True):
    """Something that the lab could not do on its own, for a trail, a job, a bucket or an event."""

    work: str
    thing: str
    problem: str
    cycle: int


class LabShown(Struct, frozen=True, kw_only=True):
    """One running lab."""

    name: str
    address: str
    pid: int
    scenario: str
    region: str
    answers: bool = True
    """False where the lab does not answer; what follows is then not known."""
    account: str = ""
    cycle: float = 0.0
    cycles: int = 0
    started: str = ""
    principals: tuple[str, ...] = ()
    failures: tuple[FailureShown, ...] = ()


class LabsShown(Struct, frozen=True, kw_only=True):
    """What `lab status --format json` answers."""

    format: Literal[1] = 1
    labs: tuple[LabShown, ...]


class EnvironmentShown(Struct, frozen=True, kw_only=True):
    """What `lab env --format json` answers; what is to be unset is left out."""

    format: Literal[1] = 1
    environment: dict[str, str]


class FaultShown(Struct, frozen=True, kw_only=True):
    """One fault that waits: `count` more calls fail once `skip` have passed; `*` matches every one."""

    service: str
    operation: str
    region: str
    kind: str
    count: int
    skip: int
    seconds: float


class FaultsShown(Struct, frozen=True, kw_only=True):
    """What `lab fault list --format json` answers."""

    format: Literal[1] = 1
    faults: tuple[FaultShown, ...]
    held: int = 0
    """Calls that wait until `lab fault release`."""


def show_up(name: str, address: str, scenario: str) -> None:
    """Tell that a lab answers, and how to use it."""
    _line(
        message(
            "lab `{name}` is ready at {address}, scenario {scenario}",
            name=name,
            address=address,
            scenario=scenario,
        )
    )
    chosen = "" if name == "default" else f" --name {name}"
    _line(message('use it with: eval "$(trailseal lab env{chosen})"', chosen=chosen))


def show_down(name: str) -> None:
    """Tell that a lab has stopped."""
    _line(message("lab `{name}` is stopped", name=name))


def show_environment(variables: Mapping[str, str], *, as_json: bool) -> None:
    """Write `export` and `unset` lines for a POSIX shell, or one JSON document."""
    if as_json:
        _document(EnvironmentShown(environment={name: value for name, value in variables.items() if value}))
        return
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")  # noqa: T201 - the result


def show_statuses(labs: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Write one line for each lab."""
    if as_json:
        _document(LabsShown(labs=tuple(msgspec.convert(lab, LabShown) for lab in labs)))
        return
    if not labs:
        _line(message("no lab is running"))
    for lab in labs:
        if not lab.get("answers", True):
            facts = {key: str(lab[key]) for key in ("name", "address", "pid")}
            _line(message("{name}  {address}  pid {pid}  does not answer", **facts))
            continue
        _line(
            message(
                "{name}  {address}  pid {pid}  {scenario}  account {account}  {region}  cycle {cycle} s",
                **{
                    key: str(lab[key])
                    for key in ("name", "address", "pid", "scenario", "account", "region", "cycle")
                },
            )
        )
        show_failures(lab["failures"])


def show_failures(failures: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each thing that failed in the lab itself."""
    for failure in failures:
        facts = {key: str(failure[key]) for key in ("cycle", "work", "thing", "problem")}
        _line(message("  failed in cycle {cycle}: {work} {thing}: {problem}", **facts))


def show_faults(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Write one line for each fault that waits, and how many calls are held."""
    faults, held = answer["faults"], answer["held"]
    if as_json:
        shown = tuple(msgspec.convert(fault, FaultShown) for fault in faults)
        _document(FaultsShown(faults=shown, held=held))
        return
    if not faults:
        _line(message("no fault is waiting"))
    for fault in faults:
        facts = {key: str(fault[key]) for key in ("service", "operation", "region", "kind", "count")}
        if fault["region"] == "*":
            _line(message("{service} {operation}: {kind}, next {count} calls", **facts))
        else:
            _line(message("{service} {operation} in {region}: {kind}, next {count} calls", **facts))
    if held:
        _line(message("calls held: {count}; let them go on: trailseal lab fault release", count=held))


def _document(document: Struct) -> None:
    write_json(json_document(document))


def _line(text: Message) -> None:
    write_lines([say(text)])
