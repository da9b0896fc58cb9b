"""From a snapshot and an intent to a plan: order, choice of keys, and what is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plan_estate import (
    ACCOUNT,
    BUCKET_KEY,
    DENIED,
    HOME,
    KEY,
    NOW,
    OTHER,
    ROOT_ONLY,
    TRAIL,
    bucket,
    codes,
    delivery,
    key,
    log_file,
    other_trail,
    plan_of,
    snapshot,
    trail,
)
from trailseal.errors import UsageProblem
from trailseal.model.key import KeyPolicies, KeyState, Rotation, Tags, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.document import parse, statements
from trailseal.plan.intent import Intent
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import Plan
from trailseal.plan.reading import KeyInQuestion, Shaped
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    UpdateTrail,
)


def calls(plan: Plan) -> list[str]:
    return [str(step.__struct_config__.tag) for step in plan.steps]


def lone(plan: Plan, kind: type) -> object:
    return next(step for step in plan.steps if isinstance(step, kind))


GOOD = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))


def test_a_new_key_comes_before_the_trail() -> None:
    assert calls(plan_of()) == [
        "kms:CreateKey",
        "kms:CreateAlias",
        "kms:EnableKeyRotation",
        "cloudtrail:UpdateTrail",
    ]


def test_material_of_your_own_stands_between_the_key_and_the_trail() -> None:
    plan = plan_of(origin="external")

    assert calls(plan) == [
        "kms:CreateKey",
        "kms:CreateAlias",
        "kms:ImportKeyMaterial",
        "cloudtrail:UpdateTrail",
    ]


def test_an_existing_key_is_merged_into_before_the_trail_names_it() -> None:
    plan = plan_of(snapshot(keys=(key(),)), key=KEY)

    assert calls(plan) == ["kms:PutKeyPolicy", "cloudtrail:UpdateTrail"]
    assert lone(plan, UpdateTrail).after == KEY  # type: ignore[attr-defined]


def test_a_key_that_already_serves_needs_the_trail_alone() -> None:
    plan = plan_of(snapshot(keys=(key(policies=KeyPolicies(default=GOOD)),)), key=KEY)

    assert calls(plan) == ["cloudtrail:UpdateTrail"]


def test_a_trail_on_sse_kms_is_left_alone_by_default() -> None:
    sealed = trail(kms_key_id=KEY)

    served = key(policies=KeyPolicies(default=GOOD))
    plan = plan_of(snapshot(trails=(sealed,), keys=(served,)))

    assert not plan.can_apply
    assert plan.exit_code == 0
    assert (plan.looked_at, plan.left_alone) == ((), (TRAIL,))


GONE = Unreadable(call="kms:DescribeKey", code="NotFoundException")
ANEW = ["kms:CreateKey", "kms:CreateAlias", "kms:EnableKeyRotation", "cloudtrail:UpdateTrail"]
FINE = KeyPolicies(default=GOOD)
MADE = Tags(values={"trailseal:plan": "abc"})
NO_KEY = UnreadKey(arn=KEY, reason=Unreadable(call="kms:DescribeKey", code="NotFoundException"))
HIDDEN = UnreadKey(arn=KEY, reason=DENIED)
ELSEWHERE = KEY.replace(ACCOUNT, OTHER)


@pytest.mark.parametrize(
    ("held", "seen", "steps", "found"),
    [
        (key(), {}, ["kms:PutKeyPolicy"], set()),
        (NO_KEY, {}, ANEW, set()),
        (HIDDEN, {}, [], {"key-unreadable"}),
        (key(policies=DENIED), {}, [], {"key-policy-unreadable"}),
        (key(state=KeyState.DISABLED, policies=FINE), {}, ["kms:EnableKey"], {"key-rescued"}),
        (key(state=KeyState.PENDING_IMPORT), {}, [], {"key-unusable"}),
        (key(policies=FINE), {"buckets": (bucket(policy=""),)}, [], {"bucket-policy-lacks"}),
        (key(policies=FINE), {"buckets": (bucket(policy=DENIED),)}, [], {"bucket-policy"}),
        (UnreadKey(arn=ELSEWHERE, reason=DENIED), {}, [], set()),
        (key(arn=ELSEWHERE, policies=DENIED), {}, [], set()),
        (key(arn=ELSEWHERE, policies=DENIED, state=KeyState.DISABLED), {}, [],
         {"key-unusable", "key-in-other-account", "key-not-of-bucket-owner"}),
        (UnreadKey(arn=ELSEWHERE, reason=GONE), {}, ANEW, set()),
    ],
)  # fmt: skip
def test_a_trail_that_its_key_or_its_bucket_does_not_serve_is_planned_for(
    held: object, seen: dict[str, object], steps: list[str], found: set[str]
) -> None:
    sealed = trail(kms_key_id=held.arn)  # type: ignore[attr-defined]
    plan = plan_of(snapshot(trails=(sealed,), keys=(held,), **seen))

    assert calls(plan) == steps
    assert codes(plan) - {"readers-not-examined"} == found
    assert plan.exit_code != 0 or plan.left_alone == (TRAIL,)


@pytest.mark.parametrize(
    ("named", "wanted", "found", "code"),
    [
        (KEY, {}, {"key-unreadable"}, 4),
        (KEY, {"trails": ("management-events",)}, {"key-unreadable"}, 4),
        (KEY, {"key": f"{KEY[:-1]}6"}, {"key-unreadable"}, 4),
        (ELSEWHERE, {}, set(), 0),
        (ELSEWHERE, {"trails": ("management-events",)},
         {"key-in-other-account", "key-not-of-bucket-owner"}, 3),
    ],
)  # fmt: skip
def test_of_a_key_that_the_snapshot_does_not_hold_nothing_is_said_that_nobody_asked(
    named: str, wanted: dict[str, Any], found: set[str], code: int
) -> None:
    """Neither that it serves nor that there is none: `check` says UNKNOWN of it."""
    plan = plan_of(snapshot(trails=(trail(kms_key_id=named),), keys=()), **wanted)

    assert (calls(plan), codes(plan), plan.exit_code) == ([], found, code)


def test_a_named_key_is_for_every_trail_and_create_for_those_that_are_named() -> None:
    other = f"{KEY[:-1]}6"
    served = KeyPolicies(default=GOOD)
    seen = snapshot(
        trails=(trail(kms_key_id=KEY),), keys=(key(policies=served), key(arn=other, policies=served))
    )

    assert lone(plan_of(seen, key=other), UpdateTrail).after == other  # type: ignore[attr-defined]
    assert calls(plan_of(seen, key=KEY)) == []
    assert calls(plan_of(seen, key="create"))[0] == "kms:CreateKey"
    named = plan_of(seen, key="create", trails=("management-events",))
    assert calls(named)[0] == "kms:CreateKey"
    made = snapshot(trails=(trail(kms_key_id=KEY),), keys=(key(policies=served, tags=MADE),))
    assert calls(plan_of(made, key="create", trails=("management-events",))) == []


def test_readers_a_period_and_a_name_are_asked_for_of_keys_that_are_there() -> None:
    seen = snapshot(trails=(trail(kms_key_id=KEY),), keys=(key(policies=KeyPolicies(default=GOOD)),))

    assert calls(plan_of(seen, rotation_days=200)) == ["kms:EnableKeyRotation"]
    assert calls(plan_of(seen, alias="alias/logs")) == ["kms:CreateAlias"]


def test_a_named_trail_keeps_its_key_and_gets_what_that_lacks() -> None:
    sealed = trail(kms_key_id=KEY)
    seen = snapshot(trails=(sealed,), keys=(key(),))

    plan = plan_of(seen, trails=("management-events",), rotation_days=180, alias="alias/x")

    assert calls(plan) == ["kms:PutKeyPolicy", "kms:CreateAlias", "kms:EnableKeyRotation"]
    assert lone(plan, SetKeyRotation) == SetKeyRotation(key=KEY, before=0, after=180)


def test_a_period_and_a_name_that_hold_already_are_no_steps() -> None:
    held = key(
        policies=KeyPolicies(default=GOOD),
        aliases=("alias/x",),
        rotation=Rotation(enabled=True, period_in_days=180),
    )
    seen = snapshot(trails=(trail(kms_key_id=KEY),), keys=(held,))

    plan = plan_of(seen, trails=(TRAIL,), rotation_days=180, alias="alias/x")

    assert not plan.can_apply


def test_the_period_of_a_key_that_cannot_rotate_is_refused() -> None:
    held = key(policies=KeyPolicies(default=GOOD), rotation=None)

    with pytest.raises(UsageProblem, match="--rotation-days cannot apply to"):
        plan_of(snapshot(keys=(held,)), key=KEY, rotation_days=180)


def test_one_key_for_all_trails_of_a_region_and_one_for_each_region() -> None:
    away = other_trail("away", s3_bucket_name="away")
    seen = snapshot(
        trails=(trail(), other_trail("second"), away),
        buckets=(bucket(), bucket(name="away", region="eu-west-1")),
    )

    plan = plan_of(seen)

    made = [step.region for step in plan.steps if isinstance(step, CreateKey)]
    assert made == ["eu-west-1", HOME]
    assert calls(plan)[-3:] == ["cloudtrail:UpdateTrail"] * 3
    shared = next(s for s in plan.steps if isinstance(s, CreateKey) and s.region == HOME)
    source = statements(parse(shared.policy))[1]["Condition"]["StringEquals"]["aws:SourceArn"]
    assert source == [TRAIL, second_arn()]


def second_arn() -> str:
    return other_trail("second").arn


def test_the_key_lies_in_the_buckets_region_not_the_trails() -> None:
    plan = plan_of(snapshot(buckets=(bucket(region="us-west-2"),)))

    assert lone(plan, CreateKey).region == "us-west-2"  # type: ignore[attr-defined]


def test_a_bucket_key_lets_cloudtrail_decrypt() -> None:
    plan = plan_of(snapshot(buckets=(bucket(encryption=BUCKET_KEY),)))

    policy = lone(plan, CreateKey).policy  # type: ignore[attr-defined]
    assert "AllowCloudTrailDecrypt" in policy
    assert "bucket-key" in codes(plan)


def test_the_consoles_policy_is_there_for_the_asking() -> None:
    plan = plan_of(policy="console")

    assert "Enable cross account log decryption" in lone(plan, CreateKey).policy  # type: ignore[attr-defined]


def test_a_key_left_by_an_earlier_plan_is_used_again() -> None:
    left = key(
        aliases=("alias/trailseal-cloudtrail",),
        tags=Tags(values={"trailseal:plan": "abc"}),
        policies=KeyPolicies(default=GOOD),
    )

    plan = plan_of(snapshot(keys=(left,)))

    assert calls(plan) == ["cloudtrail:UpdateTrail"]


def test_somebody_elses_alias_is_not_taken() -> None:
    with pytest.raises(UsageProblem, match="already the name"):
        plan_of(snapshot(keys=(key(aliases=("alias/mine",)),)), alias="alias/mine")


def test_a_key_is_found_by_alias_and_by_id() -> None:
    held = key(aliases=("alias/mine",), policies=KeyPolicies(default=GOOD))

    by_alias = plan_of(snapshot(keys=(held,)), key="alias/mine")
    by_id = plan_of(snapshot(keys=(held,)), key=KEY.rpartition("/")[2])

    assert (
        by_alias.steps
        == by_id.steps
        == (UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=KEY),)
    )


def test_a_key_that_is_not_there_is_said_in_one_line() -> None:
    with pytest.raises(UsageProblem, match="there is no key `alias/none`"):
        plan_of(key="alias/none")


def test_all_unknown_trails_are_told_together() -> None:
    with pytest.raises(UsageProblem, match="there are no trails `a`, `b`"):
        plan_of(trails=("a", "b"))


def test_a_shape_changes_the_policy_and_tells_of_readers() -> None:
    extra = {
        "Sid": "Reader",
        "Effect": "Allow",
        "Principal": {"AWS": KEY},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }

    def shape(question: KeyInQuestion, seen: Snapshot, intent: Intent) -> Shaped:
        document = parse(question.policy)
        document["Statement"].append(extra)
        return Shaped(policy=json.dumps(document))

    plan = build_plan(snapshot(), Intent(), made_at=NOW, shape=shape)

    assert "Reader" in lone(plan, CreateKey).policy  # type: ignore[attr-defined]


def test_only_what_delivered_lately_is_waited_for() -> None:
    old = log_file(NOW.replace(day=20), region="us-east-1")
    seen = snapshot(
        deliveries=(
            delivery(),
            delivery(region="us-east-1", log_file=old),
            delivery(region="eu-west-1", log_file=DENIED),
            delivery(region="eu-west-2", log_file=None),
            delivery(bucket="another"),
            delivery(region="eu-west-3", log_file=_at("elsewhere/" + log_file(NOW).key)),
            delivery(region="eu-north-1", log_file=_at("not/a/log/file")),
        )
    )

    watched = plan_of(seen).watched

    assert [(place.region, place.lately) for place in watched] == [(HOME, True), ("us-east-1", False)]
    assert watched[0].root == f"AWSLogs/{ACCOUNT}/"


def _at(name: str) -> StoredObject:
    return StoredObject(
        bucket="aws-cloudtrail-logs", key=name, size=1, last_modified=NOW, encryption="AES256"
    )


def test_another_accounts_key_taken_on_is_used_as_it_is() -> None:
    foreign = key(arn=KEY.replace(ACCOUNT, "999999999999"), policies=DENIED)

    plan = plan_of(snapshot(keys=(foreign,)), key=foreign.arn, accept=("key-in-other-account",))

    assert calls(plan) == ["cloudtrail:UpdateTrail"]


SHUT = KeyPolicies(default=ROOT_ONLY)
BY_CLOCK = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "kms:GenerateDataKey*",
    "Resource": "*",
    "Condition": {"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}, "Bool": {"x:y": "true"}},
}
UNSURE = json.dumps({"Version": "2012-10-17", "Statement": [*json.loads(GOOD)["Statement"], BY_CLOCK]})
OF_ANOTHER: tuple[tuple[dict[str, Any], list[str], set[str]], ...] = (
    ({"policies": FINE}, ["cloudtrail:UpdateTrail"], set()),
    ({"policies": SHUT}, [], {"key-in-other-account"}),
    ({"policies": DENIED}, [], {"key-in-other-account"}),
    ({"policies": KeyPolicies(default=UNSURE)}, [], {"key-in-other-account"}),
    ({"policies": FINE, "state": KeyState.DISABLED}, [], {"key-unusable", "key-in-other-account"}),
)
"""What its account shows of a key; the steps and what stands against them."""


@pytest.mark.parametrize(("held", "steps", "found"), OF_ANOTHER)
def test_a_key_of_another_account_is_taken_where_it_is_seen_to_serve(
    held: dict[str, Any], steps: list[str], found: set[str]
) -> None:
    theirs = key(arn=ELSEWHERE, **held)
    plan = plan_of(snapshot(keys=(theirs,)), key=ELSEWHERE)

    assert calls(plan) == steps
    assert codes(plan) - {"readers-not-examined", "key-not-of-bucket-owner"} == found


@pytest.mark.parametrize(("policies", "is_chosen"), [(FINE, False), (SHUT, True), (DENIED, False)])
def test_a_trail_whose_key_elsewhere_is_seen_to_shut_cloudtrail_out_is_not_left_alone(
    policies: KeyPolicies | Unreadable, *, is_chosen: bool
) -> None:
    theirs = key(arn=ELSEWHERE, policies=policies)
    plan = plan_of(snapshot(trails=(trail(kms_key_id=ELSEWHERE),), keys=(theirs,)))

    assert plan.looked_at == ((TRAIL,) if is_chosen else ())
    assert ("key-in-other-account" in codes(plan)) == is_chosen


TWICE = '{"Statement":[],"Statement":[]}'


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (key(arn=KEY.replace(ACCOUNT, OTHER), state=KeyState.DISABLED), "key-unusable"),
        (key(arn=KEY.replace(ACCOUNT, OTHER), state=KeyState.PENDING_DELETION), "key-unusable"),
        (key(state=KeyState.PENDING_IMPORT), "key-unusable"),
        (key(state=KeyState.UNAVAILABLE), "key-unusable"),
        (key(key_spec="RSA_2048"), "key-not-symmetric"),
        (key(key_manager="AWS"), "key-managed-by-aws"),
        (key(policies=DENIED), "key-policy-unreadable"),
        (key(policies=KeyPolicies(default=TWICE)), "key-policy-unreadable"),
        (key(arn=KEY.replace(HOME, "us-east-1")), "key-in-other-region"),
        (key(arn=KEY.replace(HOME, "us-east-1"), multi_region=True), "key-in-other-region"),
        (key(arn=KEY.replace(ACCOUNT, "999999999999")), "key-in-other-account"),
        (UnreadKey(arn=KEY, reason=DENIED), "key-unreadable"),
        (UnreadKey(arn=KEY, reason=GONE), "key-missing"),
    ],
    ids=[
        "disabled elsewhere",
        "pending deletion elsewhere",
        "pending import",
        "unavailable",
        "asymmetric",
        "AWS managed",
        "policy hidden",
        "policy with a name twice",
        "other Region",
        "other Region, multi-Region",
        "other account",
        "hidden",
        "missing",
    ],
)
def test_a_key_that_will_not_do_keeps_the_trail_out(held: object, code: str) -> None:
    plan = plan_of(snapshot(keys=(held,)), key=held.arn)  # type: ignore[attr-defined]

    assert code in codes(plan)
    assert not plan.can_apply
    assert plan.exit_code in {3, 4}


def test_material_that_expires_is_warned_about() -> None:
    held = key(origin="EXTERNAL", valid_to=NOW, rotation=None)

    assert "key-material-expires" in codes(plan_of(snapshot(keys=(held,)), key=KEY))


@pytest.mark.parametrize(
    ("rotation", "refused"),
    [(Rotation(enabled=False), True), (Rotation(enabled=True, period_in_days=180), False), (None, True)],
    ids=["another", "the same", "none"],
)
def test_a_replica_s_rotation_is_left_to_its_primary(rotation: Rotation | None, *, refused: bool) -> None:
    held = key(
        rotation=rotation, multi_region=True, multi_region_key_type="REPLICA", primary_key="arn:aws:kms:p"
    )
    if refused:
        with pytest.raises(UsageProblem, match="a replica rotates with its primary"):
            plan_of(snapshot(keys=(held,)), key=KEY, rotation_days=180)
        return
    plan = plan_of(snapshot(keys=(held,)), key=KEY, rotation_days=180)

    assert not any(isinstance(step, SetKeyRotation) for step in plan.steps)


def test_a_policy_that_denies_cloudtrail_is_refused() -> None:
    deny = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    document = parse(ROOT_ONLY)
    held = key(
        policies=KeyPolicies(default=json.dumps({**document, "Statement": [*document["Statement"], deny]}))
    )

    plan = plan_of(snapshot(keys=(held,)), key=KEY)

    assert "key-policy-denies" in codes(plan)
    assert not plan.can_apply


def test_a_policy_that_would_grow_too_long_is_refused() -> None:
    document = parse(ROOT_ONLY)
    held = key(policies=KeyPolicies(default=json.dumps({**document, "Id": "x" * 32_600})))

    assert "key-policy-too-long" in codes(plan_of(snapshot(keys=(held,)), key=KEY))


def test_one_multi_region_key_is_copied_to_the_other_regions() -> None:
    away = other_trail("away", s3_bucket_name="away")
    seen = snapshot(trails=(trail(), away), buckets=(bucket(), bucket(name="away", region="eu-west-1")))

    made = plan_of(seen, multi_region=True)
    own = plan_of(seen, multi_region=True, origin="external")

    assert calls(made) == [
        "kms:CreateKey",
        "kms:CreateAlias",
        "kms:EnableKeyRotation",
        "kms:ReplicateKey",
        "kms:CreateAlias",
        "cloudtrail:UpdateTrail",
        "cloudtrail:UpdateTrail",
    ]
    assert lone(made, ReplicateKey).primary == lone(made, CreateKey).key  # type: ignore[attr-defined]
    assert calls(own).count("kms:ImportKeyMaterial") == 2


def test_other_accounts_trails_may_use_the_key_too() -> None:
    theirs = TRAIL.replace(ACCOUNT, OTHER)

    policy = lone(plan_of(also_for=(theirs,)), CreateKey).policy  # type: ignore[attr-defined]

    conditions = statements(parse(policy))[1]["Condition"]
    assert conditions["StringEquals"]["aws:SourceArn"] == [TRAIL, theirs]
    assert len(conditions["StringLike"]["kms:EncryptionContext:aws:cloudtrail:arn"]) == 2


def test_a_key_that_this_account_may_not_even_describe_can_be_taken_on() -> None:
    theirs = UnreadKey(arn=KEY.replace(ACCOUNT, OTHER), reason=DENIED)
    seen = snapshot(keys=(theirs,))

    refused = plan_of(seen, key=theirs.arn)
    taken_on = plan_of(seen, key=theirs.arn, accept=("key-in-other-account",))

    assert refused.exit_code == 3
    assert codes(refused) == {"key-in-other-account", "key-not-of-bucket-owner"}
    assert calls(taken_on) == ["cloudtrail:UpdateTrail"]


@pytest.mark.parametrize(
    ("changed", "root"),
    [
        ({}, f"AWSLogs/{ACCOUNT}/"),
        ({"is_organization_trail": True}, f"AWSLogs/o-1234567890/{ACCOUNT}/"),
    ],
    ids=["account", "organization"],
)
def test_where_all_was_quiet_the_home_region_is_waited_for(changed: dict[str, bool], root: str) -> None:
    organization = Organization(organization_id="o-1234567890", management_account=ACCOUNT)
    seen = snapshot(trails=(trail(**changed),), deliveries=(), organization=organization)

    (place,) = plan_of(seen).watched

    assert (place.root, place.region, place.lately) == (root, HOME, True)


def test_a_created_alias_is_the_one_asked_for() -> None:
    assert lone(plan_of(alias="alias/logs"), CreateAlias).alias == "alias/logs"  # type: ignore[attr-defined]


def test_a_put_policy_holds_both_texts_whole() -> None:
    put = lone(plan_of(snapshot(keys=(key(),)), key=KEY), PutKeyPolicy)

    assert put.before == ROOT_ONLY  # type: ignore[attr-defined]
    assert "AllowCloudTrailEncryptLogs" in put.after  # type: ignore[attr-defined]
