"""
The one place with threads: control-plane reads that wait for AWS side by side.

All are daemons. A pool's are joined when the process ends, so that an interrupted command would wait for
AWS, which may be why it was interrupted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from importlib import import_module
from threading import Thread
from typing import TypeVar

from trailseal.messages import Message
from trailseal.run.events import Observer, Progress, ignore

Given = TypeVar("Given")
Found = TypeVar("Found")
WORKERS = 8


def each(
    ask: Callable[[Given], Found],
    given: Iterable[Given],
    *,
    what: Message | None = None,
    observe: Observer = ignore,
) -> tuple[Found, ...]:
    """
    Return the answers in the order of what was given; the first error in that order is raised.

    One question is asked in the caller's own thread. `what` is told to the observer, with how many
    are done, in the caller's thread too.
    """
    asked = tuple(given)
    if len(asked) < 2:  # noqa: PLR2004 - one question needs no threads
        return tuple(ask(each_one) for each_one in asked)
    answers: list[Found] = []
    waiting = deque((one, Future[Found]()) for one in asked)
    coming = [future for _, future in waiting]
    for number in range(min(WORKERS, len(asked))):
        Thread(target=_work, args=(ask, waiting), daemon=True, name=f"trailseal_{number}").start()
    try:
        for number, future in enumerate(coming, 1):
            answers.append(future.result())
            if what is not None:
                observe(Progress(what=what, done=number, total=len(asked)))
    finally:
        waiting.clear()
    return tuple(answers)


def _work(ask: Callable[[Given], Found], waiting: deque[tuple[Given, Future[Found]]]) -> None:
    """Take one question after another until none waits; an error is an answer, raised where it is awaited."""
    while True:
        try:
            given, future = waiting.popleft()
        except IndexError:
            return
        try:
            future.set_result(ask(given))
        except BaseException as error:  # noqa: BLE001 - raised again by `result`, in the caller's thread
            future.set_exception(error)


def together(*asks: Callable[[], Found]) -> tuple[Found, ...]:
    """Return the answers of several questions that do not depend on each other."""
    return each(lambda ask: ask(), asks)


def load(module: str) -> None:
    """Import a module while AWS is waited for; whoever imports it later waits for it and sees its errors."""
    Thread(target=import_module, args=(module,), daemon=True, name="trailseal-load").start()
