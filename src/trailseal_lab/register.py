"""
The register of running labs: a private file for each, under `TRAILSEAL_HOME/labs`.

It holds the lab's secret, which its control endpoints ask for.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from enum import Enum
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.files import own_file, write_private
from trailseal.home import private_folder, state_home
from trailseal.messages import message

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
SECRET_HEADER = "X-Trailseal-Lab-Secret"
DEFAULT = "default"
ANSWER_SECONDS = 5.0
"""How long a lab is given to say that it is there; it does so at once, whatever else it does."""
WORK_SECONDS = 120.0
"""How long it is given for what it is asked to do."""


class LabState(Enum):
    """How a lab is that once ran."""

    ANSWERS = "answers"
    HANGS = "hangs"
    GONE = "gone"


class Running(Struct, frozen=True, kw_only=True):
    """One lab that runs, as its file tells."""

    name: str
    pid: int
    address: str
    secret: str
    scenario: str
    region: str

    def ask(
        self,
        method: str,
        action: str,
        given: dict[str, Any] | None = None,
        *,
        seconds: float = WORK_SECONDS,
    ) -> tuple[int, dict[str, Any]]:
        """
        Return status and document of one control call.

        Raises:
            OSError: nothing listens there any more; TimeoutError, where it listens and does not answer.
        """
        parts = urlsplit(self.address)
        connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=seconds)
        try:
            body = json.dumps(given) if given is not None else None
            headers = {SECRET_HEADER: self.secret, "Content-Type": "application/json"}
            connection.request(method, f"/_lab/{action}", body=body, headers=headers)
            response = connection.getresponse()
            document = json.loads(response.read() or b"{}")
        except (HTTPException, ValueError) as odd:
            raise ConnectionError(str(odd)) from odd
        finally:
            connection.close()
        return response.status, document if isinstance(document, dict) else {}

    def look(self) -> LabState:
        """Return how this very lab is: a reused pid or port does not know the secret."""
        try:
            status, _ = self.ask("GET", "status", seconds=ANSWER_SECONDS)
        except TimeoutError:
            return LabState.HANGS if self.lives() else LabState.GONE
        except OSError:
            return LabState.GONE
        return LabState.ANSWERS if status == 200 else LabState.GONE  # noqa: PLR2004 - HTTP's OK

    def lives(self) -> bool:
        """Whether the lab's own process is there: it holds its lock for as long, whoever has its pid then."""
        try:
            with lock_of(self.name).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


def check_name(name: str) -> str:
    """
    Return `name` when it can be a file's name.

    Raises:
        UsageProblem: it cannot.
    """
    if not NAME.fullmatch(name):
        raise UsageProblem(
            message("`{name}` cannot name a lab", name=name), message("use letters, digits, `-`, `_` and `.`")
        )
    return name


def folder() -> Path:
    """
    Return the folder of the register, made where missing.

    Raises:
        TrailsealError: it cannot be made.
    """
    home = state_home()
    try:
        return private_folder(private_folder(home) / "labs")
    except OSError as problem:
        raise TrailsealError(
            message("`{path}` cannot be written: {problem}", path=str(home), problem=problem.strerror or ""),
            message("set TRAILSEAL_HOME to a folder that you may write to"),
        ) from None


def enter(running: Running) -> None:
    """Write a lab's file."""
    write_private(folder() / f"{running.name}.json", msgspec.json.encode(running))


def leave(running: Running) -> None:
    """Remove a lab's file, unless another lab of that name has taken its place."""
    if look_up(running.name) == running:
        (folder() / f"{running.name}.json").unlink(missing_ok=True)


def lock_of(name: str) -> Path:
    """Return the file that a lab of that name keeps locked while it lives."""
    return folder() / f"{name}.lock"


def keep_lock(name: str) -> BinaryIO:
    """Lock a lab's file for as long as this process lives and the file is open, and return it."""
    held = own_file(lock_of(name)).open("rb")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def _one(name: str) -> Iterator[tuple[Running, LabState]]:
    """Yield the lab of that name; no other is asked, which might not answer."""
    found = look_up(name) if NAME.fullmatch(name) else None
    state = found.look() if found is not None else LabState.GONE
    if found is not None and state is not LabState.GONE:
        yield found, state


def look_up(name: str) -> Running | None:
    """Return what the file of that name says, None when there is none or it cannot be read."""
    try:
        return msgspec.json.decode((folder() / f"{name}.json").read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None


def running_labs() -> Iterator[tuple[Running, LabState]]:
    """Yield the labs that run, by name, with how they are; files of labs that are gone are removed."""
    for file in sorted(folder().glob("*.json")):
        found = look_up(file.stem)
        state = found.look() if found is not None else LabState.GONE
        if found is not None and state is not LabState.GONE:
            yield found, state
        else:
            file.unlink(missing_ok=True)


def find(name: str | None) -> Running:
    """
    Return the lab of that name; without one, the only lab that runs, or the one called `default`.

    Raises:
        TrailsealError: no such lab runs, several do and none is called `default`, or it does not answer.
    """
    found, state = choose(name)
    if state is LabState.HANGS:
        raise TrailsealError(
            message("the lab `{name}` does not answer", name=found.name),
            message("end it with `trailseal lab down --name {name}`", name=found.name),
        )
    return found


def choose(name: str | None) -> tuple[Running, LabState]:
    """
    Return the lab that is meant, as `find`, whether it answers or not.

    Raises:
        TrailsealError: no such lab runs, or several do and none is called `default`.
    """
    labs = dict(running_labs() if name is None else _one(name))
    wanted = [lab for lab in labs if lab.name == (name or DEFAULT)]
    if not wanted and name is None and len(labs) == 1:
        wanted = list(labs)
    if wanted:
        return wanted[0], labs[wanted[0]]
    if labs and name is None:
        names = ", ".join(lab.name for lab in labs)
        raise TrailsealError(
            message("several labs are running: {names}", names=names), message("choose one with `--name`")
        )
    if name is not None:
        raise TrailsealError(
            message("no lab called `{name}` is running", name=name),
            message("start one with `trailseal lab up --detach`"),
        )
    raise TrailsealError(message("no lab is running"), message("start one with `trailseal lab up --detach`"))
