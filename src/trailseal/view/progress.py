"""Progress on stderr: one line that is redrawn on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from trailseal.locale.language import say
from trailseal.run.events import Event, Progress, Told
from trailseal.view.streams import write_lines

WIDTH = 24
REDRAW = 0.1


class ProgressLine:
    """Draws progress with rate and time left; call `end` before writing anything else."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._drawn = 0.0
        self._open = False

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, Told):
            self.end()
            write_lines([_sentence(event)], err=True)
        elif sys.stderr.isatty():
            self._draw(event)

    def _draw(self, event: Progress) -> None:
        now = time.monotonic()
        what = say(event.what)
        started = self._started.setdefault(what, now)
        if now - self._drawn < REDRAW and event.done != event.total:
            return
        self._drawn, self._open = now, True
        rate = event.done / max(now - started, 0.001)
        print(f"\r{what} {_bar(event)} {rate:,.0f}/s {_left(event, rate)}\x1b[K", end="", file=sys.stderr)  # noqa: T201
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            print(file=sys.stderr)  # noqa: T201
            self._open = False


def _sentence(event: Told) -> str:
    """Return what is told, its reason in the same language."""
    if event.because is None:
        return say(event.what)
    return say(replace(event.what, facts={**event.what.facts, "what": say(event.because)}))


def _bar(event: Progress) -> str:
    if not event.total:
        return f"{event.done:,}"
    filled = round(WIDTH * event.done / event.total)
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {event.done:,}/{event.total:,}"


def _left(event: Progress, rate: float) -> str:
    if not event.total or rate <= 0:
        return ""
    seconds = round((event.total - event.done) / rate)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
