"""What is played: a plan's kind and the starts of it, and what one start came to."""

from __future__ import annotations

from msgspec import Struct

from faults.account import Wire
from faults.wire import Fault, Line
from plan_estate import Told
from trailseal.run.apply import Applied
from trailseal.run.undo import Undone


class Start(Struct, frozen=True, kw_only=True):
    """One process: `dies` is the share of its moments after which it is killed, 0 for never."""

    verb: str = "apply"
    elsewhere: bool = False
    """Whether it has no journal of what went before."""
    fault: Fault | None = None
    dies: float = 0.0
    interrupted: bool = False
    """Killed with Ctrl-C, which leaves time for a word."""
    waits: bool = False
    mishap: bool = False
    """While it waits, somebody disables the key."""


class Case(Struct, frozen=True, kw_only=True):
    """A plan's kind and its starts; after them, one without any fault."""

    kind: str
    starts: tuple[Start, ...]
    lag: float = 0.0
    """Seconds for which KMS does not show a key that was made."""


class Ended(Struct, kw_only=True):
    """What one start came to: an answer, an error of the house, or a kill."""

    answer: Applied | Undone | None = None
    error: BaseException | None = None
    exit_code: int = 0
    before: Wire
    line: Line
    told: Told
