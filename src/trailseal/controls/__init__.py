"""One module per control: Security Hub's own ids, and outcome checks (TS...) beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trailseal.controls.finding import Check


def every_control() -> tuple[Check, ...]:
    """Return what is fixed of every check, in the order in which they are shown."""
    from trailseal.controls.catalogue import CHECKS

    return tuple(CHECKS.values())
