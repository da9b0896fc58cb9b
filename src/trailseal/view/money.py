"""Amounts of money: a number, or a range."""

from __future__ import annotations

from trailseal.cost.amount import Range

CENT = 0.01


def money(amount: Range) -> str:
    """Return `$1.00`, or `$1.00-$3.09` for a range; what is less than a cent is no range."""
    low, high = _one(amount.low), _one(amount.high)
    return high if low == high or amount.high < CENT else f"{low}-{high}"


def _one(amount: float) -> str:
    if 0 < amount < CENT:
        return "<$0.01"
    return f"${amount:,.2f}"
