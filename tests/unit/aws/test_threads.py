"""Questions side by side: answers in order, the first error in order, and nobody waited for after it."""

from __future__ import annotations

import threading
import time

import pytest

from trailseal.aws.threads import WORKERS, each, together
from trailseal.messages import message
from trailseal.run.events import Event, Progress


def test_answers_come_in_the_order_of_the_questions() -> None:
    def ask(number: int) -> int:
        time.sleep(0.001 * (number % 3))
        return number * number

    assert each(ask, range(100)) == tuple(number * number for number in range(100))


@pytest.mark.parametrize("number", [0, 1])
def test_fewer_than_two_questions_need_no_thread(number: int) -> None:
    here = threading.current_thread()

    assert each(lambda _: threading.current_thread(), range(number)) == (here,) * number


def test_no_more_are_asked_at_once_than_there_are_workers() -> None:
    under_way, most = threading.Semaphore(WORKERS), []

    def ask(_: int) -> None:
        most.append(under_way.acquire(blocking=False))
        time.sleep(0.002)
        under_way.release()

    each(ask, range(50))

    assert all(most)


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt, SystemExit, StopIteration, GeneratorExit])
def test_whatever_is_raised_beside_answers_is_raised_here(error: type[BaseException]) -> None:
    def ask(number: int) -> int:
        if number == 2:
            raise error
        return number

    with pytest.raises(error):
        each(ask, range(4))


def test_the_first_error_in_order_is_raised_and_no_more_is_asked() -> None:
    asked, release = [], threading.Event()

    def ask(number: int) -> int:
        asked.append(number)
        if number == 1:
            raise LookupError(number)
        if number > 1:
            release.wait(60)
        return number

    began = time.monotonic()
    with pytest.raises(LookupError, match="1"):
        each(ask, range(100))
    took = time.monotonic() - began
    release.set()

    assert took < 30  # those under way are not waited for
    assert len(asked) <= WORKERS + 2


def test_questions_of_questions_are_answered() -> None:
    nested = together(*(lambda n=n: each(lambda m: n * m, range(4)) for n in range(20)))  # type: ignore[misc]

    assert nested == tuple(tuple(n * m for m in range(4)) for n in range(20))


def test_progress_is_told_in_the_callers_thread() -> None:
    told: list[tuple[threading.Thread, Event]] = []

    each(
        str, range(3), what=message("reading"), observe=lambda e: told.append((threading.current_thread(), e))
    )

    assert {thread for thread, _ in told} == {threading.current_thread()}
    assert [event.done for _, event in told if isinstance(event, Progress)] == [1, 2, 3]
