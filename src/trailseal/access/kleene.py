"""Three-valued logic: yes, no, and None for what cannot be known."""

from __future__ import annotations

Kleene = bool | None


def both(*answers: Kleene) -> Kleene:
    """Return three-valued AND."""
    if False in answers:
        return False
    return None if None in answers else True


def either(*answers: Kleene) -> Kleene:
    """Return three-valued OR."""
    if True in answers:
        return True
    return None if None in answers else False


def contrary(answer: Kleene) -> Kleene:
    """Return three-valued NOT."""
    return None if answer is None else not answer
