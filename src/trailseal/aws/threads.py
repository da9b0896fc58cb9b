"""The one place with threads: control-plane reads that wait for AWS side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
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
    with ThreadPoolExecutor(min(WORKERS, len(asked)), thread_name_prefix="trailseal") as pool:
        try:
            for number, answer in enumerate(pool.map(ask, asked), 1):
                answers.append(answer)
                if what is not None:
                    observe(Progress(what=what, done=number, total=len(asked)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(answers)


def together(*asks: Callable[[], Found]) -> tuple[Found, ...]:
    """Return the answers of several questions that do not depend on each other."""
    return each(lambda ask: ask(), asks)


def load(module: str) -> None:
    """Import a module while AWS is waited for; whoever imports it later waits for it and sees its errors."""
    Thread(target=import_module, args=(module,), daemon=True, name="trailseal-load").start()
