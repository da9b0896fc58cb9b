"""apply and key rotate against answers that are lost, keys that others made, and a world that moves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.test_switch_verbs import ALIAS, BUCKET, TRAIL, add_trail, made_keys, planned, trail_key, trailseal

TESTS = Path(__file__).parent.parent
QUICK = ("--yes", "--no-wait", "--settle", "3")
OPEN = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
OPEN_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [OPEN]})


@pytest.fixture
def account(lab):
    add_trail(lab)
    return lab


def alias_key(lab):
    aliases = {each["AliasName"]: each for each in lab.client("kms").list_aliases()["Aliases"]}
    target = aliases.get(ALIAS, {}).get("TargetKeyId", "")
    return target and lab.client("kms").describe_key(KeyId=target)["KeyMetadata"]["Arn"]


@pytest.mark.parametrize("kind", ["drop", "dropped-after", "500", "500-after", "cut", "html", "throttle"])
@pytest.mark.parametrize("operation", ["CreateKey", "CreateAlias"])
def test_a_lost_answer_makes_one_key(account, operation, kind):
    account.fault(kind, service="kms", operation=operation)

    done = trailseal(account, "apply", planned(account), *QUICK)

    assert done.returncode == 0, done.stderr
    assert made_keys(account) == [trail_key(account)] == [alias_key(account)]


def test_a_replica_whose_answer_was_lost_is_made_once(account):
    there = account.client("s3", region="eu-west-1")
    there.create_bucket(Bucket="away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    policy = account.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"].replace(BUCKET, "away")
    there.put_bucket_policy(Bucket="away", Policy=policy)
    account.client("cloudtrail").create_trail(Name="away", S3BucketName="away")
    account.fault("dropped-after", service="kms", operation="ReplicateKey")
    path = planned(account, "--multi-region")

    done = trailseal(account, "apply", path, *QUICK)
    elsewhere = {"TRAILSEAL_HOME": str(account.home / "elsewhere")}
    again = trailseal(account, "apply", path, *QUICK, environment=elsewhere)

    assert done.returncode == 0, done.stderr
    assert again.returncode == 0, again.stderr
    assert "0 steps applied, 7 already in place" in again.stdout


@pytest.mark.parametrize("kind", ["denied", "expired"])
def test_a_refusal_is_not_looked_after(account, kind):
    account.fault(kind, service="kms", operation="CreateKey")

    failed = trailseal(account, "apply", planned(account), *QUICK)

    assert failed.returncode == 1
    assert "looking whether it was done" not in failed.stderr
    assert made_keys(account) == []


def test_a_call_that_is_never_answered_ends_and_another_machine_goes_on(account):
    account.fault("drop", service="kms", operation="CreateKey", count=3)
    path = planned(account)

    failed = trailseal(account, "apply", path, "--yes", "--no-wait", "--settle", "1")
    elsewhere = {"TRAILSEAL_HOME": str(account.home / "elsewhere")}
    done = trailseal(account, "apply", path, *QUICK, environment=elsewhere)
    undone = trailseal(account, "undo", path, "--yes")

    assert failed.returncode == 1
    assert "0 of 4 steps are applied" in failed.stderr
    assert done.returncode == 0, done.stderr
    assert undone.returncode == 0, undone.stderr
    assert (len(made_keys(account)), trail_key(account)) == (1, "")


@pytest.mark.parametrize("homes", [1, 2], ids=["one home", "two homes"])
def test_two_starts_at_once_end_on_one_key(account, homes):
    path = planned(account)
    command = [sys.executable, "-m", "trailseal", "apply", path, *QUICK]
    places = [str(account.home / f"home-{number % homes}") for number in range(2)]

    running = [
        subprocess.Popen(
            command,
            env={**account.environment(), "TRAILSEAL_HOME": place},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for place in places
    ]
    told = [each.communicate(timeout=110) for each in running]

    assert [each.returncode for each in running] == [0, 0], told
    used = alias_key(account)
    assert trail_key(account) == used
    strays = set(made_keys(account)) - {used}
    assert len(strays) < homes
    for stray in strays:
        assert any(f"schedule-key-deletion --key-id {stray}" in err for _, err in told)


def killed_after_its_key(lab):
    path = planned(lab)
    killer = [sys.executable, str(TESTS / "killed_apply.py"), path, "after", "create_key"]
    subprocess.run(killer, env=lab.environment(), capture_output=True, check=False, timeout=60)
    (own,) = made_keys(lab)
    return path, own


def test_another_key_with_the_tag_is_left_alone(account):
    path, own = killed_after_its_key(account)
    kms = account.client("kms")
    tags = kms.list_resource_tags(KeyId=own)["Tags"]
    foreign = kms.create_key(Policy=OPEN_POLICY, Tags=tags)["KeyMetadata"]["Arn"]

    done = trailseal(account, "apply", path, *QUICK)

    assert done.returncode == 0, done.stderr
    assert trail_key(account) == alias_key(account) == own
    assert f"{foreign} carries this plan's tag" in done.stderr


@pytest.mark.parametrize("same_machine", [True, False], ids=["here", "from another machine"])
def test_a_key_that_got_another_policy_is_not_gone_on_with(account, same_machine):
    path, own = killed_after_its_key(account)
    account.client("kms").put_key_policy(KeyId=own, PolicyName="default", Policy=OPEN_POLICY)
    elsewhere = {} if same_machine else {"TRAILSEAL_HOME": str(account.home / "elsewhere")}

    stopped = trailseal(account, "apply", path, *QUICK, environment=elsewhere)

    assert stopped.returncode == 1
    assert f"the policy of {own} is no longer the one" in stopped.stderr
    assert (made_keys(account), alias_key(account), trail_key(account)) == ([own], "", "")


def test_a_key_that_only_has_the_plans_id_is_nothing_of_it(account):
    path = planned(account)
    tag = {"TagKey": "trailseal:plan", "TagValue": json.loads(Path(path).read_text())["id"]}
    account.client("kms").create_key(Policy=OPEN_POLICY, Tags=[tag])

    done = trailseal(account, "apply", path, *QUICK)

    assert done.returncode == 0, done.stderr
    policy = account.client("kms").get_key_policy(KeyId=trail_key(account), PolicyName="default")["Policy"]
    assert json.loads(policy)["Statement"] != [OPEN]


def other_bucket(lab):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="other", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"].replace(BUCKET, "other")
    s3.put_bucket_policy(Bucket="other", Policy=policy)
    lab.client("cloudtrail").update_trail(Name=TRAIL, S3BucketName="other")


def other_policy(lab):
    s3 = lab.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    policy["Statement"].append({**policy["Statement"][0], "Sid": "Again"})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def bucket_key(lab):
    default = {"SSEAlgorithm": "aws:kms"}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    rules = {"Rules": [rule]}
    lab.client("s3").put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=rules)


MOVES: dict[str, Callable[[Any], Any]] = {
    "IsLogging": lambda lab: lab.client("cloudtrail").stop_logging(Name=TRAIL),
    "S3BucketName": other_bucket,
    "IsMultiRegionTrail": lambda lab: lab.client("cloudtrail").update_trail(
        Name=TRAIL, IsMultiRegionTrail=True
    ),
    "LogFileValidationEnabled": lambda lab: lab.client("cloudtrail").update_trail(
        Name=TRAIL, EnableLogFileValidation=False
    ),
    "policy of bucket": other_policy,
    "BucketKeyEnabled": bucket_key,
    f"{TRAIL} does not exist": lambda lab: lab.client("cloudtrail").delete_trail(Name=TRAIL),
    f"{BUCKET} does not exist": lambda lab: lab.client("s3").delete_bucket(Bucket=BUCKET),
    "KeyState `Disabled`": lambda lab: lab.client("kms").disable_key(KeyId=own_key(lab)),
    "KeyState `PendingDeletion`": lambda lab: lab.client("kms").schedule_key_deletion(KeyId=own_key(lab)),
    "Grants": lambda lab: lab.client("kms").create_grant(
        KeyId=own_key(lab), GranteePrincipal="arn:aws:iam::123456789012:root", Operations=["Decrypt"]
    ),
}


def own_key(lab):
    return lab.client("kms").describe_key(KeyId="alias/mine")["KeyMetadata"]["Arn"]


@pytest.mark.parametrize("said", MOVES)
def test_what_the_plan_rests_on_has_moved(account, said):
    kms = account.client("kms")
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=made)
    path = planned(account, "--key", "alias/mine", "--rotation-days", "180")
    before = kms.get_key_policy(KeyId=made, PolicyName="default")["Policy"]
    MOVES[said](account)

    stopped = trailseal(account, "apply", path, *QUICK)

    assert stopped.returncode == 1, stopped.stderr
    assert said in stopped.stderr
    assert kms.get_key_policy(KeyId=made, PolicyName="default")["Policy"] == before
    if said != f"{TRAIL} does not exist":
        assert trail_key(account) == ""


@pytest.mark.parametrize("kind", ["drop", "dropped-after", "500-after", "throttle"])
def test_a_key_is_rotated_once(lab, kind):
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    lab.fault(kind, service="kms", operation="RotateKeyOnDemand")

    done = trailseal(lab, "key", "rotate", key, "--now", "--yes", "--settle", "2")

    assert done.returncode == 0, done.stderr
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1


def test_a_rotation_that_nobody_may_look_at_is_not_repeated(lab):
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    lab.fault("dropped-after", service="kms", operation="RotateKeyOnDemand")
    lab.fault("denied", service="kms", operation="ListKeyRotations", count=9)

    failed = trailseal(lab, "key", "rotate", key, "--now", "--yes", "--settle", "2")
    trailseal(lab, "lab", "fault", "clear")

    assert failed.returncode == 4
    assert "was rotated is not known" in failed.stderr
