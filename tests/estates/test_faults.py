"""The faults that the proof once had, and their kin, judged by AWS's pages."""

from __future__ import annotations

import random

import pytest

from estates.attack import attack
from estates.build import (
    OBJECTS,
    S3,
    Scene,
    deny,
    iam,
    in_organization,
    may,
    opens_bucket,
    opens_key,
    person,
    policy,
    sts,
    verdict_of,
)
from estates.faults import READS, SHUT, Fault, faults

ALL = tuple(faults())


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_the_proof_says_nothing_that_awss_page_does_not(fault: Fault) -> None:
    assert fault.page.startswith("https://docs.aws.amazon.com/")
    assert verdict_of(fault.scene) in fault.right


def test_brute_force_agrees_with_what_a_person_wrote() -> None:
    """Somebody is found wherever it is written that somebody reads, and nowhere else."""
    odd = {"PROVEN", "REFUTED", "UNKNOWN"}
    wrong = []
    for fault in ALL:
        if "stored_forms" in fault.name or set(fault.right) == odd:
            continue
        found = attack(fault.scene, random.Random(1), open_world=False, most=48).broken  # noqa: S311  # no secret
        if (found is None and fault.right == READS) or (found is not None and fault.right == SHUT):
            wrong.append((fault.name, fault.right, found and found.who.arn))
    assert wrong == []


GUARD = {"ArnNotLike": {"aws:PrincipalArn": iam("role/aws-reserved/sso.amazonaws.com/*")}}
APART = policy(deny("*", ["s3:*", "kms:*"], {"StringLikeIfExists": {"aws:PrincipalArn": iam("role/x")}}))
OF_A = {"aws:PrincipalOrgID": "o-a"}
NEVER = may(["s3:*", "kms:*"], {"StringLike": OF_A, "StringNotLike": OF_A})


@pytest.mark.parametrize(
    "also", [{}, {"StringEquals": OF_A}, {"Null": {"aws:TokenIssueTime": "true"}}], ids=str
)
@pytest.mark.parametrize("rcp", [(), ((APART,),)], ids=["no RCP", "an RCP about another path"])
@pytest.mark.parametrize("boundary", [None, (NEVER,)], ids=["no boundary", "a boundary that shuts it out"])
@pytest.mark.parametrize("guard", [{}, GUARD], ids=["no guard", "a guard of other paths"])
def test_a_named_session_may_be_of_the_role_that_a_statement_names(guard, boundary, rcp, also) -> None:
    """A session's ARN tells no path: what is asked of the path elsewhere does not settle whose it is."""
    x = person("role/soc/x", S3, may("kms:*"), boundary=boundary)
    spared = {**deny(None, "s3:*", on=OBJECTS), "NotPrincipal": {"AWS": [sts("assumed-role/x/ops-1")]}}
    scene = Scene(
        key=(opens_key(iam("role/soc/x"), {**guard, **also}),),
        bucket=(opens_bucket(), spared),
        people=(x,),
        rcp=rcp,
        organization=in_organization(),
    )

    assert verdict_of(scene, open_world=True) == "UNKNOWN"


@pytest.mark.parametrize("named", [iam("role/x"), "AROAX0000000"])
def test_a_named_session_is_tried_by_its_roles_id_too(named: str) -> None:
    """A statement names a role by its path or, once it was deleted, by its ID: a session may be of either."""
    session = sts("assumed-role/x/ops-1")
    asks = {"StringLike": {"aws:userid": "AROA*:ops-1"}}
    x = person("role/x", S3)
    scene = Scene(key=(opens_key(named, asks),), bucket=(opens_bucket(session),), people=(x,))

    assert verdict_of(scene) == "REFUTED"
