"""Whose bucket a trail delivers to, where it is another account's: asked of S3, never assumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from labs import RunningLab
from trailseal.aws.bucket_owner import find_owner, is_owned_by
from trailseal.model.unreadable import Unreadable

OURS, ARCHIVE, BUCKET = "123456789012", "333333333333", "example-archive-logs"
OWNER = f"arn:aws:iam::{ARCHIVE}:role/admin"


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("multi")


def let_in(lab: RunningLab, *actions: str) -> None:
    """Let the trail's account do this with the archive's bucket, as its owner may."""
    s3 = lab.client("s3", OWNER)
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    ours = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OURS}:root"}, "Action": list(actions)}
    policy["Statement"].append(ours | {"Resource": f"arn:aws:s3:::{BUCKET}"})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def planned(lab: RunningLab) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(
        lab.trailseal("plan", "--trail", "organization-events", "--format", "json").stdout
    )
    return plan


def concern(plan: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {n: c["facts"][n] for n in ("bucket", "owner")}
        for c in plan["concerns"]
        if c["code"] == "bucket-in-other-account"
    ]


def test_a_plan_names_the_account_that_the_bucket_belongs_to(lab: RunningLab) -> None:
    unknown = concern(planned(lab))
    let_in(lab, "s3:ListBucket", "s3:GetBucketLocation")
    known = concern(planned(lab))

    assert unknown == []
    assert known == [{"bucket": BUCKET, "owner": ARCHIVE}]


def test_a_refusal_is_no_answer_while_the_bucket_may_not_be_listed(lab: RunningLab) -> None:
    s3 = lab.client("s3")
    before = (
        is_owned_by(s3, BUCKET, OURS),
        is_owned_by(s3, BUCKET, ARCHIVE),
        find_owner(s3, BUCKET, [ARCHIVE]),
    )
    let_in(lab, "s3:ListBucket")
    after = is_owned_by(s3, BUCKET, OURS), is_owned_by(s3, BUCKET, ARCHIVE), find_owner(s3, BUCKET, [ARCHIVE])

    refused = Unreadable(call="s3:ListBucket", code="403", where=BUCKET, detail="Forbidden")
    assert before == (refused, refused, "")
    assert after == (False, True, ARCHIVE)
    assert find_owner(s3, BUCKET, [OURS]) == ""
    assert is_owned_by(s3, "nowhere-bucket", OURS) == Unreadable(
        call="s3:ListBucket", code="404", where="nowhere-bucket", detail="Not Found"
    )


def test_a_server_that_does_not_answer_says_nothing_of_the_owner(lab: RunningLab) -> None:
    s3 = lab.client("s3")
    lab.stop()
    found = is_owned_by(s3, BUCKET, OURS)

    assert isinstance(found, Unreadable)
    assert found.code in {EndpointConnectionError.__name__, "ConnectionClosedError"}


def test_nobody_is_asked_about_twice_nor_accounts_without_end(lab: RunningLab) -> None:
    let_in(lab, "s3:ListBucket")
    s3, strangers = lab.client("s3"), [f"{number:012d}" for number in range(49)]

    assert find_owner(s3, BUCKET, [*strangers, *strangers, OURS, ARCHIVE], not_of=OURS) == ARCHIVE
    assert find_owner(s3, BUCKET, [*strangers, "999999999999", ARCHIVE]) == ""
