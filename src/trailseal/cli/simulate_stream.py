"""
Lines in, answers out, in order: what has come is answered at once, and much of it by all cores.

A program may ask one line and wait for its answer, so nothing is held back while no input is waiting.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
from collections import deque
from collections.abc import Iterator
from multiprocessing.connection import Connection

from trailseal.access.lines import answer_line

CHUNK = 1 << 18
HEARTBEAT = 1.0
"""Seconds after which a waiting process sees a signal at the latest."""
LONGEST = 16 << 20
"""Bytes of a line; no request with its policies has a thousandth of them."""
CUT = b"\x00"
ALONE = 4
"""So many chunks are answered here; a longer input is worth starting processes for."""


def answer_stream(
    source: int, target: int, *, chunk: int = CHUNK, workers: int = os.cpu_count() or 1
) -> None:
    """
    Answer every line of `source`, read in pieces of `chunk` bytes, on `target`.

    Raises:
        BrokenPipeError: nobody reads the answers any more.
    """
    crew = Crew(target, workers)
    for number, batch in enumerate(_batches(source, chunk)):
        if number >= ALONE and crew.can_grow:
            crew.hand_over(batch)
        else:
            crew.collect()
            _write(target, answers(batch))
        if not _is_waiting(source):
            crew.collect()
    crew.collect()


def answers(batch: bytes) -> bytes:
    """Return the answers to some lines, each with its line end."""
    lines = batch.removesuffix(b"\n").split(b"\n")
    return b"".join([answer_line(line) + b"\n" for line in lines])


class Crew:
    """Processes that answer a batch each; answers are written in the order of the questions."""

    def __init__(self, target: int, workers: int) -> None:
        self._target = target
        self._idle: list[Connection] = []
        self._busy: deque[Connection] = deque()
        self._room = workers
        self.can_grow = self._room > 1 and "fork" in multiprocessing.get_all_start_methods()

    def hand_over(self, batch: bytes) -> None:
        """Give one process a batch; where all have one, first write what the oldest says."""
        if not self._idle and self._room:
            self._idle.append(self._hire())
        if not self._idle:
            self._write_oldest()
        worker = self._idle.pop()
        worker.send_bytes(batch)
        self._busy.append(worker)

    def collect(self) -> None:
        """Write all answers that are owed."""
        while self._busy:
            self._write_oldest()

    def _write_oldest(self) -> None:
        worker = self._busy.popleft()
        self._idle.append(worker)
        _write(self._target, worker.recv_bytes())

    def _hire(self) -> Connection:
        """A fork knows the policies that were read so far."""
        self._room -= 1
        context = multiprocessing.get_context("fork")
        ends: tuple[Connection, Connection] = context.Pipe()  # pyright: ignore[reportAssignmentType] - Windows
        ours, theirs = ends
        context.Process(target=_work, args=(theirs, ours), daemon=True).start()
        theirs.close()
        return ours


def _work(channel: Connection, parents_end: Connection) -> None:
    parents_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            channel.send_bytes(answers(channel.recv_bytes()))
    except (EOFError, BrokenPipeError):
        return


def _batches(source: int, size: int) -> Iterator[bytes]:
    """Yield whole lines, as many as have come; of an endless one its beginning, which CUT makes no JSON."""
    begun: list[bytes] = []
    held = 0
    while chunk := _read(source, size):
        whole, end, rest = chunk.rpartition(b"\n")
        if end:
            yield b"".join((*begun, whole, end))
            begun, held = [rest], len(rest)
        elif held <= LONGEST:
            begun.append(rest if held + len(rest) <= LONGEST else CUT)
            held += len(rest)
    if last := b"".join(begun):
        yield last


def _read(source: int, size: int) -> bytes:
    """Read once something is there: a Ctrl-C just before a blocking read would wait for its end."""
    while not select.select([source], [], [], HEARTBEAT)[0]:
        pass
    return os.read(source, size)


def _is_waiting(source: int) -> bool:
    return bool(select.select([source], [], [], 0)[0])


def _write(target: int, text: bytes) -> None:
    waiting = memoryview(text)
    while waiting:
        waiting = waiting[os.write(target, waiting) :]
