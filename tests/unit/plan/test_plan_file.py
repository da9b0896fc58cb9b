"""Plan files and intents: read strictly, or refused in one line."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_estate import ACCOUNT, KEY, OTHER, key, plan_of, snapshot
from trailseal.errors import UsageProblem
from trailseal.model.key import KeyPolicies
from trailseal.plan.codec import belongs, read_plan, write_plan
from trailseal.plan.intent import Intent, WantedReaders, read_intent, sound

GOOD = write_plan(plan_of())


@given(
    st.builds(
        Intent,
        alias=st.sampled_from(["", "alias/a"]),
        rotation_days=st.sampled_from([0, 90, 365]),
        multi_region=st.booleans(),
        policy=st.sampled_from(["least", "console"]),
        accept=st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
    )
)
def test_a_plan_survives_being_written_and_read(intent: Intent) -> None:
    plan = plan_of(**{name: getattr(intent, name) for name in Intent.__struct_fields__})

    assert read_plan(write_plan(plan), name="p") == plan


def test_plans_of_the_same_facts_carry_the_same_id() -> None:
    assert plan_of().id == plan_of().id
    assert plan_of().id != plan_of(rotation_days=90).id


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (GOOD[: len(GOOD) // 2], "is not JSON, or is cut short"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"[]", "is not a document that this version reads"),
        (b'{"format": 1}', "is not a document that this version reads"),
        (GOOD.replace(b'"format": 1', b'"format": 2'), "has format 2, this version reads 1"),
        (GOOD.replace(b'"steps"', b'"more": 1, "steps"'), "is not a document that this version reads"),
        (GOOD.replace(b"kms:GenerateDataKey*", b"kms:*"), "was edited after it was created"),
        (GOOD.replace(b'"call": "leave"', b'"call": "other"'), "is not a document that this version reads"),
    ],
    ids=[
        "empty",
        "truncated",
        "binary",
        "a list",
        "no plan",
        "newer",
        "more fields",
        "tampered",
        "other step",
    ],
)
def test_a_bad_plan_file_is_refused_in_one_line(raw: bytes, said: str) -> None:
    with pytest.raises(UsageProblem, match=said) as refused:
        read_plan(raw, name="plan.json")

    assert "\n" not in str(refused.value)


def test_a_rollback_that_does_not_undo_the_steps_is_refused() -> None:
    from trailseal.plan.plan import seal

    twisted = seal(msgspec.structs.replace(plan_of(), rollback=()))

    with pytest.raises(UsageProblem, match="edited after it was created"):
        read_plan(write_plan(twisted), name="p")


def test_a_plan_of_another_account_is_refused() -> None:
    belongs(plan_of(), account=ACCOUNT, name="p")

    with pytest.raises(UsageProblem, match=f"plan for account {ACCOUNT}.*of account {OTHER}"):
        belongs(plan_of(), account=OTHER, name="p")


def test_an_intent_is_read_whole() -> None:
    raw = b"""
        trails = ["a"]
        key = "alias/logs"
        rotation_days = 180
        [readers]
        mode = "perimeter"
        principals = ["arn:aws:iam::123456789012:role/Reader"]
    """

    assert read_intent(raw, name="t") == Intent(
        trails=("a",),
        key="alias/logs",
        rotation_days=180,
        readers=WantedReaders(mode="perimeter", principals=("arn:aws:iam::123456789012:role/Reader",)),
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"key = ", "is not TOML"),
        (b"\xff", "is not text in UTF-8"),
        (b"a = " + b"[" * 100_000, "is nested too deeply"),
        (b"a = [", "is not TOML: look at line 1"),
        (b"alias = 'alias/a'\nrotation_days = " + b"9" * 5000, "is not TOML: look at line 2"),
        (b"kye = 'create'", "holds a setting that cannot be"),
        (b"policy = 'open'", "holds a setting that cannot be"),
        (b"a." * 5000 + b"a = 1", "is larger than any file of settings"),
        (b"\n" * (1 << 21), "is larger than any file of settings"),
    ],
    ids=[
        "broken",
        "binary",
        "deep",
        "cut short",
        "digits",
        "misspelt",
        "no such policy",
        "many parts",
        "large",
    ],
)
def test_a_bad_intent_file_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        read_intent(raw, name="trailseal.toml")


@pytest.mark.parametrize(
    "intent",
    [
        Intent(key="my key"),
        Intent(alias="logs"),
        Intent(alias="alias/aws/cloudtrail"),
        Intent(rotation_days=30),
        Intent(rotation_days=3000),
        Intent(rotation_days=365, origin="external"),
        Intent(key=KEY, multi_region=True),
        Intent(key=KEY, origin="external"),
        Intent(also_for=(KEY,)),
        Intent(readers=WantedReaders(principals=("alice",))),
    ],
    ids=[
        "key",
        "alias",
        "aws alias",
        "too often",
        "too seldom",
        "external",
        "multi",
        "material",
        "trail",
        "reader",
    ],
)
def test_a_setting_that_cannot_be_is_refused(intent: Intent) -> None:
    with pytest.raises(UsageProblem):
        sound(intent)


def test_planning_again_on_what_a_plan_made_gives_nothing_to_do() -> None:
    plan = plan_of()
    policy = next(step.policy for step in plan.steps if hasattr(step, "policy"))
    made = key(policies=KeyPolicies(default=policy))
    from plan_estate import trail

    after = plan_of(snapshot(trails=(trail(kms_key_id=KEY),), keys=(made,)))

    assert not after.can_apply
