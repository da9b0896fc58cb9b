"""Progress on stderr: one line that is redrawn on a terminal and erased in the end, nothing elsewhere."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from types import TracebackType
from typing import Self

from trailseal.locale.language import say
from trailseal.run.events import Event, Progress, Told
from trailseal.view.streams import write_lines
from trailseal.view.words import duration, figure

WIDTH = 24
REDRAW = 0.1
ERASE = "\r\x1b[K"


class ProgressLine:
    """
    Draws progress with rate and time left, within a `with` block.

    Whatever ends the block, the line is gone before anything else is written.
    """

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._drawn = 0.0
        self._open = False

    def __enter__(self) -> Self:
        """Begin to observe."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the line away."""
        self.clear()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, Told):
            self.clear()
            write_lines([_sentence(event)], err=True)
        elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._draw(event)

    def _draw(self, event: Progress) -> None:
        now = time.monotonic()
        what = say(event.what)
        started = self._started.setdefault(what, now)
        if now - self._drawn < REDRAW and event.done != event.total:
            return
        self._drawn, self._open = now, True
        rate = event.done / max(now - started, 0.001)
        parts = (what, _bar(event), f"{figure(round(rate))}/s", _left(event, rate))
        sys.stderr.write(f"{ERASE}{' '.join(parts).rstrip()}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, before somebody is asked for instance."""
        if self._open:
            sys.stderr.write(ERASE)
            sys.stderr.flush()
            self._open = False


def _sentence(event: Told) -> str:
    """Return what is told, its reason in the same language."""
    if event.because is None:
        return say(event.what)
    return say(replace(event.what, facts={**event.what.facts, "what": say(event.because)}))


def _bar(event: Progress) -> str:
    if not event.total:
        return figure(event.done)
    filled = round(WIDTH * event.done / event.total)
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {figure(event.done)}/{figure(event.total)}"


def _left(event: Progress, rate: float) -> str:
    if not event.total or rate <= 0:
        return ""
    return duration((event.total - event.done) / rate)
