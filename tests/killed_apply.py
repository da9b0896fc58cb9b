"""
An apply that is killed with SIGKILL before or after one call, as a power cut would.

    python killed_apply.py PLAN before|after METHOD
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from trailseal.aws.control_plane import AwsControlPlane
from trailseal.cli import wiring
from trailseal.run.apply import Ports, apply
from trailseal.run.documents import plan_in
from trailseal.run.events import ignore


class Doomed:
    """A control plane during whose `method` the process dies."""

    def __init__(self, real: AwsControlPlane, when: str, method: str) -> None:
        self._real, self._when, self._method = real, when, method

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._real, name)
        return self._killed(call) if name == self._method else call

    def _killed(self, call: Any) -> Any:
        def doomed(*given: Any) -> None:
            if self._when == "after":
                call(*given)
            os.kill(os.getpid(), signal.SIGKILL)

        return doomed


def main(path: str, when: str, method: str) -> None:
    ports = wiring.ports(wiring.accounts(None, None), ignore, settle=60)
    doomed = Ports(
        control=Doomed(ports.control, when, method),  # type: ignore[arg-type]
        deliveries=ports.deliveries,
        journal=ports.journal,
        clock=ports.clock,
        observe=ports.observe,
    )
    apply(plan_in(path), doomed, name=path, wait=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
