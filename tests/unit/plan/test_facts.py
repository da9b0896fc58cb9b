"""What stands, fact by fact, and what a plan rests on of it."""

from __future__ import annotations

import pytest
from msgspec import structs

from plan_estate import DENIED, KEY, NOW, TAG, TRAIL, bucket, key, plan_of, snapshot, trail
from trailseal.errors import UsageProblem
from trailseal.model.bucket import UnreadBucket
from trailseal.model.key import Grant, KeyPolicies, Rotation, Tags, UnreadKey
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.facts import bucket_facts, grants_text, in_words, key_facts, trail_facts
from trailseal.plan.footing import FootingKind
from trailseal.plan.intent import Intent
from trailseal.plan.plan import Plan, seal

ROLE = "arn:aws:iam::123456789012:role/reader"
READS = Grant(grant_id="1", grantee_principal=ROLE, operations=("DescribeKey", "Decrypt"))
BOUND = Grant(
    grant_id="2",
    grantee_principal="",
    grantee_service_principal="dynamodb.amazonaws.com",
    operations=("Decrypt",),
    encryption_context_subset={"a": "b"},
)


def test_a_grant_is_what_it_allows() -> None:
    assert grants_text((READS, BOUND)) == (
        f"{ROLE}: Decrypt, DescribeKey; "
        'dynamodb.amazonaws.com: Decrypt {"EncryptionContextSubset":{"a":"b"}}'
    )


def test_grants_are_the_same_in_any_order_and_under_any_id() -> None:
    again = (
        structs.replace(BOUND, grant_id="7"),
        structs.replace(READS, operations=("Decrypt", "DescribeKey")),
    )

    assert grants_text((READS, BOUND)) == grants_text(again)
    assert grants_text((READS,)) != grants_text((BOUND,))


@pytest.mark.parametrize(
    ("rotation", "days"),
    [
        (None, "0"),
        (Rotation(enabled=False, period_in_days=90), "0"),
        (Rotation(enabled=True), "365"),
        (Rotation(enabled=True, period_in_days=90), "90"),
        (DENIED, DENIED),
    ],
    ids=["none", "off", "usual", "chosen", "not read"],
)
def test_a_rotation_is_its_days(rotation: Rotation | Unreadable | None, days: str | Unreadable) -> None:
    assert key_facts(key(rotation=rotation))["RotationPeriodInDays"] == days


def test_each_part_of_a_key_may_be_unread() -> None:
    facts = key_facts(key(policies=DENIED, grants=DENIED, tags=DENIED))

    assert {name for name, fact in facts.items() if fact == DENIED} == {
        "Policy",
        "SharedPolicy",
        "Grants",
        "Tag",
    }
    assert key_facts(key(tags=Tags(values={"trailseal:plan": TAG})))["Tag"] == TAG


def test_a_key_that_is_not_there_is_told_from_one_that_is_not_read() -> None:
    missing = Unreadable(call="kms:DescribeKey", code="NotFoundException")

    assert key_facts(UnreadKey(arn=KEY, reason=missing)) == {"Arn": ""}
    assert key_facts(UnreadKey(arn=KEY, reason=DENIED)) == {"Arn": DENIED}


def test_each_part_of_a_trail_may_be_unread() -> None:
    facts = trail_facts(trail(events=DENIED), DENIED)

    assert (facts["EventSelectors"], facts["IsLogging"]) == (DENIED, DENIED)
    assert "IsLogging" not in trail_facts(trail(), None)
    assert "EventSelectors" not in trail_facts(trail(), None)


def test_a_buckets_encryption_may_be_unread() -> None:
    facts = bucket_facts("b", account="1", region="r", policy="", encryption=DENIED)

    assert [facts[name] for name in ("SSEAlgorithm", "KMSMasterKeyID", "BucketKeyEnabled")] == [DENIED] * 3


def rests_on(plan: Plan) -> dict[FootingKind, set[str]]:
    return {footing.kind: set(footing.facts) for footing in plan.rests_on}


def test_a_plan_rests_on_its_trails_and_their_buckets() -> None:
    found = rests_on(plan_of())

    assert set(found) == {FootingKind.TRAIL, FootingKind.BUCKET}
    assert "KmsKeyId" not in found[FootingKind.TRAIL]
    assert {"S3BucketName", "HomeRegion", "IsLogging"} <= found[FootingKind.TRAIL]
    assert {"Policy", "Region", "AccountId"} <= found[FootingKind.BUCKET]


def test_a_plan_with_nothing_to_do_rests_on_nothing() -> None:
    plan = plan_of(snapshot(trails=()))

    assert (plan.steps, plan.rests_on, plan.tag) == ((), (), "")


def test_what_could_not_be_read_is_not_rested_on() -> None:
    seen = snapshot(
        trails=(trail(statuses=(DENIED,)),), buckets=(bucket(region="ap-northeast-1", policy=DENIED),)
    )

    found = rests_on(plan_of(seen))

    assert "IsLogging" not in found[FootingKind.TRAIL]
    assert "Policy" not in found[FootingKind.BUCKET]


def test_whose_another_accounts_bucket_is_is_not_rested_on() -> None:
    plan = plan_of(snapshot(buckets=(bucket(account="210987654321"),)))

    assert "AccountId" not in rests_on(plan)[FootingKind.BUCKET]


def test_a_bucket_that_cannot_be_looked_at_is_not_rested_on() -> None:
    unread = UnreadBucket(name="other", reason=DENIED)
    other = trail(arn=TRAIL + "-2", name="two", s3_bucket_name="other", kms_key_id="")

    plan = plan_of(snapshot(trails=(trail(), other), buckets=(bucket(), unread)))

    assert "other" not in {footing.resource for footing in plan.rests_on}


@pytest.mark.parametrize("amended", [True, False], ids=["amended", "as it stands"])
def test_the_policy_of_a_key_is_rested_on_unless_a_step_changes_it(*, amended: bool) -> None:
    plan = build_plan(snapshot(keys=(key(),)), Intent(key=KEY), made_at=NOW, tag=TAG)
    if not amended:
        done = plan.steps[0].after  # type: ignore[union-attr]
        ready = key(policies=KeyPolicies(default=done))
        plan = build_plan(snapshot(keys=(ready,)), Intent(key=KEY), made_at=NOW, tag=TAG)

    assert ("Policy" in rests_on(plan)[FootingKind.KEY]) is not amended
    assert {"KeyState", "KeySpec", "Grants", "Origin"} <= rests_on(plan)[FootingKind.KEY]


SAYING = tuple(structs.replace(f, facts={**f.facts, "Prose": "safe to apply"}) for f in plan_of().rests_on)


@pytest.mark.parametrize(
    "lacking",
    [{"tag": "0123456789abcdef"}, {"tag": TAG.upper()}, {"rests_on": ()}, {"rests_on": SAYING}],
    ids=["short tag", "another tag", "no facts", "another fact"],
)
def test_a_plan_that_does_not_say_what_it_rests_on_is_not_read(lacking: dict[str, object]) -> None:
    plan = seal(structs.replace(plan_of(), **lacking))

    with pytest.raises(UsageProblem, match="not a document that this version reads"):
        read_plan(write_plan(plan), name="p")


def test_what_is_no_word_is_held_by_its_fingerprint() -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Action": ["a", "b"]}]}'
    again = '{"Statement":{"Action":["b","a"],"Effect":"Allow"}}'
    held = in_words({"Policy": policy, "S3KeyPrefix": "my logs", "Region": "eu-west-1", "Grants": DENIED})

    assert held["Policy"] == in_words({"Policy": again})["Policy"]
    assert held["Policy"] != in_words({"Policy": policy.replace("b", "c")})["Policy"]
    assert str(held["S3KeyPrefix"]).startswith("sha256:")
    assert (held["Region"], held["Grants"]) == ("eu-west-1", DENIED)
    assert in_words({"Policy": ""}) == {"Policy": ""}
    assert str(in_words({"Policy": "no policy"})["Policy"]).startswith("sha256:")
