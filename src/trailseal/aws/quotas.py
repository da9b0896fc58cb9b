"""
Requests paced by AWS's own quotas, so that a large account is read without being throttled.

Sources:
https://docs.aws.amazon.com/general/latest/gr/ct.html
https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

USUAL = {"cloudtrail": 10.0, "securityhub": 10.0, "organizations": 10.0, "iam": 15.0}
"""Requests a second, per account, Region and operation, of a service's operations not named below."""
QUOTAS = {
    ("cloudtrail", "CreateTrail"): 1.0,
    ("cloudtrail", "UpdateTrail"): 1.0,
    ("cloudtrail", "PutEventSelectors"): 1.0,
    ("cloudtrail", "AddTags"): 1.0,
    ("cloudtrail", "StartLogging"): 1.0,
    ("cloudtrail", "LookupEvents"): 2.0,
    ("securityhub", "GetFindings"): 3.0,
    ("kms", "CreateKey"): 5.0,
    ("kms", "CreateAlias"): 5.0,
    ("kms", "PutKeyPolicy"): 15.0,
    ("kms", "EnableKeyRotation"): 15.0,
    ("kms", "GetKeyLastUsage"): 5.0,
    ("kms", "ListGrants"): 100.0,
    ("kms", "ListResourceTags"): 100.0,
    ("kms", "ListAliases"): 500.0,
}


class Pacer:
    """
    A bucket of tokens per operation: as many calls at once as a second allows, then that many a second.

    A few calls cost a dictionary lookup each and never wait.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[tuple[str, str, str], float] = {}

    def wait(self, service: str, region: str, operation: str) -> float:
        """Wait for the operation's turn, and return for how long."""
        rate = QUOTAS.get((service, operation)) or USUAL.get(service)
        if rate is None:
            return 0.0
        name = (service, region, operation)
        with self._lock:
            now = self._now()
            # The time at which the bucket is full again; each call takes 1/rate out of it.
            full = max(self._next.get(name, now), now) + 1 / rate
            self._next[name] = full
            delay = max(0.0, full - now - max(1.0, 1 / rate))
        if delay:
            self._sleep(delay)
        return delay

    def attach(self, client: Any) -> None:
        """Pace every attempt of a client, botocore's own retries too."""
        service = client.meta.service_model.service_name
        region = client.meta.region_name

        def before(event_name: str, **_: Any) -> None:
            self.wait(service, region, event_name.rpartition(".")[2])

        client.meta.events.register(f"before-send.{service}", before)
