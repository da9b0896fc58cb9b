"""How a re-encryption went: counts by state, and the objects that are not done."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import assert_never

from msgspec import Struct

from trailseal.errors import ExitCode
from trailseal.history.rules.state import State

SAMPLE_ONE_IN = 64
PROBLEMS = (State.FAILED, State.CHANGED, State.GONE, State.DIFFERS)


class Verify(StrEnum):
    """How many objects are read before and after, to prove that nothing was lost."""

    NONE = "none"
    SAMPLE = "sample"
    ALL = "all"

    def covers(self, key: str) -> bool:
        """Whether this object is read; the same ones in every run and on every engine."""
        match self:
            case Verify.NONE:
                return False
            case Verify.ALL:
                return True
            case Verify.SAMPLE:
                return blake2b(key.encode(), digest_size=2).digest()[0] % SAMPLE_ONE_IN == 0
            case _:
                assert_never(self)


class NamedObject(Struct, frozen=True, kw_only=True):
    """An object that is named in the summary."""

    key: str
    state: State
    detail: str


class Summary(Struct, frozen=True, kw_only=True):
    """The end of a run, from its ledger."""

    format: int = 1
    bucket: str
    key_arn: str
    counts: dict[str, int]
    problems: tuple[NamedObject, ...]
    """The first thousand that are not done, then the first thousand left out; the ledger has them all."""
    slowed: int = 0
    """How often S3 asked to slow down."""

    @property
    def exit_code(self) -> ExitCode:
        """1 when an object differs or failed, 3 when some were left out, else 0."""
        if any(self.counts.get(state, 0) for state in (State.FAILED, State.DIFFERS)):
            return ExitCode.FAILED
        left = (State.SKIPPED, State.CHANGED, State.GONE, State.STARTED)
        return ExitCode.FINDINGS if any(self.counts.get(state, 0) for state in left) else ExitCode.CLEAN
