"""What each option comes to: it applies, holds already, or cannot; and what is said of who is left out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    DENIED,
    HOME,
    KEY,
    NOW,
    OTHER,
    ROOT_ONLY,
    TRAIL,
    MemoryJournal,
    World,
    codes,
    key,
    other_trail,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import UsageProblem
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, Rotation, Tags, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.document import parse, statements
from trailseal.plan.intent import DEFAULT_ALIAS, Intent, WantedReaders, sound
from trailseal.plan.key_policy import KeyUse, console_policy, least_policy
from trailseal.plan.plan import Plan, seal
from trailseal.plan.scope import TAG
from trailseal.plan.step import call_of
from trailseal.run.apply import apply
from trailseal.run.journal import RunRecord
from trailseal.run.outcome import Outcome
from trailseal.run.undo import begin_undo, find_run
from trailseal.view.plan import print_plan
from trailseal.view.terminal import Terminal

USE = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))
GOOD = KeyPolicies(default=least_policy(USE))
CONSOLES = KeyPolicies(default=console_policy(USE, caller_arn=f"arn:aws:iam::{ACCOUNT}:user/somebody"))
THEIRS = KEY.replace(ACCOUNT, OTHER)
ELSEWHERE = TRAIL.replace(ACCOUNT, OTHER)
READERS = {"readers": WantedReaders(principals=(f"arn:aws:iam::{ACCOUNT}:root",))}
TURNED = Rotation(enabled=True, period_in_days=180)
SECOND = f"{KEY[:-1]}6"


def held(**changed: Any) -> KmsKey:
    return key(**{"policies": GOOD, **changed})


def under(*keys: KmsKey | UnreadKey) -> Snapshot:
    """An account whose trails have these keys, one each."""
    first, *others = keys
    trails = [trail(kms_key_id=first.arn)]
    trails += [other_trail(f"t{n}", kms_key_id=each.arn) for n, each in enumerate(others)]
    return snapshot(trails=tuple(trails), keys=keys)


def calls(plan: Plan) -> list[str]:
    return [call_of(step) for step in plan.steps]


def told(plan: Plan) -> str:
    out = io.StringIO()
    print_plan(plan, Terminal(file=out, width=1000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("wanted", "key_held"),
    [
        ({"multi_region": True}, held(multi_region=True)),
        ({"origin": "external"}, held(origin="EXTERNAL", rotation=None)),
        ({"policy": "console"}, held(policies=CONSOLES)),
        ({"rotation_days": 180}, held(rotation=TURNED)),
        ({"rotation_days": 180}, held(rotation=TURNED, multi_region_key_type="REPLICA")),
        ({"alias": "alias/logs"}, held(aliases=("alias/logs",))),
        ({"key": KEY}, held()),
    ],
    ids=["multi-Region", "origin", "policy", "period", "a replica's period", "alias", "key"],
)
def test_what_holds_already_is_no_change(wanted: dict[str, Any], key_held: KmsKey) -> None:
    plan = plan_of(under(key_held), **wanted)

    assert (calls(plan), plan.exit_code, plan.looked_at) == ([], 0, (TRAIL,))
    assert (
        told(plan)
        .splitlines()[-1]
        .startswith("No changes. Every selected trail already matches the request: management")
    )


@pytest.mark.parametrize(
    ("wanted", "key_held", "said"),
    [
        ({"multi_region": True}, held(), "is for a key that is made"),
        ({"origin": "external"}, held(), "is for a key that is made"),
        ({"policy": "console"}, held(), "is for a key that is made"),
        ({"policy": "console"}, held(policies=KeyPolicies(default="{")), "is for a key that is made"),
        ({"rotation_days": 180}, held(rotation=None, origin="EXTERNAL"), "--rotation-days cannot apply"),
        ({"rotation_days": 180}, held(multi_region_key_type="REPLICA", primary_key=SECOND), "its primary"),
        ({"rotation_days": 180}, key(arn=THEIRS, policies=DENIED), "only in its own account"),
        ({"rotation_days": 180}, UnreadKey(arn=THEIRS, reason=DENIED), "only in its own account"),
        ({"key": THEIRS, "alias": "alias/logs"}, key(arn=THEIRS), "only in its own account"),
        ({"key": THEIRS, "also_for": (ELSEWHERE,)}, key(arn=THEIRS), "only in its own account"),
        ({"key": THEIRS, **READERS}, key(arn=THEIRS), "only in its own account"),
    ],
)
@pytest.mark.parametrize("names", [(), ("management-events",)], ids=["every trail", "a named trail"])
def test_what_can_apply_to_nothing_is_refused(
    wanted: dict[str, Any], key_held: KmsKey | UnreadKey, said: str, names: tuple[str, ...]
) -> None:
    with pytest.raises(UsageProblem, match=said) as refused:
        plan_of(under(key_held), trails=names, **wanted)

    assert "--" in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ({"origin": "EXTERNAL"}, "has imported material"),
        ({"origin": "AWS_CLOUDHSM"}, "lies in a custom key store (AWS_CLOUDHSM)"),
        ({"key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"}, "is of spec RSA_2048"),
        ({"key_manager": "AWS"}, "is managed by AWS"),
    ],
)
def test_a_kind_of_key_that_does_not_rotate_is_told_by_what_it_is(kind: dict[str, str], why: str) -> None:
    with pytest.raises(UsageProblem, match="--rotation-days cannot apply to") as refused:
        plan_of(under(held(rotation=None, **kind)), rotation_days=180)

    assert why in str(refused.value.hint)


@pytest.mark.parametrize(
    ("wanted", "done"),
    [
        ({"multi_region": True}, "kms:CreateKey"),
        ({"origin": "external"}, "kms:CreateKey"),
        ({"policy": "console"}, "kms:CreateKey"),
        ({"rotation_days": 180}, "kms:CreateKey"),
        ({"alias": "alias/logs"}, "kms:CreateKey"),
        ({"also_for": (ELSEWHERE,)}, "kms:CreateKey"),
    ],
)
def test_what_is_for_a_new_key_applies_to_a_trail_without_one(wanted: dict[str, Any], done: str) -> None:
    assert calls(plan_of(**wanted))[0] == done


@pytest.mark.parametrize(
    ("wanted", "done"),
    [
        ({"also_for": (ELSEWHERE,)}, ["kms:PutKeyPolicy"]),
        ({"alias": "alias/logs"}, ["kms:CreateAlias"]),
        ({"rotation_days": 200}, ["kms:EnableKeyRotation"]),
    ],
)
def test_what_is_asked_of_keys_brings_their_trails_in(wanted: dict[str, Any], done: list[str]) -> None:
    assert calls(plan_of(under(held()), **wanted)) == done


def test_what_applies_to_some_is_done_there_and_told_of_the_others() -> None:
    plan = plan_of(under(held(), held(arn=SECOND, rotation=None, origin="EXTERNAL")), rotation_days=180)

    assert calls(plan).count("kms:EnableKeyRotation") == 1
    (left,) = [each for each in plan.concerns if each.code == "option-left-out"]
    assert (left.facts.key, left.facts.option) == (SECOND, "--rotation-days")
    assert f"--rotation-days cannot apply to {SECOND}" in told(plan)


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [({"rotation_days": 180}, {"rotation": DENIED}), ({"alias": "alias/logs"}, {"aliases": DENIED})],
)
def test_what_could_not_be_read_is_never_taken_for_what_holds(
    wanted: dict[str, Any], changed: dict[str, Any]
) -> None:
    plan = plan_of(under(held(**changed)), **wanted)

    assert (codes(plan) - {"readers-not-examined"}, plan.exit_code) == ({"facts"}, 4)


def test_a_key_s_policy_that_was_not_read_is_not_the_consoles() -> None:
    with pytest.raises(UsageProblem):
        plan_of(under(key(policies=DENIED)), policy="console", trails=("management-events",))


@pytest.mark.parametrize(
    "wanted",
    [
        {"readers": WantedReaders(mode="perimeter")},
        {"key": KEY, "policy": "console"},
        {"key": KEY, "multi_region": True},
        {"key": KEY, "origin": "external"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem):
        sound(Intent(**wanted))


@pytest.mark.parametrize("foreign", [key(arn=THEIRS, policies=DENIED), UnreadKey(arn=THEIRS, reason=DENIED)])
def test_a_key_of_another_account_is_left_with_its_account(foreign: KmsKey | UnreadKey) -> None:
    plan = plan_of(under(held(), foreign))

    assert (calls(plan), plan.exit_code) == ([], 0)
    assert list(plan.keys_elsewhere.values()) == [OTHER]
    shown = told(plan)
    assert "management-events already has a key that works" in shown
    assert f"t0 is encrypted with a key of account {OTHER}" in shown
    assert shown.splitlines()[-1].startswith("Nothing selected.")


def test_a_plan_with_steps_tells_who_is_left_out_too() -> None:
    seen = structs.replace(under(held()), trails=(trail(kms_key_id=KEY), other_trail("new")))

    assert "management-events already has a key that works" in told(plan_of(seen))
    named = told(plan_of(seen, trails=("new",)))
    assert "management-events: not named" in named


def test_an_account_without_trails_has_nothing_to_select() -> None:
    assert told(plan_of(snapshot(trails=()))).splitlines()[-1] == (
        f"Nothing selected: account {ACCOUNT} has no trail."
    )


def test_keys_elsewhere_are_of_trails_that_are_left() -> None:
    plan = plan_of(under(held()))
    forged = seal(structs.replace(plan, keys_elsewhere={ELSEWHERE: OTHER}))

    with pytest.raises(UsageProblem):
        read_plan(write_plan(forged), name="p")


def test_an_empty_plan_makes_no_run_and_none_is_undone() -> None:
    journal = MemoryJournal()
    plan = plan_of(under(held()))
    ports = ports_for(World(), journal)

    done = apply(plan, ports, name="p")

    assert (done.outcome, done.run, done.steps, journal.records) == (Outcome.NOTHING, "", (), {})
    with pytest.raises(UsageProblem, match="has no step"):
        begin_undo(plan, ports, name="p")
    journal.records[plan.id] = RunRecord(plan=plan, started_at=NOW)
    with pytest.raises(UsageProblem, match="no run to undo"):
        find_run(journal, "", ACCOUNT)


def test_a_key_of_another_account_gets_no_steps() -> None:
    foreign = key(arn=THEIRS, policies=DENIED, aliases=(), rotation=Rotation(enabled=False))
    own = held(arn=SECOND)
    seen = under(foreign, own)

    plan = plan_of(seen, alias="alias/logs", trails=("management-events", "t0"),
                   accept=("key-in-other-account",))  # fmt: skip

    assert all(THEIRS not in str(step) for step in plan.steps)


@pytest.mark.parametrize("wanted", [{"multi_region": True}, {"origin": "external"}, {"policy": "console"}])
def test_another_key_is_made_where_this_plan_s_own_is_of_another_kind(wanted: dict[str, Any]) -> None:
    """What the refusal of an option tells to type works, with a name that is free."""
    made = held(tags=Tags(values={TAG: "abc"}), aliases=(DEFAULT_ALIAS,))
    seen = under(made)

    with pytest.raises(UsageProblem, match="is for a key that is made"):
        plan_of(seen, **wanted)
    with pytest.raises(UsageProblem, match="is already the name of key") as taken:
        plan_of(seen, key="create", **wanted)
    assert "--alias" in str(taken.value.hint)
    assert calls(plan_of(seen, key="create", alias="alias/new", **wanted))[0] == "kms:CreateKey"
    assert calls(plan_of(seen, key="create")) == []


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({"multi_region": True}, {"multi_region": True}),
        ({"origin": "external"}, {"origin": "EXTERNAL", "rotation": None}),
        ({"policy": "console"}, {"policies": CONSOLES}),
    ],
)
def test_this_plan_s_own_key_of_that_kind_serves(wanted: dict[str, Any], changed: dict[str, Any]) -> None:
    made = held(**{"tags": Tags(values={TAG: "abc"}), **changed})

    assert calls(plan_of(under(made), key="create", **wanted)) == []


DENYING = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "kms:GenerateDataKey*", "Resource": "*"}
ELSE = "us-east-1"


def with_deny(**condition: Any) -> KeyPolicies:
    document = parse(GOOD.default)
    denying = {**DENYING, "Condition": condition} if condition else DENYING
    return KeyPolicies(default=json.dumps({**document, "Statement": [*statements(document), denying]}))


@pytest.mark.parametrize(
    ("changed", "serves"),
    [
        ({}, True),
        ({"policies": KeyPolicies(default=ROOT_ONLY)}, True),
        ({"policies": DENIED}, True),
        ({"policies": with_deny(StringNotLike={"kms:EncryptionContext:x": "y"}, Bool={"aws:x": "y"})}, True),
        ({"policies": with_deny()}, False),
        ({"policies": with_deny(StringEquals={"aws:SourceArn": TRAIL})}, False),
        ({"state": KeyState.DISABLED}, False),
        ({"arn": KEY.replace(HOME, ELSE)}, False),
    ],
    ids=["well", "lacks", "unread", "in doubt", "denies", "denies the trail", "disabled", "another Region"],
)
def test_another_key_is_made_where_this_plan_s_own_does_not_work(
    *, changed: dict[str, Any], serves: bool
) -> None:
    """What merging mends is mended; what no plan mends is not kept where a key is asked to be made."""
    made = held(**{"tags": Tags(values={TAG: "abc"}), "aliases": (DEFAULT_ALIAS,), **changed})
    wanted = {"key": "create", "alias": "alias/new", "trails": ("management-events",)}

    assert ("kms:CreateKey" in calls(plan_of(under(made), **wanted))) is not serves
    left_over = structs.replace(under(made), trails=(trail(),))
    again = {**wanted, "alias": DEFAULT_ALIAS}
    if serves or made.region == ELSE:
        assert ("kms:CreateKey" in calls(plan_of(left_over, **again))) is not serves
        return
    with pytest.raises(UsageProblem, match="is already the name of key"):
        plan_of(left_over, **again)


NAMED = {"aliases": (DEFAULT_ALIAS, "alias/logs"), "tags": Tags(values={TAG: "abc"})}


@pytest.mark.parametrize(
    ("wanted", "held_by", "told_of"),
    [
        pytest.param({}, "", [DEFAULT_ALIAS], id="an earlier plan's"),
        pytest.param({"alias": "alias/logs"}, "", ["alias/logs"], id="an earlier plan's, by its other name"),
        pytest.param({"key": "alias/logs"}, "", ["alias/logs"], id="named by its alias"),
        pytest.param(
            {"key": KEY.partition("key/")[0] + "alias/logs"}, "", ["alias/logs"], id="by its alias's ARN"
        ),
        pytest.param({"key": KEY}, "", [], id="named itself"),
        pytest.param({"key": "alias/logs"}, KEY, [], id="what the trail has already"),
        pytest.param({"rotation_days": 180}, KEY, [], id="what the trail keeps"),
    ],
)
def test_a_key_that_an_alias_leads_to_is_told_of(
    wanted: dict[str, Any], held_by: str, told_of: list[str]
) -> None:
    plan = plan_of(snapshot(trails=(trail(kms_key_id=held_by),), keys=(key(**NAMED),)), **wanted)

    assert [each.facts.alias for each in plan.concerns if each.code == "key-by-alias"] == told_of
    assert all(step != "kms:CreateKey" for step in calls(plan))
