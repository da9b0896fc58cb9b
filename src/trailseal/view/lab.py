"""What `trailseal lab` says: plain lines, so that a shell can read them."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from trailseal.locale.language import say
from trailseal.messages import Message, message


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
        _document({"environment": {name: value for name, value in variables.items() if value}})
        return
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")  # noqa: T201 - the result


def show_statuses(labs: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Write one line for each lab."""
    if as_json:
        _document({"labs": list(labs)})
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
        _document({"faults": list(faults)})
        return
    if not faults:
        _line(message("no fault is waiting"))
    for fault in faults:
        facts = {key: str(fault[key]) for key in ("service", "operation", "kind", "count")}
        _line(message("{service} {operation}: {kind}, next {count} calls", **facts))


def _document(document: Mapping[str, Any]) -> None:
    json.dump({"format": 1, **document}, sys.stdout, indent=2)
    sys.stdout.write("\n")


def _line(text: Message) -> None:
    print(say(text), flush=True)  # noqa: T201 - the result
