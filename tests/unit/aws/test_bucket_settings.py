"""Which of a bucket's settings are asked for."""

from __future__ import annotations

import pytest

from trailseal.aws.bucket_reader import EFFECTS, OWNERSHIP, SETTINGS
from trailseal.aws.trail_bucket import _parts
from trailseal.run.ports import SnapshotScope

EVERY = SETTINGS | EFFECTS | {OWNERSHIP}


@pytest.mark.parametrize("part", sorted(EVERY))
def test_a_single_setting_is_asked_whatever_else_is(part: str) -> None:
    def asked(**scope: bool) -> frozenset[str]:
        return _parts(SnapshotScope(bucket_settings=(part,), **scope))

    assert asked(settings=False) == asked(settings=False, acls=True) == {part}
    assert asked(effects=False) == SETTINGS | {part}
    assert asked() == SETTINGS | EFFECTS | {part}
    assert asked(acls=True) == EVERY


def test_several_settings_are_asked_together() -> None:
    for parts in (SETTINGS, EFFECTS, EVERY, frozenset[str]()):
        assert _parts(SnapshotScope(bucket_settings=tuple(parts), settings=False)) == parts
