from __future__ import annotations

import json

import pytest
from msgspec import structs

from key_policies import ACCOUNT, console
from story_account import (
    ADMIN,
    ALICE,
    EVERYTHING,
    FETCHING,
    KEY,
    ROOT,
    SERVICE_TRUST,
    SESSION1,
    USER1,
    account,
    document,
    people,
    person,
)
from trailseal.access.readers.chains import find_chains
from trailseal.access.readers.changers import Sureness, find_changers
from trailseal.access.readers.consumers import known_as, names_bucket
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.model.bucket import Replication

NARROW = console(reader=USER1, cross=USER1)


def look(snapshot, *, sealed=True):
    trail = snapshot.trails[0]
    key = KEY if sealed else ""
    return target_of(snapshot, trail, kms_key=key), estate_of(snapshot, trail, kms_key=key)


def changers(snapshot, **more):
    target, estate = look(snapshot, **more)
    return {
        c.principal: [w.action for w in c.ways]
        for c in find_changers(estate, target, population(estate, target))
    }


def trusting(principal, **condition):
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


def assuming(*roles):
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(roles)})


def role(name, *documents, trust=SERVICE_TRUST):
    return person(name, *documents, kind="role", trust=trust)


def arn(name, kind="role"):
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def chains(*principals, readers=("Reader",), **bounds):
    _, estate = look(account(NARROW, principals=principals))
    target, _ = look(account(NARROW))
    found = find_chains(
        estate, target, population(estate, target), frozenset(arn(r) for r in readers), **bounds
    )
    return {
        c.principal: (tuple(r.rpartition("/")[2] for r in c.roles), c.sureness) for c in found.found
    }, found.complete


def test_administrators_and_the_named_session_can_change_the_key_policy():
    found = changers(account())

    assert set(found) == {ROOT, ADMIN, SESSION1}
    assert found[SESSION1] == ["kms:PutKeyPolicy", "kms:CreateGrant"]
    assert "s3:PutBucketPolicy" in found[ADMIN]
    assert "iam:PutUserPolicy" in found[ADMIN]


def test_under_sse_s3_no_key_is_asked():
    assert "kms:PutKeyPolicy" not in changers(account(sealed=False), sealed=False)[ADMIN]


def test_a_condition_that_can_not_be_known_leaves_the_way_in_doubt():
    mfa = document(
        {
            "Effect": "Allow",
            "Action": "s3:PutBucketPolicy",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    )
    snapshot = account(principals=(person("careful", mfa),))
    target, estate = look(snapshot)
    found = {c.principal: c.ways for c in find_changers(estate, target, population(estate, target))}

    assert [w.sureness for w in found[arn("careful", "user")]] == [Sureness.UNKNOWN]


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (arn("app/*"), ["iam:PutRolePolicy"]),
        ("arn:aws:iam::*:role/app/deployer-?", ["iam:PutRolePolicy"]),
        (arn("Reader"), ["iam:PutRolePolicy"]),
        ("*", ["iam:PutRolePolicy"]),
        (arn("*", "user"), []),
        ("arn:aws:iam::210987654321:role/app/*", []),
        (arn("${aws:username}"), []),
        ("arn:aws:s3:::logs/x:role/y", []),
    ],
)
def test_iam_writes_on_some_resources_only_are_found(resource, found):
    some = document({"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": resource})

    assert changers(account(principals=(person("bob", some),))).get(arn("bob", "user"), []) == found


def test_a_user_who_may_assume_a_reader_is_found():
    found, complete = chains(
        role("Reader", trust=trusting(ROOT)), person("eve", assuming(arn("Reader"))), person("bob")
    )

    assert found == {arn("eve", "user"): (("Reader",), Sureness.OPEN)}
    assert complete


def test_a_chain_goes_through_roles_in_between():
    found, _ = chains(
        role("Reader", trust=trusting(arn("Middle"))),
        role("Middle", trust=trusting(ROOT)),
        person("eve", assuming(arn("Mid*"))),
    )

    assert found[arn("Middle")] == (("Reader",), Sureness.OPEN)
    assert found[arn("eve", "user")] == (("Middle", "Reader"), Sureness.OPEN)


def test_another_account_that_a_reader_trusts_may_come_in():
    elsewhere = "arn:aws:iam::210987654321:role/Siem"
    found, _ = chains(role("Reader", trust=trusting(elsewhere)))

    assert found == {elsewhere: (("Reader",), Sureness.UNKNOWN)}


def test_an_external_id_leaves_it_in_doubt():
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
    found, _ = chains(role("Reader", trust=trusting(arn("eve", "user"), **condition)), person("eve"))

    assert found == {arn("eve", "user"): (("Reader",), Sureness.UNKNOWN)}


def test_a_sure_way_is_preferred_to_a_doubtful_one():
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
    found, _ = chains(
        role("A", trust=trusting(arn("eve", "user"), **condition)),
        role("B", trust=trusting(arn("eve", "user"))),
        person("eve"),
        readers=("A", "B"),
    )

    assert found == {arn("eve", "user"): (("B",), Sureness.OPEN)}


def test_a_user_as_reader_begins_no_chain():
    assert chains(person("u"), readers=("nobody",)) == ({}, True)


def test_unreadable_policies_end_in_doubt_not_in_silence():
    found, _ = chains(role("Reader", trust=trusting(ROOT)), person("odd", "{"))

    assert found == {arn("odd", "user"): (("Reader",), Sureness.UNKNOWN)}


def test_a_bound_is_told():
    assert chains(role("Reader", trust=trusting(ROOT)), person("eve", assuming("*")), bound=0) == ({}, False)


def test_a_chain_that_is_too_long_is_told():
    found, complete = chains(
        role("Reader", trust=trusting(arn("Middle"))),
        role("Middle", trust=trusting(ROOT)),
        person("eve", assuming(arn("Middle"))),
        depth=1,
    )

    assert list(found) == [arn("Middle")]
    assert not complete


def consumer(principal, *, replication=""):
    snapshot = account(principals=(*people(), principal))
    bucket = snapshot.buckets[0]
    if replication:
        bucket = structs.replace(bucket, replication=Replication(role=replication, rules=()))
    return known_as(principal.arn, look(snapshot)[1], bucket)


def service_trust(name):
    return SERVICE_TRUST.replace("ec2.amazonaws.com", name)


def test_known_consumers_are_named():
    athena = document({"Effect": "Allow", "Action": "athena:StartQueryExecution", "Resource": "*"})

    assert consumer(role("r"), replication=arn("r")) == "S3 replication"
    assert consumer(role("DatadogForwarder")) == "Datadog"
    assert consumer(role("fn", trust=service_trust("lambda.amazonaws.com"))) == "Lambda subscriber"
    assert (
        consumer(
            role(
                "collector",
                trust=trusting(
                    "arn:aws:iam::210987654321:root", Condition={"StringEquals": {"sts:ExternalId": "x"}}
                ),
            )
        )
        == "SIEM collector"
    )
    assert consumer(role("partner", trust=trusting("arn:aws:iam::210987654321:root"))) == ""
    assert consumer(person("analyst", athena)) == "Athena"
    assert consumer(person("somebody", FETCHING, "{")) == ""
    assert known_as("arn:aws:iam::210987654321:root", look(account())[1], None) == "another account"
    assert known_as("macie.amazonaws.com", look(account())[1], None) == ""


def test_a_permission_on_every_bucket_names_none():
    everything, own = person("a", EVERYTHING), person("b", FETCHING)
    _, estate = look(account(principals=(everything, own)))

    assert not names_bucket(everything, estate, "trail-logs")
    assert names_bucket(own, estate, "trail-logs")
    assert not names_bucket(own, estate, "other")
    assert ALICE not in estate.by_arn


def test_a_sure_way_ends_the_search_for_that_caller():
    found, _ = chains(
        role("A", trust=trusting(arn("eve", "user"))),
        role("B", trust=trusting(ROOT)),
        person("eve", assuming(arn("B"))),
        readers=("A", "B"),
    )

    assert found == {arn("eve", "user"): (("A",), Sureness.OPEN)}
