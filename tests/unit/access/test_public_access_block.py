"""S3 Block Public Access as a layer: what is not in the documents, read or not, and S3's own word on them."""

from __future__ import annotations

import json

import pytest

from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, PublicAccess, Request

OWNER, OTHER = "123456789012", "210987654321"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
SHUT = PublicAccess(restrict_public_buckets=True)
GET = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
LIMITS = {
    "public": None,
    "not public": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    "untold": {"ArnEquals": {"aws:PrincipalArn": EVE}},
}


def ask(kind: str, block: PublicAccess | None, principal: str = EVE, **more: str) -> Decision:
    """Return whether the principal gets an object of a bucket with one statement of that kind."""
    statement = {"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    limit = LIMITS[kind]
    policy = json.dumps({"Statement": {**statement, **({"Condition": limit} if limit else {})}})
    asked = {"principal": principal, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", **more}
    request = Request(resource_account=OWNER, context={"aws:SourceVpc": ("vpc-1",)}, **asked)
    return authorize(request, Policies(identity=(GET,), resource=policy, public_access_block=block))


@pytest.mark.parametrize(
    ("kind", "status", "effect"),
    [
        ("public", None, Effect.EXPLICITLY_DENIED),
        ("public", True, Effect.EXPLICITLY_DENIED),
        ("public", False, Effect.UNKNOWN),
        ("not public", None, Effect.ALLOWED),
        ("not public", False, Effect.ALLOWED),
        ("not public", True, Effect.UNKNOWN),
        ("untold", None, Effect.UNKNOWN),
        ("untold", True, Effect.EXPLICITLY_DENIED),
        ("untold", False, Effect.UNKNOWN),
    ],
)
def test_s3s_own_policy_status_confirms_the_rule_or_makes_it_unknown(
    kind: str, *, status: bool | None, effect: Effect
) -> None:
    block = PublicAccess(restrict_public_buckets=True, is_public=status)

    assert ask(kind, block).effect is effect


@pytest.mark.parametrize(
    ("kind", "effect"),
    [("public", Effect.UNKNOWN), ("untold", Effect.UNKNOWN), ("not public", Effect.ALLOWED)],
)
def test_a_setting_that_was_not_read_matters_where_the_policy_may_be_public(
    kind: str, effect: Effect
) -> None:
    assert ask(kind, PublicAccess(restrict_public_buckets=None)).effect is effect


def test_a_contradiction_tells_both_sides() -> None:
    block = PublicAccess(restrict_public_buckets=True, is_public=False)
    told = [str(r.detail) for r in ask("public", block).reasons if r.outcome == "unknown"]

    assert told == ["S3's policy status says that the policy is not public; by S3's documented rule it is"]


def test_a_bucket_without_a_policy_has_nothing_to_shut() -> None:
    request = Request(principal="anonymous", action="s3:GetObject", resource="arn:aws:s3:::b/k")

    decision = authorize(request, Policies(public_access_block=SHUT))

    assert decision.effect is Effect.IMPLICITLY_DENIED


def test_an_anonymous_caller_is_nobodys_account() -> None:
    """Without an account for the bucket, the owner's account is "", as is that of an anonymous caller."""
    policy = json.dumps(
        {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}
    )
    request = Request(principal="anonymous", action="s3:GetObject", resource="arn:aws:s3:::b/k")

    decision = authorize(request, Policies(resource=policy, public_access_block=SHUT))

    assert decision.effect is Effect.EXPLICITLY_DENIED


@pytest.mark.parametrize(
    "more",
    [
        {"action": "kms:Decrypt", "resource": f"arn:aws:kms:us-east-1:{OWNER}:key/k"},
        {"action": "s3:ListAllMyBuckets", "resource": "*"},
        {"action": "s3:GetObject", "resource": f"arn:aws:s3express:us-east-1:{OWNER}:bucket/b"},
    ],
    ids=["a key", "no bucket", "another service's resource"],
)
def test_only_buckets_and_their_objects_are_shut(more: dict[str, str]) -> None:
    assert ask("public", SHUT, **more) == ask("public", None, **more)


def test_the_layer_only_ever_takes_away() -> None:
    nobody = ask("not public", SHUT, principal="anonymous")

    assert nobody == ask("not public", None, principal="anonymous")
    assert ask("public", SHUT, principal=f"arn:aws:iam::{OWNER}:user/alice").is_allowed
