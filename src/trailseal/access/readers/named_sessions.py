"""
Roles whose named sessions get further than their others: no plain "cannot read" is true of such a role.

A role is asked as one of its sessions that no policy names. Whoever assumes it chooses the session's name.
Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from msgspec import structs

from trailseal.access.caller import without_path
from trailseal.access.readers.reading import RANK, NamedSession, Reading
from trailseal.access.readers.subject_kind import SubjectKind


def with_named_sessions(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Return the readings, those of roles with their named sessions that read where others do not, or may."""
    found: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.kind is SubjectKind.SESSION:
            found.setdefault(without_path(reading.principal), []).append(reading)
    return tuple(_with(r, found) if r.kind is SubjectKind.ROLE else r for r in readings)


def _with(role: Reading, found: dict[str, list[Reading]]) -> Reading:
    further = tuple(
        NamedSession(principal=session.principal, access=session.access)
        for session in found.get(without_path(role.principal), ())
        if RANK.get(session.access, 0) > RANK.get(role.access, 0)
    )
    return structs.replace(role, sessions=further) if further else role
