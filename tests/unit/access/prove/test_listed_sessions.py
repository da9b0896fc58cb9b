"""Whose session a listed role's is: that of the role with the listed ARN, path and all."""

from __future__ import annotations

from itertools import product

import pytest

from estates.build import (
    LISTED,
    READER,
    ROOT_B,
    S3,
    B,
    Scene,
    iam,
    opens_bucket,
    opens_key,
    person,
    sts,
    verdict_of,
)

PATHS = ("", "team/", "Team/", "team/x/", "a:b/")
SESSION = "assumed-role/etl/night"


@pytest.mark.sweep
@pytest.mark.parametrize("open_world", [False, True])
@pytest.mark.parametrize(("real", "listed"), list(product(PATHS, repeat=2)))
def test_a_known_roles_session_is_listed_by_its_own_arn(real: str, listed: str, *, open_world: bool) -> None:
    scene = Scene(
        key=(opens_key(sts(SESSION)),),
        people=(person(f"role/{real}etl", S3),),
        listed=(*LISTED, iam(f"role/{listed}etl")),
    )
    expected = "PROVEN" if real == listed else "REFUTED"
    assert verdict_of(scene, open_world=open_world) == expected


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("open_world", [False, True])
def test_the_session_itself_may_be_listed(path: str, *, open_world: bool) -> None:
    scene = Scene(
        key=(opens_key(sts(SESSION)),),
        people=(person(f"role/{path}etl", S3),),
        listed=(*LISTED, sts(SESSION)),
    )
    assert verdict_of(scene, open_world=open_world) == "PROVEN"


@pytest.mark.parametrize("path", PATHS)
def test_a_role_that_nobody_read_is_known_by_its_name(path: str) -> None:
    """A name stands once in an account: no other role has it beside the listed one."""
    scene = Scene(
        key=(opens_key(sts(SESSION, B)),),
        bucket=(opens_bucket(sts(SESSION, B)),),
        listed=(*LISTED, iam(f"role/{path}etl", B)),
    )
    assert verdict_of(scene) == "PROVEN"


@pytest.mark.sweep
@pytest.mark.parametrize("real", PATHS)
@pytest.mark.parametrize("listed", PATHS)
def test_a_role_of_another_account_that_was_read_too(real: str, listed: str) -> None:
    scene = Scene(
        key=(opens_key(sts(SESSION, B)),),
        bucket=(opens_bucket(ROOT_B),),
        neighbours=(person(f"role/{real}etl", S3, {**S3, "Action": "kms:*"}, account=B),),
        listed=(*LISTED, iam(f"role/{listed}etl", B)),
    )
    assert verdict_of(scene) == ("PROVEN" if real == listed else "REFUTED")


def test_a_listed_reader_stays_listed() -> None:
    scene = Scene(key=(opens_key(sts("assumed-role/reader/me")),), listed=(*LISTED, READER))
    assert verdict_of(scene) == "PROVEN"
