"""`trailseal simulate`."""

from __future__ import annotations

import os
import sys

from trailseal.cli.command import command, common_options

CHUNK = 1 << 18


@command()
@common_options
def simulate() -> int:
    """
    Decide requests over policies: JSON lines on stdin, one answer for each line on stdout.

    Offline: it needs no AWS account and reads no configuration. A line that cannot be read, or whose
    policies are not policies, is answered as `invalid` with the place. Exits 0 when every line was answered.
    """
    try:
        _answer(sys.stdin.fileno(), sys.stdout.fileno())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _answer(source: int, target: int) -> None:
    """Answer what has come as soon as it has come, so that a program can ask and wait."""
    from trailseal.access.lines import answer_line

    begun: list[bytes] = []
    while chunk := os.read(source, CHUNK):
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if others:
            _write(target, [answer_line(line) for line in (b"".join(begun), *others[:-1])])
            begun = [others[-1]]
    if last := b"".join(begun):
        _write(target, [answer_line(last)])


def _write(target: int, answers: list[bytes]) -> None:
    if not answers:
        return
    waiting = memoryview(b"\n".join([*answers, b""]))
    while waiting:
        waiting = waiting[os.write(target, waiting) :]
