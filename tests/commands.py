"""
A process that has imported our command line once, and forks it for each command that a test runs.

    python commands.py SOCKET

A command is a process of its own as ever, with the arguments, environment, folder and streams of the
`command.py` that asks for it; only the imports are done. It ends when its input does.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, TextIO

import trailseal
from trailseal.cli.main import main as command

SELDOM = ("trailseal.__main__", "trailseal.history.census.iceberg")
"""Not imported before they are used: what starts the command line, and what imports pyarrow."""
HEAVY = ("botocore.httpsession", "botocore.session", "rich.console", "rich.live", "rich.table")
HEAD = 8
"""Bytes of a number on the socket: the length of what is asked, and how the command ended."""


class Commands:
    """The commands that run, by the process; who asked for one gets to know how it ended."""

    def __init__(self, path: str) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(path)
        self._listening.listen(64)
        self._woken, self._waking = socket.socketpair()
        self._woken.settimeout(0)
        self._waking.settimeout(0)
        self._selector = selectors.DefaultSelector()
        self._running: dict[int, socket.socket] = {}

    def next(self) -> list[bytes]:
        """Return what is asked for, in a process forked for it; in this one, never."""
        signal.set_wakeup_fd(self._waking.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for end in (self._listening, self._woken, sys.stdin):
            self._selector.register(end, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listening:
                    if asked := self._start():
                        return asked
                elif key.fileobj is self._woken:
                    self._tell_ended()
                elif key.fileobj is sys.stdin:  # the tests are over
                    os._exit(0)
                else:
                    self._end(key.fileobj)

    def _start(self) -> list[bytes]:
        asking, _ = self._listening.accept()
        head, streams, _, _ = socket.recv_fds(asking, HEAD, 3)
        asked = asking.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL).split(b"\0")
        if pid := os.fork():
            for stream in streams:
                os.close(stream)
            self._running[pid] = asking
            self._selector.register(asking, selectors.EVENT_READ)
            return []
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        self._selector.close()
        for end in (asking, self._listening, self._woken, self._waking, *self._running.values()):
            end.close()
        return asked

    def _tell_ended(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(1 << 12)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                asking = self._running.pop(ended[0])
                with suppress(KeyError):
                    self._selector.unregister(asking)
                with suppress(OSError):
                    asking.sendall(os.waitstatus_to_exitcode(ended[1]).to_bytes(HEAD, "big", signed=True))
                asking.close()

    def _end(self, asking: Any) -> None:
        """Who asked is gone, so its command is to end too."""
        self._selector.unregister(asking)
        for pid in [pid for pid, by in self._running.items() if by is asking]:
            os.kill(pid, signal.SIGKILL)


def be(asked: list[bytes]) -> None:
    """Become the process that was asked for."""
    folder, count, *rest = asked
    arguments, variables = rest[: int(count)], rest[int(count) :]
    os.environb.clear()
    os.environb.update(dict(each.split(b"=", 1) for each in variables))
    time.tzset()
    os.chdir(folder)
    sys.argv = ["trailseal", *map(os.fsdecode, arguments)]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, name, _stream(number, getattr(sys, name).errors))


def _stream(number: int, errors: str) -> TextIO:
    """Open a stream as the interpreter does when it starts; PYTHONIOENCODING names the encoding."""
    encoding, _, named = os.environ.get("PYTHONIOENCODING", f"utf-8:{errors}").partition(":")
    if number == 2:  # stderr
        named = "backslashreplace"
    buffering = 1 if number == 2 or os.isatty(number) else -1
    return open(number, "w" if number else "r", buffering, encoding, named or "strict", closefd=False)


def main(path: str) -> None:
    """Import, wait, and be the command that is asked for."""
    ours = [module.name for module in walk_packages(trailseal.__path__, "trailseal.")]
    for name in (*(name for name in ours if not name.startswith(SELDOM)), *HEAVY):
        import_module(name)
    gc.collect()
    gc.freeze()
    commands = Commands(path)
    print("ready", flush=True)  # noqa: T201 - who started us waits for it
    be(commands.next())
    command()


if __name__ == "__main__":
    main(sys.argv[1])
