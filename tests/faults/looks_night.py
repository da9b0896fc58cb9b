"""
The long run over verbs that look: each verb with each of its calls and each fault, for so many minutes.

It goes on where the last run of the same seed stopped, by verb and call; the seed says with which it begins.
"""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec

from faults.looks import FAULTS, LOOKS, Replies, Said, replies, say, wrong_with
from forked import Forked
from labs import Nursery, RunningLab

SCENARIO = "clean"
SHOWN = 50


class State(msgspec.Struct):
    """What was reached: the calls of each verb that are done, the figures, and every fault found."""

    done: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    faults: list[str] = []


def run(seed: int, minutes: float, folder: Path) -> int:
    """Strike calls for so many minutes; return 1 if any fault is known, now or from before."""
    path = folder / f"nightly-looks-{seed}.json"
    state = msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()
    end = time.monotonic() + minutes * 60
    if minutes > 0:
        with _line() as line:
            in_turn = [_struck(line, verb, seed, state, end) for verb in LOOKS]
            for _ in chain.from_iterable(zip_longest(*in_turn)):
                path.write_bytes(msgspec.json.encode(state))
    print(report(seed, state))  # noqa: T201  # the figures are what the run is for
    return 1 if state.faults else 0


def _struck(line: Replies, verb: str, seed: int, state: State, end: float) -> Iterator[None]:
    """Strike each call of a verb that is not done with each fault, and yield after each call."""
    line.strike("", "", 0)
    line.kinds.clear()
    usual, done = quietly(verb), state.done.setdefault(verb, [])
    left = [call for call in sorted(line.kinds) if call not in done]
    at = seed % max(len(left), 1)
    for call in (*left[at:], *left[:at]):
        if time.monotonic() >= end:
            return
        for kind, times in FAULTS:
            line.strike(call, kind, times)
            said = quietly(verb)
            note(state, verb, said)
            if wrong := wrong_with(verb, usual, said, fault=kind, lasts=times > 1):
                state.faults.append(f"{verb}, {call}, {kind} {'once' if times == 1 else 'always'}: {wrong}")
        done.append(call)
        yield


def quietly(verb: str) -> Said:
    """Run a verb, and keep what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        return say(LOOKS[verb].words, lambda: SimpleNamespace(out=out.getvalue(), err=err.getvalue()))


def note(state: State, verb: str, said: Said) -> None:
    """Count how a verb ended."""
    for name in (f"{verb}: runs", f"{verb}: ended with {said.code}"):
        state.counts[name] = state.counts.get(name, 0) + 1


@contextmanager
def _line() -> Iterator[Replies]:
    """Yield a line before a lab of this run's own."""
    forked = Forked()
    nursery = Nursery(forked)
    with TemporaryDirectory() as folder:
        lab = nursery.start_lab(Path(folder), SCENARIO)
        try:
            with of_lab(lab, Path(folder)) as line:
                yield line
        finally:
            lab.stop()
            nursery.close()
            forked.close()


@contextmanager
def of_lab(lab: RunningLab, home: Path) -> Iterator[Replies]:
    """Yield a line before a lab, with the environment that leads there and a home of its own."""
    with replies(lab.address) as line:
        given: dict[str, Any] = {
            **lab.environment(),
            "AWS_ENDPOINT_URL": line.address,
            "TRAILSEAL_HOME": str(home),
        }
        with patch.dict(os.environ, given, clear=True):
            yield line


def report(seed: int, state: State) -> str:
    """Return the figures of all runs of this seed, and the faults."""
    figures = [f"  {name}: {number:,}" for name, number in sorted(state.counts.items())]
    calls = sum(map(len, state.done.values()))
    shown = [f"  FAULT {each}" for each in state.faults[:SHOWN]]
    lines = [f"looks, seed {seed}: {calls} calls with each of {len(FAULTS)} faults", *figures, *shown]
    return "\n".join([*lines, f"  {len(state.faults)} faults"])
