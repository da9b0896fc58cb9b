"""One line of an estimate."""

from __future__ import annotations

from msgspec import Struct

from trailseal.cost.amount import NOTHING, Range
from trailseal.messages import Message


class CostLine(Struct, frozen=True, kw_only=True):
    """What is paid for, how much of it a month (or once), what it costs and why."""

    what: Message
    because: Message
    quantity: Range
    cost: Range
    billed: bool = True
    if_billed: Range = NOTHING
    """What it would come to if it were billed; only where it is not."""
    source: str = ""
