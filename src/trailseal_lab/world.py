"""
The mutable state of one lab. One process holds one lab, because moto's backends are global.

Each service keeps its state in a small object of its own, made on first use:

    @dataclass
    class Deliveries: ...

    deliveries = world.part(Deliveries)
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from trailseal_lab.caller import SigningPrincipal

Part = TypeVar("Part")

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"


@dataclass(kw_only=True)
class World:
    """
    One lab: its account, home Region, pace and parts.

    `lock` is held while a call is answered and while the clock ticks; take it before touching moto's
    backends from anywhere else. `building` is true while a scenario is set up: nothing is refused,
    nothing is recorded. `default_principal` is who `lab env` speaks for.
    """

    scenario: str = "empty"
    account: str = ACCOUNT
    region: str = REGION
    cycle: float = 5.0
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    port: int = 0
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    lock: threading.RLock = field(default_factory=threading.RLock)
    building: bool = False
    default_principal: str = f"arn:aws:iam::{ACCOUNT}:user/admin"
    cycles: int = 0
    issued: dict[str, SigningPrincipal] = field(default_factory=dict)
    """Access keys that the lab gave out itself, beside those that IAM and STS hold."""
    send: Callable[..., Any] | None = None
    """The WSGI application, for calls from inside the process."""
    _parts: dict[type, object] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC: only intervals shrink in the lab, never the time."""
        return datetime.now(UTC)

    def part(self, kind: type[Part]) -> Part:
        """Return the one object of this class that hangs on this world, made by `kind()` on first use."""
        if kind not in self._parts:
            self._parts[kind] = kind()
        return cast("Part", self._parts[kind])
