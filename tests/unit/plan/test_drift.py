"""Whether a step is to be done, done, or the world has moved."""

from __future__ import annotations

import pytest

from plan_estate import HOME, KEY, ROOT_ONLY, TRAIL
from trailseal.plan.drift import StepStanding, compare, moved
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

MADE = CreateKey(key=KEY, account="1", region=HOME, description="", policy="")
REPLICA = ReplicateKey(key=KEY, primary=KEY, region=HOME, description="", policy="")
PUT = PutKeyPolicy(key=KEY, before=ROOT_ONLY, after='{"Statement": []}')
TURN = UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=KEY)
ROTATE = SetKeyRotation(key=KEY, before=0, after=365)
NAME, UNNAME = CreateAlias(alias="alias/a", key=KEY), DeleteAlias(alias="alias/a", key=KEY)
MATERIAL = ImportKeyMaterial(key=KEY)
TODO, DONE, MOVED = StepStanding.TO_DO, StepStanding.DONE, StepStanding.MOVED


@pytest.mark.parametrize(
    ("step", "seen", "standing"),
    [
        pytest.param(MADE, "", TODO, id="no key"),
        pytest.param(MADE, KEY, DONE, id="a key"),
        pytest.param(REPLICA, "", TODO, id="no replica"),
        pytest.param(PUT, ROOT_ONLY.replace(" ", ""), TODO, id="policy before"),
        pytest.param(PUT, '{"Statement":[]}', DONE, id="policy after"),
        pytest.param(PUT, '{"Statement":[1]}', MOVED, id="another policy"),
        pytest.param(TURN, "", TODO, id="trail before"),
        pytest.param(TURN, KEY, DONE, id="trail after"),
        pytest.param(TURN, KEY + "0", MOVED, id="trail elsewhere"),
        pytest.param(ROTATE, "0", TODO, id="rotation before"),
        pytest.param(ROTATE, "365", DONE, id="rotation after"),
        pytest.param(ROTATE, "90", MOVED, id="another period"),
        pytest.param(NAME, "", TODO, id="no alias"),
        pytest.param(NAME, KEY, DONE, id="alias"),
        pytest.param(NAME, KEY + "0", MOVED, id="taken alias"),
        pytest.param(UNNAME, KEY, TODO, id="alias to remove"),
        pytest.param(UNNAME, "", DONE, id="alias removed"),
        pytest.param(MATERIAL, "PendingImport", TODO, id="no material"),
        pytest.param(MATERIAL, "Enabled", DONE, id="material"),
        pytest.param(MATERIAL, "Disabled", MOVED, id="disabled"),
        pytest.param(Leave(step=MADE), "", DONE, id="left"),
    ],
)
def test_a_step_stands_by_what_is_seen(step: Step, seen: str, standing: StepStanding) -> None:
    assert compare(step, seen) is standing


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (TURN, f"{TRAIL} has elsewhere now, and the plan was made when it had SSE-S3"),
        (PUT, "is no longer the one that the plan was made from"),
        (NAME, "`alias/a` names elsewhere now"),
        (UNNAME, "`alias/a` names elsewhere now"),
        (ROTATE, "rotates every elsewhere days now"),
        (MATERIAL, "is elsewhere and cannot take key material"),
        (MADE, "nothing can have moved"),
    ],
    ids=["trail", "policy", "alias", "no alias", "rotation", "material", "key"],
)
def test_what_moved_is_said(step: Step, said: str) -> None:
    assert said in str(moved(step, "elsewhere"))
