from __future__ import annotations

import json

import pytest
from msgspec import structs

from key_policies import ACCOUNT, TRAIL, console, policy, statement
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
from trailseal.access.readers import crowd
from trailseal.access.readers.chains import find_chains
from trailseal.access.readers.changers import find_changers
from trailseal.access.readers.consumers import known_as, names_bucket
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.access.readers.sureness import Sureness
from trailseal.model.bucket import Replication
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind

NARROW = console(reader=USER1, cross=USER1)


def look(snapshot, *, sealed=True):
    trail = snapshot.trails[0]
    key = KEY if sealed else ""
    return target_of(snapshot, trail, kms_key=key), estate_of(snapshot, trail, kms_key=key)


def changers(snapshot, **more):
    target, estate = look(snapshot, **more)
    return {
        c.principal: [w.action for w in c.ways]
        for c in find_changers(estate, target, population(estate, target), frozenset())
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
    found = {
        c.principal: c.ways for c in find_changers(estate, target, population(estate, target), frozenset())
    }

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


def test_roles_that_a_variable_names_differently_are_asked_one_by_one():
    found, _ = chains(
        role("first", trust=trusting(ROOT)),
        role("second", trust=trusting(ROOT)),
        person("second", assuming(arn("${aws:username}"))),
        readers=("first", "second"),
    )

    assert found == {arn("second", "user"): (("second",), Sureness.OPEN)}


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


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("consumot", ""),
        ("siemens-plant", ""),
        ("sumo-collector", "Sumo Logic"),
        ("SumoLogicRole", "Sumo Logic"),
        ("corp_SIEM_reader", "SIEM collector"),
        ("mySplunk2", "Splunk"),
    ],
)
def test_a_vendor_is_a_word_of_a_name(name, vendor):
    assert consumer(role(name)) == vendor


@pytest.mark.parametrize(
    ("action", "known"),
    [
        ("athena:GetQueryResults", "Athena"),
        ("athena:*", "Athena"),
        ("Athena:Start*", "Athena"),
        ("athena:List*", ""),
        ("athena:GetWorkGroup", ""),
        ("*", ""),
    ],
)
def test_who_queries_is_athena_and_who_looks_at_it_is_not(action, known):
    allowed = document({"Effect": "Allow", "Action": action, "Resource": "*"})

    assert consumer(person("viewer", allowed)) == known


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


VENDOR = "arn:aws:iam::444455556666:root"


def ways(snapshot, principal, *, readers=(), key=KEY):
    trail = snapshot.trails[0]
    target, estate = target_of(snapshot, trail, kms_key=key), estate_of(snapshot, trail, kms_key=key)
    found = find_changers(estate, target, population(estate, target), frozenset(readers))
    return {w.action: w.sureness for c in found if c.principal == principal for w in c.ways}


def deciding(effect="Allow", **more):
    return document({"Effect": effect, "Action": "*", "Resource": "*", **more})


def bucket_says(*statements):
    return policy(*(statement(Resource="*", **s) for s in statements))


def key_says(principal, action, **more):
    return policy(statement(Principal=principal, Action=action, **more))


def test_another_account_that_may_create_grants_is_found():
    snapshot = account(key_says({"AWS": VENDOR}, "kms:*"))

    assert ways(snapshot, VENDOR) == {"kms:CreateGrant": Sureness.UNKNOWN}


def test_a_principal_of_another_account_is_found_with_a_doubt():
    them = VENDOR.replace("root", "role/admin")
    snapshot = account(key_says({"AWS": them}, "kms:CreateGrant"))

    assert ways(snapshot, them) == {"kms:CreateGrant": Sureness.UNKNOWN}


def test_anybody_who_may_create_grants_is_found_for_certain():
    roles = {"Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}}

    assert ways(account(key_says("*", "kms:CreateGrant", **roles)), "*") == {"kms:CreateGrant": Sureness.OPEN}


def test_the_policy_of_a_bucket_is_for_its_owners_account_alone():
    snapshot = account(bucket_policy=bucket_says({"Principal": {"AWS": VENDOR}, "Action": "s3:*"}))

    assert ways(snapshot, VENDOR) == {"s3:PutReplicationConfiguration": Sureness.UNKNOWN}


def test_a_deny_in_the_bucket_policy_can_be_deleted_with_it():
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}

    assert "s3:DeleteBucketPolicy" in ways(account(bucket_policy=bucket_says(deny)), ADMIN)
    assert "s3:DeleteBucketPolicy" not in ways(account(), ADMIN)
    assert "s3:DeleteBucketPolicy" in ways(account(bucket_policy="{"), ADMIN)


def test_only_a_multi_region_key_can_be_replicated():
    snapshot = account()
    many = f"{KEY.partition('/')[0]}/mrk-1"
    moved = structs.replace(snapshot, keys=(structs.replace(snapshot.keys[0], arn=many),))

    assert "kms:ReplicateKey" in ways(moved, ADMIN, key=many)
    assert "kms:ReplicateKey" not in ways(snapshot, ADMIN)


def test_who_may_point_the_trail_elsewhere_is_found():
    own = document({"Effect": "Allow", "Action": "cloudtrail:UpdateTrail", "Resource": TRAIL})

    assert ways(account(principals=(person("bob", own),)), arn("bob", "user")) == {
        "cloudtrail:UpdateTrail": Sureness.OPEN
    }


def test_access_points_are_asked_where_the_bucket_leaves_it_to_them():
    left = {"Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}}
    snapshot = account(bucket_policy=bucket_says({"Principal": "*", "Action": "s3:*", **left}))

    assert "s3:PutAccessPointPolicy" in ways(snapshot, ADMIN)
    assert "s3:PutAccessPointPolicy" not in ways(account(), ADMIN)


def walled(wall, *others, boundary=None):
    denied = structs.replace(person("walled", *wall), boundary=boundary)
    return account(principals=(denied, *others))


DENY = deciding("Deny")
BOUNDARY = NamedPolicy(name="B", document=FETCHING)


@pytest.mark.parametrize(
    "action", ["iam:DeleteUserPolicy", "iam:DetachUserPolicy", "iam:RemoveUserFromGroup"]
)
def test_who_may_take_away_a_deny_is_found_where_there_is_one(action):
    taker = person("taker", document({"Effect": "Allow", "Action": action, "Resource": "*"}))

    assert ways(walled((EVERYTHING, DENY), taker), taker.arn) == {action: Sureness.OPEN}
    assert ways(walled((EVERYTHING,), taker), taker.arn) == {}


@pytest.mark.parametrize(
    ("resource", "found"),
    [("*", True), (arn("wall*", "user"), True), (arn("other", "user"), False), (arn("r?", "role"), False)],
)
def test_who_may_take_away_a_boundary_is_found_where_somebody_has_one(resource, found):
    action = "iam:DeleteUserPermissionsBoundary"
    taker = person("taker", document({"Effect": "Allow", "Action": action, "Resource": resource}))

    assert (action in ways(walled((), taker, boundary=BOUNDARY), taker.arn)) is found
    assert ways(walled((), taker), taker.arn) == {}


def test_a_user_who_may_take_away_his_own_boundary_is_found():
    action = "iam:DeleteUserPermissionsBoundary"
    mine = document({"Effect": "Allow", "Action": action, "Resource": arn("${aws:username}", "user")})
    boundary = NamedPolicy(name="B", document=EVERYTHING)
    first = structs.replace(person("first"), boundary=boundary)
    own = structs.replace(person("own", mine), boundary=boundary)

    assert ways(account(principals=(first, own)), own.arn) == {action: Sureness.OPEN}


def test_a_user_who_may_write_his_own_policies_is_found():
    mine = document({"Effect": "Allow", "Action": "iam:*", "Resource": arn("${aws:username}", "user")})
    found = ways(account(principals=(person("own", mine),)), arn("own", "user"))

    assert found == {"iam:PutUserPolicy": Sureness.OPEN, "iam:AttachUserPolicy": Sureness.OPEN}


def passing(*actions, service="ec2.amazonaws.com", trust=None, **condition):
    reader = role("Reader", FETCHING, trust=trust or service_trust(service))
    passes = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": reader.arn, **condition}
    starts = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}] if actions else []
    eve = person("eve", document(passes, *starts))
    return ways(account(principals=(reader, eve)), eve.arn, readers=(reader.arn,))


def test_who_may_run_something_as_a_reader_is_found():
    to_lambda = {"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}
    certainly = {"iam:PassRole": Sureness.OPEN}

    assert passing("ec2:RunInstances") == certainly
    assert passing("lambda:CreateFunction", service="lambda.amazonaws.com", **to_lambda) == certainly
    assert passing("ec2:RunInstances", **to_lambda) == {}
    assert passing("s3:ListBucket") == passing() == {}


def test_a_start_on_some_resources_or_of_a_service_that_is_not_known_is_in_doubt():
    reader = role("Reader", FETCHING)
    some = document(
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/i-1"},
    )
    eve = person("eve", some)
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    possible = {"iam:PassRole": Sureness.UNKNOWN}

    assert ways(account(principals=(reader, eve)), eve.arn, readers=(reader.arn,)) == possible
    assert passing(service="odd.amazonaws.com") == possible
    assert passing("ec2:RunInstances", **mfa) == possible
    assert passing("ec2:RunInstances", service="odd.amazonaws.com", Resource="x:x:x:x:x:x") == {}


def test_a_trust_policy_that_is_none_names_no_service():
    assert passing("ec2:RunInstances", trust="{") == {}


MANAGEMENT = "210987654321"


def organized(*, bucket_policy="", **guardrails):
    boss = Principal(arn=f"arn:aws:iam::{MANAGEMENT}:role/Boss", kind=PrincipalKind.ROLE, shared=("all",))
    root = Principal(arn=f"arn:aws:iam::{MANAGEMENT}:root", kind=PrincipalKind.ROOT)
    above = Inventory(
        account=MANAGEMENT,
        principals=(boss, root),
        shared=(NamedPolicy(name="all", document=EVERYTHING),),
    )
    snapshot = account(bucket_policy=bucket_policy, **guardrails)
    organization = Organization(
        organization_id="o-a", management_account=MANAGEMENT, accounts=(ACCOUNT, MANAGEMENT)
    )
    snapshot = structs.replace(
        snapshot, organization=organization, inventories=(*snapshot.inventories, above)
    )
    return ways(snapshot, boss.arn), ways(snapshot, root.arn)


def test_the_management_account_may_take_away_policies_over_the_account():
    deny = ((NamedPolicy(name="P", document=DENY),),)
    boss, root = organized(service_control_policies=deny)

    assert set(boss) >= {"organizations:DetachPolicy", "organizations:UpdatePolicy"}
    assert "organizations:DetachPolicy" in root
    assert "organizations:DetachPolicy" in organized(resource_control_policies=deny)[0]
    assert "organizations:DetachPolicy" not in organized()[0]


def test_the_management_account_may_unlock_a_members_bucket():
    deny = bucket_says({"Effect": "Deny", "Principal": "*", "Action": "s3:*"})
    boss, root = organized(bucket_policy=deny)

    assert boss["sts:AssumeRoot"] is Sureness.UNKNOWN
    assert "sts:AssumeRoot" not in root
    assert "sts:AssumeRoot" not in organized()[0]


def test_an_account_with_too_many_kinds_of_callers_may_be_open(monkeypatch):
    monkeypatch.setattr(crowd, "MAX_CLASSES", 1)
    snapshot = account(key_says({"AWS": VENDOR}, "kms:Decrypt"))

    assert ways(snapshot, VENDOR)["kms:CreateGrant"] is Sureness.UNKNOWN


def test_a_policy_that_is_not_decided_leaves_ways_open_and_is_named():
    odd = '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Action": "*", "Resource": "*"}]}'
    limits = ((NamedPolicy(name="Limits", document=odd),),)
    bounded = structs.replace(person("b", odd, EVERYTHING), boundary=NamedPolicy(name="B", document=odd))
    snapshot = account(principals=(bounded,), service_control_policies=limits)
    target, estate = look(snapshot)
    found = find_changers(estate, target, population(estate, target), frozenset())[0]

    assert {str(u.policy) for u in found.undecided} == {"inline-1", "B", "Limits"}
    assert {w.sureness for w in found.ways} == {Sureness.UNKNOWN}


def test_a_reader_that_no_inventory_holds_is_passed_by_nobody():
    assert ways(account(), ADMIN, readers=("arn:aws:iam::210987654321:role/x",)).get("iam:PassRole") is None


def test_policies_that_are_none_start_nothing_for_certain():
    eve = person("eve", document({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}), "{")
    reader = role("Reader", FETCHING)

    assert ways(account(principals=(reader, eve)), eve.arn, readers=(reader.arn,))["iam:PassRole"] is (
        Sureness.UNKNOWN
    )
