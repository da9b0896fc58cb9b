"""A decision is a grant only when it is a proven one."""

from __future__ import annotations

import pytest

from trailseal.access.decision import Decision, Effect


@pytest.mark.parametrize("effect", Effect)
def test_only_a_proven_allow_is_allowed(effect: Effect) -> None:
    assert Decision(effect=effect).is_allowed is (effect is Effect.ALLOWED)
