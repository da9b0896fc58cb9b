"""The process of a detached lab: one line on stdout when ready (or why not), then silence."""

from __future__ import annotations

import json
import os
import sys

import msgspec

from trailseal.errors import TrailsealError
from trailseal_lab.process import LabOptions, run_here
from trailseal_lab.register import Running


def main() -> int:
    """Run the lab that the command line describes: name, scenario, port, cycle."""
    name, scenario, port, cycle = sys.argv[1:5]
    wanted = LabOptions(name=name, scenario=scenario, port=int(port), cycle=float(cycle))
    try:
        run_here(wanted, _ready)
    except TrailsealError as problem:
        hint = msgspec.to_builtins(problem.hint) if problem.hint else None
        _say({"error": msgspec.to_builtins(problem.what), "hint": hint, "exit_code": problem.exit_code})
        return problem.exit_code
    return 0


def _ready(_running: Running) -> None:
    _say({"ready": True})
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a descriptor is all that is needed
        os.dup2(nowhere.fileno(), 1)


def _say(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
