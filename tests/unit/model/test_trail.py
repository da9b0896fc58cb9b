"""What is said where a trail is named that is not there, or where there is none at all."""

from __future__ import annotations

from trailseal.model.trail import no_such_trail, no_trail


def test_all_names_are_told_together_and_an_account_without_trails_is_said_to_have_none() -> None:
    account = "111122223333"

    assert str(no_such_trail(("a",), account=account).what) == f"there is no trail `a` in account {account}"
    assert "`a`, `b`" in str(no_such_trail(("a", "b"), account=account).what)
    assert str(no_trail(account).what) == f"there is no trail in account {account}"
