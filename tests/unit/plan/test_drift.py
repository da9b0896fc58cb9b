"""Whether a step is to be done, done, or the world has moved: every property, before and after."""

from __future__ import annotations

import pytest

from plan_estate import DENIED, HOME, KEY, ROOT_ONLY, TAG, TRAIL
from trailseal.plan.drift import ORDINARY, Difference, StepStanding, compare, resource_of
from trailseal.plan.facts import NOT_THERE, Facts
from trailseal.plan.moved import moved
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    DeleteAlias,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
)

ELSEWHERE = KEY.replace(HOME, "eu-west-1")
MADE = CreateKey(key=KEY, account="1", region=HOME, description="d", policy=ROOT_ONLY)
WAITING = CreateKey(
    key=KEY, account="1", region=HOME, description="d", policy=ROOT_ONLY, origin="EXTERNAL", multi_region=True
)
REPLICA = ReplicateKey(key=ELSEWHERE, primary=KEY, region="eu-west-1", description="d", policy=ROOT_ONLY)
PUT = PutKeyPolicy(key=KEY, before=ROOT_ONLY, after='{"Statement": []}')
TURN = UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=KEY)
ROTATE = SetKeyRotation(key=KEY, before=0, after=365)
NAME, UNNAME = CreateAlias(alias="alias/a", key=KEY), DeleteAlias(alias="alias/a", key=KEY)
MATERIAL = ImportKeyMaterial(key=KEY)
TODO, DONE, MOVED = StepStanding.TO_DO, StepStanding.DONE, StepStanding.MOVED


def made(**changed: str) -> Facts:
    ordinary = {name: values[0] for name, values in ORDINARY.items()}
    own = {"Origin": "AWS_KMS", "MultiRegionKeyType": "", "PrimaryKey": "", "KeyState": "Enabled"}
    facts = {"Arn": KEY, "AWSAccountId": "1", "Description": "d", "Policy": ROOT_ONLY, "Tag": TAG}
    return {**ordinary, **own, **facts, **changed}


def replica(**changed: str) -> Facts:
    own = {"MultiRegionKeyType": "REPLICA", "PrimaryKey": KEY, "AWSAccountId": "123456789012"}
    return made(**{**own, **changed})


EXTERNAL = {"Origin": "EXTERNAL", "MultiRegionKeyType": "PRIMARY"}


@pytest.mark.parametrize(
    ("step", "seen", "standing"),
    [
        pytest.param(MADE, NOT_THERE, TODO, id="no key"),
        pytest.param(MADE, made(), DONE, id="the key"),
        pytest.param(WAITING, made(**EXTERNAL, KeyState="PendingImport"), DONE, id="waiting key"),
        pytest.param(WAITING, made(**EXTERNAL), DONE, id="imported key"),
        pytest.param(REPLICA, NOT_THERE, TODO, id="no replica"),
        pytest.param(REPLICA, replica(), DONE, id="replica"),
        pytest.param(PUT, {"Policy": ROOT_ONLY.replace(" ", "")}, TODO, id="policy before"),
        pytest.param(PUT, {"Policy": '{"Statement":[]}'}, DONE, id="policy after"),
        pytest.param(PUT, {"Policy": '{"Statement":[1]}'}, MOVED, id="another policy"),
        pytest.param(TURN, {"KmsKeyId": ""}, TODO, id="trail before"),
        pytest.param(TURN, {"KmsKeyId": KEY}, DONE, id="trail after"),
        pytest.param(TURN, {"KmsKeyId": KEY + "0"}, MOVED, id="trail elsewhere"),
        pytest.param(TURN, NOT_THERE, MOVED, id="no trail"),
        pytest.param(ROTATE, {"RotationPeriodInDays": "0"}, TODO, id="rotation before"),
        pytest.param(ROTATE, {"RotationPeriodInDays": "365"}, DONE, id="rotation after"),
        pytest.param(ROTATE, {"RotationPeriodInDays": "90"}, MOVED, id="another period"),
        pytest.param(ROTATE, NOT_THERE, MOVED, id="no key to rotate"),
        pytest.param(NAME, {"TargetKeyId": ""}, TODO, id="no alias"),
        pytest.param(NAME, {"TargetKeyId": KEY}, DONE, id="alias"),
        pytest.param(NAME, {"TargetKeyId": KEY + "0"}, MOVED, id="taken alias"),
        pytest.param(UNNAME, {"TargetKeyId": KEY}, TODO, id="alias to remove"),
        pytest.param(UNNAME, {"TargetKeyId": ""}, DONE, id="alias removed"),
        pytest.param(MATERIAL, {"KeyState": "PendingImport"}, TODO, id="no material"),
        pytest.param(MATERIAL, {"KeyState": "Enabled"}, DONE, id="material"),
        pytest.param(MATERIAL, {"KeyState": "Disabled"}, MOVED, id="disabled"),
        pytest.param(Leave(step=MADE), {}, DONE, id="left"),
        pytest.param(TURN, {"Arn": DENIED}, StepStanding.UNKNOWN, id="trail not read"),
        pytest.param(PUT, {"Arn": KEY, "Policy": DENIED}, StepStanding.UNKNOWN, id="policy not read"),
    ],
)
def test_a_step_stands_by_what_is_seen(step: Step, seen: Facts, standing: StepStanding) -> None:
    found = compare(step, seen, tag=TAG)

    assert found.standing is standing
    assert bool(found.differences) is (standing is MOVED)
    assert bool(found.unread) is (standing is StepStanding.UNKNOWN)


PROPERTIES = [
    pytest.param(step, whole, name, id=f"{kind} {name}")
    for kind, step, whole, spared in (
        ("key", MADE, made(), {"Arn", "PrimaryKey"}),
        ("replica", REPLICA, replica(), {"Arn"}),
    )
    for name in whole
    if name not in spared
]
"""Each property of each key that a plan makes, with the key as it should be."""


@pytest.mark.parametrize(("step", "whole", "name"), PROPERTIES)
def test_a_key_with_any_property_otherwise_is_not_the_plans(step: Step, whole: Facts, name: str) -> None:
    found = compare(step, {**whole, name: "otherwise"}, tag=TAG)
    unread = compare(step, {**whole, name: DENIED}, tag=TAG)

    assert (found.standing, [each.name for each in found.differences]) == (MOVED, [name])
    assert (unread.standing, unread.unread) == (StepStanding.UNKNOWN, (DENIED,))


@pytest.mark.parametrize(
    ("step", "fact"),
    [
        (TURN, {"S3BucketName": "b", "IsLogging": "true"}),
        (PUT, {"KeyState": "Enabled", "Grants": ""}),
    ],
    ids=["trail", "key"],
)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_what_a_step_rests_on_is_compared_before_it_and_after(
    step: Step, fact: dict[str, str], *, done: bool
) -> None:
    changing = {"KmsKeyId": KEY if done else "", "Policy": PUT.after if done else PUT.before}  # type: ignore[attr-defined]
    whole: Facts = {"Arn": resource_of(step), **changing, **fact}

    assert compare(step, whole, rests_on=fact).standing is (DONE if done else TODO)
    for name in fact:
        moves = compare(step, {**whole, name: "otherwise"}, rests_on=fact)
        assert (moves.standing, [each.name for each in moves.differences]) == (MOVED, [name])


def test_a_difference_counts_more_than_what_could_not_be_read() -> None:
    found = compare(TURN, {"KmsKeyId": KEY + "0", "IsLogging": DENIED}, rests_on={"IsLogging": "true"})

    assert found.standing is MOVED


@pytest.mark.parametrize(
    ("name", "where", "said"),
    [
        ("KmsKeyId", TRAIL, f"{TRAIL} has elsewhere now, and the plan was made when it had SSE-S3"),
        ("Policy", KEY, f"the policy of {KEY} is no longer the one that the plan was made from"),
        ("Policy", "logs", "the policy of bucket logs is no longer the one that the plan was made from"),
        ("TargetKeyId", "alias/a", "`alias/a` names elsewhere now"),
        ("RotationPeriodInDays", KEY, "rotates every elsewhere days now"),
        ("KeyState", KEY, f"{KEY} has KeyState `elsewhere` now, and the plan was made for ``"),
        ("Arn", TRAIL, f"{TRAIL} does not exist"),
    ],
)
def test_what_moved_is_said(name: str, where: str, said: str) -> None:
    difference = Difference(resource=where, name=name, planned="", seen="elsewhere")

    assert said in str(moved(difference))


def test_what_a_plan_holds_by_its_fingerprint_is_not_printed() -> None:
    difference = Difference(resource=KEY, name="Grants", planned="sha256:1", seen="sha256:2")

    assert str(moved(difference)) == f"{KEY} no longer has the Grants that the plan was made from"


@pytest.mark.parametrize(
    ("step", "resource"),
    [(TURN, TRAIL), (NAME, "alias/a"), (Leave(step=UNNAME), "alias/a"), (PUT, KEY)],
    ids=["trail", "alias", "left", "key"],
)
def test_what_a_step_changes_has_a_name(step: Step, resource: str) -> None:
    assert resource_of(step) == resource
