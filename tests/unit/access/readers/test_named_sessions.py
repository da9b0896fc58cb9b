"""A role whose named session reads is no role that plainly cannot."""

from __future__ import annotations

import pytest

from estates.build import S3, B, Scene, deny, iam, opens_bucket, opens_key, person, sts
from trailseal.access.readers.reading import Access, NamedSession, Reading
from trailseal.run.who import answer
from trailseal.view.reading import reader_reasons

NIGHT = "assumed-role/etl/night"
READS, MAY = Access.READ, Access.UNKNOWN


def row(scene: Scene, principal: str) -> Reading:
    return next(r for r in answer(scene.snapshot, scene.trail).readings if r.principal == principal)


@pytest.mark.parametrize("path", ["", "team/", "a:b/"])
def test_the_row_of_the_role_names_the_session_that_reads(path: str) -> None:
    scene = Scene(key=(opens_key(sts(NIGHT)),), people=(person(f"role/{path}etl", S3),))
    role = row(scene, iam(f"role/{path}etl"))

    assert role.access is Access.FETCH_ONLY
    assert role.sessions == (NamedSession(principal=sts(NIGHT), access=READS),)
    assert "but its session night: can read" in reader_reasons(role)
    assert row(scene, sts(NIGHT)).sessions == ()


def test_a_role_that_was_not_read_names_it_too() -> None:
    role = iam("role/etl", B)
    scene = Scene(
        key=(
            opens_key([sts(NIGHT, B), role]),
            deny(role, "kms:Decrypt", {"Null": {"aws:SourceIp": "false"}}),
        ),
        bucket=(opens_bucket(sts(NIGHT, B)),),
    )

    assert [s.principal for s in row(scene, role).sessions] == [sts(NIGHT, B)]


def test_sessions_that_get_no_further_are_not_named() -> None:
    shut = Scene(
        key=(opens_key(sts(NIGHT)), deny(sts(NIGHT), "kms:Decrypt")), people=(person("role/etl", S3),)
    )
    both = Scene(key=(opens_key([sts(NIGHT), iam("role/etl")]),), people=(person("role/etl", S3),))

    assert row(shut, iam("role/etl")).sessions == ()
    assert row(both, iam("role/etl")).sessions == ()


def test_a_session_of_another_role_is_not_named() -> None:
    scene = Scene(key=(opens_key(sts(NIGHT)),), people=(person("role/etl2", S3), person("role/etl", S3)))

    assert row(scene, iam("role/etl2")).sessions == ()
