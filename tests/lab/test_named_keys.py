"""Which key a name means, over the verbs that take one: an alias is of one account and one Region."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from labs import RunningLab

OURS, THEIRS = "123456789012", "333333333333"
ALIAS, TRAIL, HERE, AWAY = "alias/shared-logs", "eu-events", "eu-west-1", "ap-northeast-1"
ADMIN = f"arn:aws:iam::{THEIRS}:role/admin"


class Held(NamedTuple):
    """A key that has the alias, and whether a caller of our account may describe it."""

    arn: str
    is_described: bool = True

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def alias_arn(self) -> str:
        return self.arn.partition(":key/")[0] + ":" + ALIAS


def made(lab: RunningLab, region: str, *accounts: str) -> str:
    """Make a key of the alias in the other account, which those accounts' policies may give away."""
    principals = [f"arn:aws:iam::{account}:root" for account in (THEIRS, *accounts)]
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "kms:*", "Resource": "*"}
    kms = lab.client("kms", ADMIN, region=region)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = str(kms.create_key(Policy=policy)["KeyMetadata"]["Arn"])
    kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
    return arn


def keys_of(lab: RunningLab) -> Iterator[Held]:
    """Yield a key of the alias in each of two accounts and Regions; the trail is under the first."""
    for region in (HERE, AWAY):
        found = lab.client("kms", region=region).describe_key(KeyId=ALIAS)
        yield Held(str(found["KeyMetadata"]["Arn"]))
    yield Held(made(lab, HERE, OURS))
    yield Held(made(lab, AWAY), is_described=False)


def of_plan(lab: RunningLab, name: str) -> str:
    """Return the key that a plan would switch to, or speaks of; the trail's own is no change."""
    done = lab.trailseal("plan", "--trail", TRAIL, "--key", name, "--format", "json")
    plan = json.loads(done.stdout)
    assert plan["looked_at"]
    assert not plan["steps"]
    named = {each["facts"]["key"] for each in plan["concerns"] if each["facts"].get("key")}
    return named.pop() if len(named) == 1 else "".join(named)


def of_key_show(lab: RunningLab, name: str) -> str:
    done = lab.trailseal("key", "show", name, "--format", "json")
    return str(json.loads(done.stdout)["key"]["arn"]) if done.stdout else done.stderr


def of_policy_show(lab: RunningLab, name: str) -> str:
    """Return whose policy is shown: that of the trail's key lets CloudTrail encrypt."""
    done = lab.trailseal("policy", "show", name)
    return done.stderr or ("the trail's" if "AllowCloudTrailEncryptLogs" in done.stdout else "another")


def test_an_arn_means_the_key_of_its_account_and_region_in_every_verb(
    fresh_lab: Callable[..., RunningLab],
) -> None:
    lab = fresh_lab("multi")
    held = tuple(keys_of(lab))
    assert len({key.alias_arn for key in held}) == 4
    own, *others = held
    for name in (own.arn, own.alias_arn):
        assert (of_plan(lab, name), of_policy_show(lab, name)) == ("", "the trail's"), name
    for key in others:
        for name in (key.arn, key.alias_arn):
            assert of_plan(lab, name) == (key.arn if key.is_described else name), name
            assert of_policy_show(lab, name) != "the trail's", name
    for key in held:
        for name in (key.arn, key.alias_arn):
            shown = of_key_show(lab, name)
            refused = f"AWS does not allow kms:DescribeKey on {name}"
            assert shown == key.arn if key.is_described else refused in shown, name
            assert key.account == OURS or name in of_policy_show(lab, name), name


def test_verbs_that_take_an_arn_alone_take_no_alias_for_one(shared_lab: Callable[..., RunningLab]) -> None:
    lab, alias = shared_lab("multi"), f"arn:aws:kms:{HERE}:{THEIRS}:{ALIAS}"
    for verb in ("permissions plan", "history reencrypt"):
        done = lab.trailseal(*verb.split(), "--key", alias)
        assert (done.returncode, done.stdout) == (2, ""), verb
        assert f"`{alias}` is not the ARN of a KMS key" in done.stderr, verb
