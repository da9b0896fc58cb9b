"""What a long use case tells while it runs. The view draws these; they are not log lines."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from trailseal.messages import Message


class Progress(Struct, frozen=True, kw_only=True):
    """`done` of `total` (None when the end is not known), with what is being done."""

    what: Message
    done: int = 0
    total: int | None = None


class Told(Struct, frozen=True, kw_only=True):
    """Something that happened, once. `because` is a message of its own, which fills `{what}` of `what`."""

    what: Message
    because: Message | None = None


Event = Progress | Told


class Observer(Protocol):
    """Whoever wants to know."""

    def __call__(self, event: Event) -> None:
        """Take one event; must not raise and must not block."""
        ...


def ignore(event: Event) -> None:
    """Observe nothing."""
    del event
