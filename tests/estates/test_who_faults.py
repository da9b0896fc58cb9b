"""What `who` once said wrongly of a row, of what could not be read, and of who could change the answer."""

from __future__ import annotations

import pytest

from estates.build import (
    BASE_PEOPLE,
    DELEGATES,
    LISTED,
    ROOT,
    ROOT_B,
    S3,
    A,
    B,
    Scene,
    Statement,
    X,
    allow,
    deny,
    iam,
    may,
    opens_bucket,
    opens_key,
    person,
    proof_of,
    rows_of,
    sts,
    verdict_of,
)
from estates.faults import OPEN_TO_B
from estates.rows import RowFault, row_faults
from trailseal.run.who import WhoAnswer, answer

ALL = tuple(row_faults())


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_row_says_nothing_that_awss_page_does_not(fault: RowFault) -> None:
    assert fault.page.startswith("https://docs.aws.amazon.com/")
    assert rows_of(fault.scene)[fault.principal] in fault.right


def changers(scene: Scene) -> dict[str, set[str]]:
    found = answer(scene.snapshot, scene.trail).changers
    return {changer.principal: {way.action for way in changer.ways} for changer in found}


@pytest.mark.parametrize(
    ("scene", "who", "what"),
    [
        (Scene(key=(allow(ROOT_B, "kms:CreateGrant"),), bucket=(OPEN_TO_B,)), ROOT_B, "kms:CreateGrant"),
        (
            Scene(key=(allow(iam("role/ops", "444455556666"), "kms:CreateGrant"),), bucket=(OPEN_TO_B,)),
            iam("role/ops", "444455556666"),
            "kms:CreateGrant",
        ),
        (
            Scene(people=(person("role/x", may("s3:PutReplicationConfiguration")),)),
            X,
            "s3:PutReplicationConfiguration",
        ),
        (Scene(people=(person("role/x", may("cloudtrail:UpdateTrail")),)), X, "cloudtrail:UpdateTrail"),
    ],
    ids=["an account by a grant", "a foreign role", "replication", "the trail"],
)
def test_who_could_change_the_answer_is_told(scene: Scene, who: str, what: str) -> None:
    assert what in changers(scene).get(who, set())


def test_an_account_may_not_put_another_accounts_key_policy() -> None:
    """Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html."""
    scene = Scene(key=(allow(ROOT_B, "kms:*"),), bucket=(OPEN_TO_B,))

    assert "kms:PutKeyPolicy" not in changers(scene).get(ROOT_B, set())


def test_an_account_may_not_put_another_accounts_bucket_policy() -> None:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html (405)."""
    scene = Scene(bucket=(allow(ROOT_B, "s3:*", on="arn:aws:s3:::trail-logs"),))

    assert "s3:PutBucketPolicy" not in changers(scene).get(ROOT_B, set())


@pytest.mark.parametrize("part", ["rcp", "scp", "identity", "bucket"])
def test_a_policy_that_is_none_leaves_the_answer_incomplete(part: str) -> None:
    """The exit code says that something could not be read."""
    broken = '{"Version": "2012-10-17", "Statement": 3}'
    scene = {
        "rcp": Scene(rcp=((broken,),)),
        "scp": Scene(scp=((broken,),)),
        "identity": Scene(
            key=(DELEGATES,),
            people=(person("role/x", S3, {"Effect": "Perhaps", "Action": "*", "Resource": "*"}),),
        ),
        "bucket": Scene(raw_bucket=broken, bucket=(opens_bucket(),)),
    }[part]
    told = answer(scene.snapshot, scene.trail)

    assert WhoAnswer(trails=(told,)).exit_code == 4


def test_a_federated_users_way_in_tells_the_session_policy_that_lets_it_through() -> None:
    """Without one it has no permissions. Source: API_GetFederationToken of AWS STS."""
    types = {"StringEquals": {"aws:PrincipalType": "FederatedUser"}}
    maker = person("user/u", may("sts:GetFederationToken"), S3, may("kms:Decrypt"))
    found = proof_of(Scene(key=(opens_key(ROOT, types),), people=(maker,)))
    lines = [line for line in found.requests if ":federated-user/" in line["request"]["principal"]]

    assert lines
    assert all(line["policies"]["session"] for line in lines)
    assert all("session" not in line["policies"] for line in found.requests if line not in lines)


MAKER = person("user/u", may("sts:GetFederationToken"), S3, may("kms:Decrypt"))
FEDERATED = sts("federated-user/*")
BY_ARN = {"ArnEquals": {"aws:PrincipalArn": iam("user/u")}}


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ((opens_key(ROOT, {"StringEquals": {"aws:PrincipalType": "FederatedUser"}}),), "can read"),
        ((opens_key(ROOT, {"StringEquals": {"aws:userid": f"{A}:bob"}}),), "can read"),
        ((DELEGATES, deny("*", "kms:*", BY_ARN)), "can read"),
        ((opens_key(ROOT, {"StringEquals": {"aws:PrincipalTag/t": "1"}}),), "unknown"),
        ((DELEGATES,), None),
        ((DELEGATES, deny(iam("role/y"), "kms:*")), None),
        ((), None),
    ],
    ids=["by type", "by user ID", "a Deny on the maker", "by a tag", "like the maker", "a Deny", "shut"],
)
def test_federated_users_have_a_row_where_they_get_further_than_who_makes_them(
    key: tuple[Statement, ...], row: str | None
) -> None:
    """Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html."""
    assert rows_of(Scene(key=key, people=(MAKER,))).get(FEDERATED) == row


def test_federated_users_that_nobody_can_make_have_no_row() -> None:
    key = (opens_key(ROOT, {"StringEquals": {"aws:PrincipalType": "FederatedUser"}}),)
    nobody = tuple(p for p in BASE_PEOPLE if not p.arn.endswith(":root"))
    scene = Scene(key=key, base_people=nobody, people=(person("user/u", S3, may("kms:Decrypt")),))

    assert FEDERATED not in rows_of(scene)


AUDITOR = sts("federated-user/auditor")


@pytest.mark.parametrize(
    ("named", "makes", "row"),
    [
        ("user/zed", True, "can read"),
        ("user/ann", True, "can fetch, cannot decrypt"),
        ("user/zed", False, "can fetch, cannot decrypt"),
    ],
    ids=["who makes it", "another", "who makes none"],
)
def test_what_the_key_gives_to_a_user_a_federated_user_of_his_has_too(
    named: str, *, makes: bool, row: str
) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html."""
    makers = (person("user/zed", may("sts:GetFederationToken")),) if makes else (person("user/zed"),)
    nobody = tuple(p for p in BASE_PEOPLE if not p.arn.endswith(":root"))
    scene = Scene(
        key=(opens_key(iam(named)),), bucket=(opens_bucket(AUDITOR),), people=makers, base_people=nobody
    )

    assert rows_of(scene)[AUDITOR] == row


def test_a_way_in_by_a_federated_user_tells_who_made_it() -> None:
    zed = person("user/zed", may("sts:GetFederationToken"))
    found = proof_of(Scene(key=(opens_key(zed.arn),), bucket=(opens_bucket(AUDITOR),), people=(zed,)))

    assert {line["request"]["maker"] for line in found.requests} == {zed.arn}


@pytest.mark.parametrize(("listed", "expected"), [((), "REFUTED"), ((iam("user/zed", B),), "PROVEN")])
def test_over_an_open_world_a_federated_user_is_asked_as_each_named_user_makes_it(
    listed: tuple[str, ...], expected: str
) -> None:
    key, bucket = (opens_key(iam("user/zed", B)),), (opens_bucket(sts("federated-user/auditor", B)),)
    scene = Scene(key=key, bucket=bucket, listed=(*LISTED, *listed))

    assert verdict_of(scene) == expected
