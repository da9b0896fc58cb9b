"""The runs in the journal, for whoever looks for one to take back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from trailseal.run.journal import RunRecord


class RunShown(Struct, frozen=True, kw_only=True):
    """A run in a line: what it was about, how it ended, and what an undo would put back."""

    run: str
    begun_at: datetime
    account: str
    endpoint: str
    """What answered in the place of AWS, "" for AWS itself."""
    trails: tuple[str, ...]
    outcome: str
    """As `apply` and `undo` tell it; "" while a run has not ended, or was begun again."""
    to_undo: int
    """How many of its steps an undo would put back, as far as the journal tells."""
    changed_at: datetime | None
    """When it last changed one of them."""


class RunList(Struct, frozen=True, kw_only=True):
    """The journal's runs, newest first."""

    format: Literal[1] = 1
    runs: tuple[RunShown, ...]


def list_runs(records: Iterable[RunRecord]) -> RunList:
    """Return what the journal holds of each run; AWS is not asked."""
    return RunList(runs=tuple(_shown(record) for record in records))


def _shown(record: RunRecord) -> RunShown:
    return RunShown(
        run=record.plan.id,
        begun_at=record.started_at,
        account=record.plan.account,
        endpoint=record.endpoint,
        trails=record.plan.trails,
        outcome=record.outcome,
        to_undo=len(record.changes),
        changed_at=record.changed_at,
    )
