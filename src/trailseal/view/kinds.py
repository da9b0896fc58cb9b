"""Kinds of principals in words: people, roles and services told apart, those that are read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from trailseal.access.readers.reading import Reading
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.locale.language import say
from trailseal.messages import Message, counted
from trailseal.view.words import listed

NAMED = frozenset(
    {
        SubjectKind.USER,
        SubjectKind.ROLE,
        SubjectKind.ROOT,
        SubjectKind.SESSION,
        SubjectKind.FEDERATED,
        SubjectKind.SERVICE,
    }
)
"""Kinds that are counted by their names; rows of the others stand for many, and are counted together."""


def by_kind(readings: Iterable[Reading]) -> list[Reading]:
    """Return the rows with users first, then roles, services and whoever stands for many."""
    order = list(SubjectKind)
    return sorted(readings, key=lambda reading: order.index(reading.kind))


def kinds_told(readings: Sequence[Reading]) -> str:
    """Return how many there are of each kind."""
    counts = Counter(r.kind if r.kind in NAMED else SubjectKind.ANYBODY for r in readings)
    return listed(say(_told(kind, counts[kind])) for kind in SubjectKind if kind in counts)


def _told(kind: SubjectKind, count: int) -> Message:  # noqa: PLR0911 - one wording for each kind
    match kind:
        case SubjectKind.USER:
            return counted("{count} user", "{count} users", count)
        case SubjectKind.ROLE:
            return counted("{count} role", "{count} roles", count)
        case SubjectKind.ROOT:
            return counted("{count} root user", "{count} root users", count)
        case SubjectKind.SESSION:
            return counted("{count} session of a role", "{count} sessions of roles", count)
        case SubjectKind.FEDERATED:
            return counted("{count} federated user", "{count} federated users", count)
        case SubjectKind.SERVICE:
            return counted("{count} AWS service", "{count} AWS services", count)
        case _:
            return counted("{count} other", "{count} others", count)
