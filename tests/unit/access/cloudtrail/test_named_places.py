"""Accounts and Regions that policies tell apart, where nobody says which of them deliver."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plan_estate import ACCOUNT, BUCKET, HOME, KEY, OTHER, ROOT, bucket, key, snapshot, trail
from trailseal.access.cloudtrail.named_places import named_places
from trailseal.access.cloudtrail.trail_answers import bucket_answers, key_answers
from trailseal.access.decision import DENIED, Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.model.key import KeyPolicies
from trailseal.model.organization import Organization
from trailseal.model.unreadable import Unreadable

ID, MEMBER = "o-example12345", "222222222222"
ARN, WHERE = f"arn:aws:s3:::{BUCKET}", "kms:EncryptionContext:aws:s3:arn"
UNLISTED = Organization(organization_id=ID, management_account=ACCOUNT)
LISTED = Organization(organization_id=ID, management_account=ACCOUNT, accounts=(ACCOUNT, OTHER))
DENIED_ORGANIZATION = Unreadable(call="organizations:DescribeOrganization", code="AccessDenied")
READ_ACL: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetBucketAcl", "Resource": ARN}
WRITE = {**READ_ACL, "Action": "s3:PutObject", "Resource": f"{ARN}/*"}
OWN = f"{ARN}/AWSLogs/{ID}/{ACCOUNT}/*"
FOLDERS = [
    f"/AWSLogs/{ID}/{MEMBER}/*",
    f"/AWSLogs/{ID}/{MEMBER}/CloudTrail/{HOME}/*",
    f"/*/{MEMBER}/*",
    f"*{MEMBER}*",
    f"/*/{MEMBER}_CloudTrail_*",
    f"/*AWSLogs*{MEMBER}*.gz",
    f"/AWSLogs/{ID}/2222*",
    f"/AWSLogs/{ID}/*2222/*",
    f"/AWSLogs/{ID}/22??????????/*",
]
REGIONS = [
    "/*/eu-west-3/*",
    f"/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-3*",
    f"/AWSLogs/{ACCOUNT}/CloudTrail/eu-*",
    "/*/eu*/2026/*",
    "/*/*-west-?/*",
    "/*/??-west-1/*",
    "/*/*-2/*",
    "/*_eu-west-3_*",
    "*CloudTrail*eu-west-3*",
]


def text_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deny(**what: Any) -> dict[str, Any]:
    return {"Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", **what}


def of_bucket(organization: Any, *statements: dict[str, Any], **changed: Any) -> str:
    policy = text_of(*statements)
    one = trail(is_organization_trail=organization is not None, **changed)
    seen = snapshot(trails=(one,), organization=organization, buckets=(bucket(policy=policy),))
    return said(bucket_answers(one, policy, seen, key_arn=""))


def of_key(organization: Any, *statements: dict[str, Any], **changed: Any) -> str:
    policies = KeyPolicies(default=text_of(ROOT, {**WRITE, "Action": "kms:*", "Resource": "*"}, *statements))
    one = trail(is_organization_trail=organization is not None, kms_key_id=KEY, **changed)
    held = key(policies=policies)
    seen = snapshot(trails=(one,), organization=organization, keys=(held,))
    return said(key_answers(one, held, policies, seen))


def said(found: Any) -> str:
    effects = {each.effect for each in found}
    if effects & DENIED:
        return "refuse"
    return "deliver" if effects == {Effect.ALLOWED} else "unknown"


@pytest.mark.parametrize("path", FOLDERS)
def test_a_deny_of_a_folder_that_may_be_no_members_is_not_known(path):
    assert of_bucket(UNLISTED, READ_ACL, WRITE, deny(Resource=ARN + path)) == "unknown"
    assert of_bucket(LISTED, READ_ACL, WRITE, deny(Resource=ARN + path)) == "deliver"
    encrypting = {"Action": "kms:GenerateDataKey", "Resource": "*"}
    denied = deny(**encrypting, Condition={"StringLike": {WHERE: ARN + path}})
    assert of_key(UNLISTED, denied) == "unknown"
    assert of_key(LISTED, denied) == "deliver"


@pytest.mark.parametrize("path", REGIONS)
def test_a_deny_of_a_region_in_which_nothing_was_seen_is_not_known(path):
    assert (
        of_bucket(None, READ_ACL, WRITE, deny(Resource=ARN + path), is_multi_region_trail=True) == "unknown"
    )
    assert of_bucket(None, READ_ACL, WRITE, deny(Resource=ARN + path)) == "deliver"
    encrypting = {"Action": "kms:GenerateDataKey", "Resource": "*"}
    denied = deny(**encrypting, Condition={"StringLike": {WHERE: ARN + path}})
    assert of_key(None, denied, is_multi_region_trail=True) == "unknown"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((WRITE,), "deliver"),
        (({**WRITE, "Resource": f"{ARN}/AWSLogs/{ID}/*"},), "deliver"),
        (({**WRITE, "Resource": OWN},), "unknown"),
        (({**WRITE, "Resource": [OWN, f"{ARN}/AWSLogs/{ID}/{MEMBER}/*"]},), "unknown"),
        (({**WRITE, "Resource": f"{ARN}/AWSLogs/{ID}/{MEMBER}/*"},), "refuse"),
        ((WRITE, deny(NotResource=OWN)), "unknown"),
        ((WRITE, deny(NotResource=f"{ARN}/AWSLogs/{ID}/*")), "deliver"),
        ((WRITE, deny(Resource=f"{ARN}/other/{MEMBER}/*")), "deliver"),
        ((WRITE, deny(Resource=f"{ARN}/AWSLogs/o-another123/{MEMBER}/*")), "deliver"),
    ],
)
def test_a_narrow_policy_where_members_are_not_listed(statements, expected):
    assert of_bucket(UNLISTED, READ_ACL, *statements) == expected


@pytest.mark.parametrize(
    "path", [f"/AWSLogs/{ID}/*", "/AWSLogs/o-ex*", f"/*{ID}*", f"/AWSLogs/{ID}/{MEMBER}/*"]
)
def test_a_deny_of_an_organization_that_may_be_the_trails_is_not_known(path):
    hidden = DENIED_ORGANIZATION, READ_ACL, WRITE, deny(Resource=ARN + path)

    assert of_bucket(*hidden) == "unknown"
    assert of_bucket(DENIED_ORGANIZATION, READ_ACL, WRITE) == "deliver"


@pytest.mark.parametrize(("is_multi_region", "expected"), [(False, "deliver"), (True, "unknown")])
def test_what_lets_in_one_region_may_be_too_little_for_a_trail_of_many(is_multi_region, expected):
    home = {**WRITE, "Resource": f"{ARN}/AWSLogs/{ACCOUNT}/CloudTrail*/{HOME}/*"}

    assert of_bucket(None, READ_ACL, home, is_multi_region_trail=is_multi_region) == expected


@pytest.mark.parametrize(
    "names",
    [
        "*",
        "**",
        "2026",
        "*.json.gz",
        "0123456789012",
        "CloudTrail-Digest",
        "AWSLogs",
        "o-short",
        "a*b*c*d*",
        "${aws:SourceAccount}",
    ],
)
def test_what_is_no_account_and_no_region_names_none(names):
    policy = text_of({**WRITE, "Resource": f"{ARN}/{names}"})

    assert named_places(policy, PolicyKind.BUCKET) == ((), (), ())


@pytest.mark.parametrize("policy", ["", "{", text_of({**WRITE, "Resource": 3}), '{"Statement": []}'])
def test_a_document_that_says_nothing_names_nothing(policy):
    assert named_places(policy, PolicyKind.BUCKET) == ((), (), ())


def test_conditions_on_anything_but_the_files_name_no_folder():
    condition = {"StringEquals": {"aws:PrincipalAccount": MEMBER}}
    policy = text_of({**WRITE, "Action": "kms:*", "Resource": "*", "Condition": condition})

    assert named_places(policy, PolicyKind.KEY).accounts == ()


def test_a_statement_without_a_resource_names_no_place():
    policy = text_of({**deny(), "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}}})

    assert named_places(policy, PolicyKind.BUCKET).accounts == ()
