"""
The check of an account, from the first call on.

What judges is loaded after what looks, so that it can be loaded while AWS is waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailseal.run.ports import Collector, SnapshotScope

if TYPE_CHECKING:
    from trailseal.model.snapshot import Snapshot
    from trailseal.run.check import CheckResult


def check_account(
    collector: Collector,
    *,
    trails: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    hub: bool = True,
    effects: bool = True,
    copies: bool = False,
) -> tuple[Snapshot, CheckResult]:
    """
    Return what was seen and what it comes to; `effects` reads what no check needs and a plan does.

    `copies` reads where the events lie beside the log files, and all principals: who reads them there.

    Raises:
        UsageProblem: there is no such trail or check.
        TrailsealError: AWS cannot be reached.
    """
    if only:
        from trailseal.run.check import known_checks

        known_checks(only)
    scope = SnapshotScope(
        trails=trails, hub=hub, effects=effects or copies, validation=True, principals=copies, copies=copies
    )
    snapshot = collector.collect(scope)
    from trailseal.run.check import check_snapshot

    return snapshot, check_snapshot(snapshot, trails=trails, only=only, copies=copies)
