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


class LabShown(Struct, frozen=True, kw_only=True):
    """One running lab."""

    name: str
    address: str
    pid: int
    scenario: str
    account: str
    region: str
    cycle: float
    cycles: int
    started: str
    principals: tuple[str, ...]


class LabsShown(Struct, frozen=True, kw_only=True):
    """What `lab status --format json` answers."""

    format: Literal[1] = 1
    labs: tuple[LabShown, ...]


class EnvironmentShown(Struct, frozen=True, kw_only=True):
    """What `lab env --format json` answers; what is to be unset is left out."""

    format: Literal[1] = 1
    environment: dict[str, str]


class FaultShown(Struct, frozen=True, kw_only=True):
    """One fault that waits: `count` more calls of `operation` fail once `skip` have passed."""

    service: str
    operation: str
    kind: str
    count: int
    skip: int
    seconds: float


class FaultsShown(Struct, frozen=True, kw_only=True):
    """What `lab fault list --format json` answers."""

    format: Literal[1] = 1
    faults: tuple[FaultShown, ...]


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
        _line(
            message(
                "{name}  {address}  pid {pid}  {scenario}  account {account}  {region}  cycle {cycle} s",
                **{
                    key: str(lab[key])
                    for key in ("name", "address", "pid", "scenario", "account", "region", "cycle")
                },
            )
        )


def show_faults(faults: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Write one line for each fault that waits."""
    if as_json:
        _document(FaultsShown(faults=tuple(msgspec.convert(fault, FaultShown) for fault in faults)))
        return
    if not faults:
        _line(message("no fault is waiting"))
    for fault in faults:
        facts = {key: str(fault[key]) for key in ("service", "operation", "kind", "count")}
        _line(message("{service} {operation}: {kind}, next {count} calls", **facts))


def _document(document: Struct) -> None:
    write_json(json_document(document))


def _line(text: Message) -> None:
    write_lines([say(text)])
