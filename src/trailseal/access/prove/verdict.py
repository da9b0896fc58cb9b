"""How a proof ends."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.access.readers.questions import RequestUnderPolicies
from trailseal.messages import Words


class ProofVerdict(StrEnum):
    """The three ends of a proof."""

    PROVEN = "PROVEN"
    REFUTED = "REFUTED"
    UNKNOWN = "UNKNOWN"


class WorldAssumption(StrEnum):
    """Closed: the inventory is complete. Open: any principal may exist, with any IAM policy."""

    CLOSED = "closed inventory"
    OPEN = "open world"


class WayIn(Struct, frozen=True, kw_only=True):
    """One class of readers outside the list: one of them, and the requests that let it read."""

    principal: str
    sealing: str
    requests: tuple[RequestUnderPolicies, ...]


class AccessProof(Struct, frozen=True, kw_only=True):
    """
    The verdict over one world. `ways` refute it; `why` says which form, gap or bound stopped it.

    `kinds` is how many classes of callers were told apart, `decisions` how often the engine was asked.
    """

    verdict: ProofVerdict
    world: WorldAssumption
    kinds: int = 0
    decisions: int = 0
    ways: tuple[WayIn, ...] = ()
    why: Words = ""

    @property
    def principal(self) -> str:
        """The first reader that was found, "" for none."""
        return self.ways[0].principal if self.ways else ""

    @property
    def sealing(self) -> str:
        """The encryption of the object that the first reader reads."""
        return self.ways[0].sealing if self.ways else ""

    @property
    def way_in(self) -> tuple[RequestUnderPolicies, ...]:
        """The first reader's requests."""
        return self.ways[0].requests if self.ways else ()
