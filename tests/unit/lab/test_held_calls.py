"""A call that is held waits for its release, and no other call waits for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

NAME = "alias/held"
PATIENCE = 30.0


def ask(world, method: str, action: str, **given: object):
    from trailseal_lab.control import ACTIONS

    return ACTIONS[method, action](world, given, lambda: None)


def hold_next(world, kind: str, count: int = 1) -> None:
    ask(world, "POST", "faults", kind=kind, service="kms", operation="CreateAlias", count=count)


def until_held(world, count: int) -> None:
    end = monotonic() + PATIENCE
    while (held := ask(world, "GET", "faults")["held"]) != count and monotonic() < end:
        sleep(0.01)
    assert held == count


def aliases(kms) -> set[str]:
    return {each["AliasName"] for each in kms.list_aliases()["Aliases"]} & {NAME}


@pytest.mark.parametrize(("kind", "while_held"), [("hold", set()), ("hold-after", {NAME})])
@pytest.mark.parametrize(("method", "action"), [("POST", "release"), ("DELETE", "faults")])
def test_a_held_call_goes_on_when_it_is_released(here, kind, while_held, method, action):
    kms = here.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    hold_next(here.world, kind)

    with ThreadPoolExecutor() as pool:
        going = pool.submit(kms.create_alias, AliasName=NAME, TargetKeyId=key)
        until_held(here.world, 1)
        assert aliases(kms) == while_held
        assert not going.done()

        ask(here.world, method, action)
        going.result(timeout=PATIENCE)

    assert aliases(kms) == {NAME}
    until_held(here.world, 0)


@pytest.mark.parametrize("kind", ["hold", "hold-after"])
def test_after_a_release_nothing_is_held_and_other_faults_wait_on(here, kind):
    hold_next(here.world, kind)
    ask(here.world, "POST", "faults", kind="denied", service="s3", operation="GetObject")

    assert [each["kind"] for each in ask(here.world, "POST", "release")["faults"]] == ["denied"]
    here.client("kms").create_alias(
        AliasName=NAME, TargetKeyId=here.client("kms").create_key()["KeyMetadata"]["KeyId"]
    )


def test_a_call_that_nobody_releases_ends_by_itself(monkeypatch):
    from trailseal_lab import held_calls

    monkeypatch.setattr(held_calls, "LONGEST", 0.01)
    held = held_calls.HeldCalls()
    held.hold(held.releases)

    assert held.count == 0


@pytest.mark.parametrize("kind", ["hold", "hold-after"])
def test_a_call_whose_fault_was_taken_before_a_release_is_not_held_after_it(here, monkeypatch, kind):
    """The release comes while AWS acts, or just before the call begins to wait."""
    from trailseal_lab.held_calls import HeldCalls

    hold = HeldCalls.hold

    def released_first(held, *since: int) -> None:
        ask(here.world, "POST", "release")
        hold(held, *since)

    monkeypatch.setattr(HeldCalls, "hold", released_first)
    monkeypatch.setattr("trailseal_lab.held_calls.LONGEST", 2.0)
    kms = here.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    hold_next(here.world, kind)
    before = monotonic()

    kms.create_alias(AliasName=NAME, TargetKeyId=key)

    assert monotonic() - before < 2


def test_several_are_held_at_once_and_none_is_counted_after_the_release(here):
    hold_next(here.world, "hold", count=3)
    kms = here.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]

    with ThreadPoolExecutor() as pool:
        names = [f"{NAME}-{number}" for number in range(3)]
        going = [pool.submit(kms.create_alias, AliasName=name, TargetKeyId=key) for name in names]
        until_held(here.world, 3)
        assert ask(here.world, "POST", "release")["held"] == 0
        for each in going:
            each.result(timeout=30)

    assert {each["AliasName"] for each in kms.list_aliases()["Aliases"]} == set(names)


def test_how_many_are_held_is_shown_with_the_command_that_lets_them_go_on(capsys):
    from trailseal_lab.verbs.shown import show_faults

    show_faults({"faults": [], "held": 2}, as_json=False)

    assert capsys.readouterr().out.splitlines() == [
        "no fault is waiting",
        "calls held: 2; let them go on: trailseal lab fault release",
    ]
