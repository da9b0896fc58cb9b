"""The calls of one round through the object plane: which is next, which wait, which are answered."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from trailseal.errors import TrailsealError
from trailseal.objects.calls import ObjectRequest, ObjectResponse

LONGEST_WAIT = 1.0
"""Seconds after which sockets are looked at again even when none has moved."""


class Due(NamedTuple):
    """A call and which attempt at it comes next."""

    call: ObjectRequest
    attempt: int = 1


class Flow:
    """The calls of one `each`, how many are under way, and the answers that wait to be taken."""

    def __init__(self, calls: Iterable[ObjectRequest]) -> None:
        self._calls = iter(calls)
        self._late: list[tuple[float, int, Due]] = []
        self._number = count()
        self.following: deque[ObjectRequest] = deque()
        self.answers: deque[ObjectResponse] = deque()
        self.under_way = 0
        self.problem: TrailsealError | None = None

    @property
    def load(self) -> int:
        """How many calls are begun and not answered."""
        return self.under_way + len(self._late)

    @property
    def patience(self) -> float:
        """Seconds to wait for sockets."""
        if not self._late:
            return LONGEST_WAIT
        return min(LONGEST_WAIT, max(0.0, self._late[0][0] - time.monotonic()))

    @property
    def has_due(self) -> bool:
        """Whether a call that was put off may be sent again."""
        return bool(self._late) and self._late[0][0] <= time.monotonic()

    def put_off(self, due: Due, seconds: float) -> None:
        """Try again later."""
        again = Due(due.call, due.attempt + 1)
        heapq.heappush(self._late, (time.monotonic() + seconds, next(self._number), again))

    def next(self, limit: float) -> Due | None:
        """Return what to send now, when fewer than `limit` are begun; what was put off waits for nobody."""
        if self.has_due:
            return heapq.heappop(self._late)[2]
        if self.load >= limit:
            return None
        call = self.following.popleft() if self.following else next(self._calls, None)
        return None if call is None else Due(call)
