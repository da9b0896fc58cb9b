"""Calls that a fault holds until they are released, so that a test waits for no clock."""

from __future__ import annotations

import threading

LONGEST = 300.0
"""Seconds after which a call goes on that nobody released, so that a forgotten one ends."""


class HeldCalls:
    """The calls that wait now; each goes on at the next release after its fault was taken."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.releases = 0
        self.count = 0

    def hold(self, since: int) -> None:
        """Return once there was a release after the first `since` of them: perhaps before the call waits."""
        with self._changed:
            if self.releases > since:
                return
            self.count += 1
            if not self._changed.wait_for(lambda: self.releases > since, timeout=LONGEST):
                self.count -= 1

    def release(self) -> None:
        """Let every call go on that waits, or whose fault was taken before."""
        with self._changed:
            self.releases += 1
            self.count = 0
            self._changed.notify_all()
