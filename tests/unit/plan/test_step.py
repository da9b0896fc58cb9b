"""Steps and their inverses."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_estate import ACCOUNT, HOME, KEY, OTHER, ROOT_ONLY, TRAIL
from trailseal.plan.drift import PENDING
from trailseal.plan.key_steps import DESCRIPTION
from trailseal.plan.step import (
    CancelKeyDeletion,
    CreateAlias,
    CreateKey,
    DeleteAlias,
    Doing,
    EnableKey,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    key_region,
    keys_of,
    named,
    new_key,
    roll_back,
    undo,
)

ACCOUNTS, REGIONS = st.sampled_from([ACCOUNT, OTHER]), st.sampled_from([HOME, "eu-west-1"])
ALIASES, TRAILS = st.sampled_from(["alias/a", "alias/b"]), st.just(TRAIL)
ABOUT = st.just(DESCRIPTION)
text = st.text(max_size=8)
keys = st.sampled_from([KEY, new_key(HOME)])
LASTING: dict[type, st.SearchStrategy[Step]] = {
    CreateKey: st.builds(
        CreateKey, key=keys, account=ACCOUNTS, region=REGIONS, description=ABOUT, policy=text
    ),
    ReplicateKey: st.builds(
        ReplicateKey, key=keys, primary=keys, region=REGIONS, description=ABOUT, policy=text
    ),
    ImportKeyMaterial: st.builds(ImportKeyMaterial, key=keys),
    CancelKeyDeletion: st.builds(CancelKeyDeletion, key=keys, before=st.sampled_from(PENDING)),
    EnableKey: st.builds(EnableKey, key=keys, before=st.sampled_from(["Disabled", *PENDING])),
}
KINDS: dict[type, st.SearchStrategy[Step]] = LASTING | {
    PutKeyPolicy: st.builds(PutKeyPolicy, key=keys, before=text, after=text),
    CreateAlias: st.builds(CreateAlias, alias=ALIASES, key=keys),
    DeleteAlias: st.builds(DeleteAlias, alias=ALIASES, key=keys),
    SetKeyRotation: st.builds(SetKeyRotation, key=keys, before=st.integers(0, 9), after=st.integers(0, 9)),
    UpdateTrail: st.builds(
        UpdateTrail, trail_arn=TRAILS, home_region=REGIONS, before=keys | st.just(""), after=keys
    ),
}
lasting = st.one_of(*LASTING.values())
doing = st.one_of(*KINDS.values())
steps = doing | st.builds(Leave, step=lasting)


def test_every_kind_of_step_is_drawn() -> None:
    assert set(KINDS) == set(get_args(Doing))


@given(steps)
def test_undo_of_undo_is_the_step(step: Step) -> None:
    assert undo(undo(step)) == step


@given(st.lists(steps, max_size=6).map(tuple))
def test_steps_survive_being_written_and_read(some: tuple[Step, ...]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(some), type=tuple[Step, ...]) == some


def test_what_a_plan_made_is_left_standing_and_the_rest_is_taken_back_last_first() -> None:
    made = CreateKey(key=new_key(HOME), account="1", region=HOME, description="", policy=ROOT_ONLY)
    alias = CreateAlias(alias="alias/a", key=new_key(HOME))
    turned = UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=new_key(HOME))

    back = roll_back((made, alias, turned))

    assert back == (undo(turned), Leave(step=alias), Leave(step=made))


def test_an_alias_given_to_an_existing_key_is_taken_away_again() -> None:
    assert roll_back((CreateAlias(alias="alias/a", key=KEY),)) == (DeleteAlias(alias="alias/a", key=KEY),)


@pytest.mark.parametrize(
    "step",
    [
        UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=new_key(HOME)),
        Leave(step=ImportKeyMaterial(key=new_key(HOME))),
        ReplicateKey(key=new_key("eu-west-1"), primary=new_key(HOME), region="", description="", policy=""),
        SetKeyRotation(key=new_key(HOME), before=0, after=365),
    ],
    ids=["trail", "left", "replica", "rotation"],
)
def test_a_made_key_is_named_by_its_arn_from_then_on(step: Step) -> None:
    found = named(step, {new_key(HOME): KEY})

    assert KEY in keys_of(found)
    assert new_key(HOME) not in keys_of(found)


def test_a_key_tells_its_region_before_it_is_made_and_after() -> None:
    assert (key_region(new_key(HOME)), key_region(KEY)) == (HOME, HOME)
