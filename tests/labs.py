"""
Labs for tests. Each is a process of its own, forked from one that has built its scenario already.

    def test_x(lab): ...                 # a fresh, empty lab
    def test_x(fresh_lab): lab = fresh_lab("story")   # a fresh one of any scenario, for tests that change it
    def test_x(shared_lab): lab = shared_lab("story") # one for the whole run: look, don't touch

The clock stands still (`cycle=0`) unless a test asks otherwise: `lab.tick()` lets cycles pass.
The lab is imported when a test asks for one, so that the others run where it is not installed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from forked import Forked

if TYPE_CHECKING:
    from trailseal_lab.register import Running

PATIENCE = 120
YOUNG = 180.0
"""
How many seconds a scenario that is built serves for, and a lab that is shared.

A log file is late after 15 minutes and may be 5 minutes old at the start: no lab
is handed out that was built more than twice as long ago.
"""


@dataclass
class RunningLab:
    """A lab that answers."""

    running: Running
    home: Path
    stop: Callable[[], None]
    forked: Forked
    _environments: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.running.address

    def variables(self, principal: str = "") -> dict[str, str]:
        """The AWS variables of `lab env --as PRINCIPAL`."""
        from trailseal_lab import remote

        if principal not in self._environments:
            self._environments[principal] = remote.environment(self.running, principal)
        return self._environments[principal]

    def environment(self, principal: str = "") -> dict[str, str]:
        """A whole environment for a subprocess: no user configuration, this lab, this principal."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_"))}
        given = {k: v for k, v in self.variables(principal).items() if v}
        nowhere = str(self.home / "no-such-file")
        return {
            **kept,
            **given,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "TRAILSEAL_HOME": str(self.home),
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }

    def profiles(self, **principals: str) -> dict[str, str]:
        """Return the environment with a profile for each principal; the default is the administrator."""
        sections = []
        for name, principal in {"default": "", **principals}.items():
            given = self.variables(principal)
            keys = "".join(
                f"{field} = {given[field.upper()]}\n"
                for field in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
                if given.get(field.upper())
            )
            sections.append(f"[{name}]\n{keys}")
        file = self.home / "credentials"
        file.write_text("\n".join(sections))
        kept = {k: v for k, v in self.environment().items() if not k.startswith(("AWS_ACCESS", "AWS_SE"))}
        return kept | {"AWS_SHARED_CREDENTIALS_FILE": str(file)}

    def client(self, service: str, principal: str = "", *, region: str = "", **options: Any) -> Any:
        """A boto3 client of the lab, with no retries so that an error is seen as it comes."""
        import boto3
        from botocore.config import Config

        given = self.variables(principal)
        client: Any = boto3.client  # typed for each service by name
        return client(
            service,
            region_name=region or given["AWS_REGION"],
            endpoint_url=self.address,
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}, **options),
        )

    def trailseal(
        self, *arguments: str, principal: str = "", **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run our command line against the lab."""
        return self.trailseal_as(self.environment(principal), *arguments, **options)

    def trailseal_as(
        self, environment: dict[str, str], *arguments: str, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run our command line in an environment of the test's own."""
        return subprocess.run(
            [*self.forked.command, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            **options,
        )

    def tick(self, cycles: int = 1) -> None:
        """Let cycles pass now."""
        from trailseal_lab import remote

        remote.advance(self.running, cycles)

    def fault(self, kind: str, *, service: str = "*", operation: str = "*", **more: Any) -> None:
        """Add a fault: throttle, 500, 503, slow, drop or denied."""
        from trailseal_lab import remote

        remote.add_fault(self.running, {"kind": kind, "service": service, "operation": operation, **more})


class Nursery:
    """The process that labs are forked from, started when the first is wanted."""

    def __init__(self, forked: Forked, young: float = YOUNG) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._tickets = count()
        self._forked = forked
        self._young = young

    def start_lab(self, home: Path, scenario: str, *, cycle: float = 0, name: str = "default") -> RunningLab:
        """Start a lab whose state lies under `home`; its `stop()` ends it."""
        from trailseal_lab.register import Running

        if self._process is None:
            self._process = _open_nursery(self._young)
        ticket = next(self._tickets)
        wanted = {"ticket": ticket, "home": str(home), "scenario": scenario, "cycle": cycle, "name": name}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the nursery died"}')
        assert "error" not in answer, answer
        assert answer.pop("ticket") == ticket
        running = Running(**answer)
        return RunningLab(running=running, home=home, stop=lambda: _end(running.pid), forked=self._forked)

    def close(self) -> None:
        """End the nursery; its templates end with it."""
        if self._process is not None and self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(10)
            self._process.stdout.close()
            time.sleep(0.5)  # the labs that were told to stop write down what they covered
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def _open_nursery(young: float) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).with_name("nursery.py")), str(young)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.fixture(scope="session")
def forked() -> Iterator[Forked]:
    """Where commands come from."""
    made = Forked()
    yield made
    made.close()


@pytest.fixture(scope="session")
def nursery(forked: Forked) -> Iterator[Nursery]:
    """Where labs come from."""
    made = Nursery(forked)
    yield made
    made.close()


@pytest.fixture
def fresh_lab(tmp_path: Path, nursery: Nursery) -> Iterator[Callable[..., RunningLab]]:
    """Start labs that are this test's alone."""
    started: list[RunningLab] = []

    def start(scenario: str = "empty", *, cycle: float = 0, name: str = "default") -> RunningLab:
        started.append(nursery.start_lab(tmp_path / "home", scenario, cycle=cycle, name=name))
        return started[-1]

    yield start
    for lab in started:
        lab.stop()


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """A fresh lab with an administrator and nothing else."""
    return fresh_lab("empty")


@pytest.fixture(scope="session")
def shared_lab(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery
) -> Iterator[Callable[[str], RunningLab]]:
    """One lab of each scenario for the tests of this worker, anew when it is old: look, don't change."""
    started: list[RunningLab] = []
    of_scenario: dict[str, tuple[float, RunningLab]] = {}

    def get(scenario: str) -> RunningLab:
        since, lab = of_scenario.get(scenario, (0.0, None))
        if lab is None or time.monotonic() - since > YOUNG:
            since = time.monotonic()
            lab = nursery.start_lab(tmp_path_factory.mktemp(scenario), scenario)
            started.append(lab)
            of_scenario[scenario] = since, lab
        return lab

    yield get
    for lab in started:
        lab.stop()
