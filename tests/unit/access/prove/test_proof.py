"""The proof over the story's policies and over what makes proofs hard."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from key_policies import ACCOUNT, OWN, TRAIL, console, policy, statement
from story_account import (
    ADMIN,
    ALICE,
    BUCKET,
    CONSOLE,
    EVERYTHING,
    FETCHING,
    KEY,
    PUBLISHED,
    ROLE1,
    ROOT_NARROWED,
    SESSION1,
    USER1,
    account,
    document,
    people,
    person,
)
from trailseal.access.evaluate import authorize
from trailseal.access.prove.proof import ProofVerdict, WorldAssumption, prove
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.model.bucket import PublicAccessBlock
from trailseal.model.key import UnreadKey
from trailseal.model.principal import NamedPolicy
from trailseal.model.unreadable import Unreadable
from trailseal.plan.restriction import restrict_by_grant, restrict_by_perimeter

PEOPLE = (ALICE, USER1, ADMIN, ROLE1, SESSION1)
CLOUDTRAIL = "cloudtrail.amazonaws.com"
FOREIGN = "arn:aws:iam::210987654321:role/Siem"


def proof(snapshot, *only, world=WorldAssumption.OPEN, sealed=True, **more):
    trail = snapshot.trails[0]
    key = KEY if sealed else ""
    estate, target = estate_of(snapshot, trail, kms_key=key), target_of(snapshot, trail, kms_key=key)
    return prove(estate, target, frozenset(only), world=world, **more)


def verdict(*arguments, **more):
    return proof(*arguments, **more).verdict


def open_bucket(snapshot, principal="*", **condition):
    text = policy(
        statement(
            "b", Principal=principal, Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*", **condition
        )
    )
    return structs.replace(snapshot, buckets=(structs.replace(snapshot.buckets[0], policy=text),))


@pytest.mark.parametrize("text", [CONSOLE, PUBLISHED], ids=["console", "published"])
@pytest.mark.parametrize("world", WorldAssumption)
def test_neither_the_consoles_policy_nor_its_published_restriction_keeps_others_out(text, world):
    found = proof(account(text), USER1, world=world)

    assert found.verdict is ProofVerdict.REFUTED
    assert found.principal != USER1


def test_a_refutation_is_a_request_that_is_allowed():
    found = proof(account(PUBLISHED), USER1)

    assert len(found.way_in) == 2
    for asked in found.way_in:
        assert authorize(asked.request, asked.policies, unknown_context="absent").is_allowed


def test_the_corrected_policy_holds_in_the_open_world():
    assert verdict(account(ROOT_NARROWED), USER1, SESSION1) is ProofVerdict.PROVEN
    assert verdict(account(ROOT_NARROWED), USER1) is ProofVerdict.REFUTED


def test_a_role_in_the_list_stands_for_its_sessions():
    assert verdict(account(ROOT_NARROWED), USER1, ROLE1) is ProofVerdict.PROVEN


def test_a_session_of_an_unknown_role_is_covered_by_its_role():
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Gone/S"
    text = policy(statement(Principal={"AWS": session}))

    assert verdict(account(text), f"arn:aws:iam::{ACCOUNT}:role/Gone") is ProofVerdict.PROVEN


@pytest.mark.parametrize("restrict", [restrict_by_grant, restrict_by_perimeter])
def test_both_restrictions_hold_in_the_open_world(restrict):
    assert verdict(account(restrict(CONSOLE, (USER1,), (TRAIL,))), USER1) is ProofVerdict.PROVEN


def test_a_perimeter_holds_against_grants_and_any_other_statement():
    wide = policy(statement(Principal="*", Action="kms:*"))
    snapshot = open_bucket(account(restrict_by_perimeter(wide, (USER1,), (TRAIL,))))

    assert verdict(snapshot, USER1, CLOUDTRAIL) is ProofVerdict.PROVEN
    assert proof(snapshot, USER1).principal == CLOUDTRAIL


def test_a_perimeter_around_one_session_keeps_its_siblings_out():
    text = restrict_by_perimeter(CONSOLE, (SESSION1,), (TRAIL,))

    assert verdict(account(text), SESSION1) is ProofVerdict.PROVEN


def test_a_delegation_holds_only_over_a_closed_inventory():
    snapshot = account(console(reader=USER1, cross=USER1))
    readers = (USER1, ADMIN, SESSION1, f"arn:aws:iam::{ACCOUNT}:root")

    assert verdict(snapshot, *readers, world=WorldAssumption.CLOSED) is ProofVerdict.PROVEN
    assert verdict(snapshot, *readers, world=WorldAssumption.OPEN) is ProofVerdict.REFUTED


def test_a_closed_inventory_finds_the_known_reader():
    assert proof(
        account(console(reader=USER1, cross=USER1)), USER1, world=WorldAssumption.CLOSED
    ).principal.endswith((":root", "Admin"))


def test_an_open_bucket_and_key_are_open_to_any_account():
    snapshot = open_bucket(account(policy(statement(Principal="*"))))
    found = proof(snapshot, *PEOPLE, f"arn:aws:iam::{ACCOUNT}:root", world=WorldAssumption.CLOSED)

    assert found.verdict is ProofVerdict.REFUTED
    assert ACCOUNT not in found.principal


def test_under_sse_s3_a_public_bucket_is_open_to_the_unsigned():
    snapshot = open_bucket(account(sealed=False))

    everybody = (*PEOPLE, f"arn:aws:iam::{ACCOUNT}:root")
    assert proof(snapshot, *everybody, sealed=False, world=WorldAssumption.CLOSED).principal == "anonymous"


def test_a_service_is_let_in_only_where_it_is_named():
    service = {"Service": "macie.amazonaws.com"}
    snapshot = open_bucket(account(policy(statement(Principal=service))), service)

    assert proof(snapshot).principal == "macie.amazonaws.com"
    assert verdict(snapshot, "macie.amazonaws.com") is ProofVerdict.PROVEN


def test_a_grant_for_somebody_else_refutes():
    from trailseal.model.key import Grant

    grant = Grant(grant_id="g", grantee_principal=ALICE, operations=("Decrypt",))
    snapshot = account(restrict_by_grant(CONSOLE, (USER1,), (TRAIL,)), grants=(grant,))

    assert proof(snapshot, USER1, world=WorldAssumption.CLOSED).principal == ALICE


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({"grantee_principal": "rds.amazonaws.com"}, ProofVerdict.UNKNOWN),
        ({"grantee_principal": "rds.cn-north-1.amazonaws.com.cn"}, ProofVerdict.UNKNOWN),
        (
            {
                "grantee_principal": "rds.amazonaws.com",
                "encryption_context_subset": {"aws:rds:db-id": "db-1"},
            },
            ProofVerdict.PROVEN,
        ),
        ({"grantee_principal": "rds.amazonaws.com", "source_arn": "arn:aws:rds:x"}, ProofVerdict.PROVEN),
        (
            {"grantee_principal": "rds.amazonaws.com", "grantee_service_principal": "rds.amazonaws.com"},
            ProofVerdict.PROVEN,
        ),
    ],
)
def test_a_service_that_a_grant_lists_may_stand_for_anybody(listed, expected):
    from trailseal.model.key import Grant

    grant = Grant(grant_id="g", operations=("Decrypt",), **listed)
    snapshot = account(restrict_by_grant(CONSOLE, (USER1,), (TRAIL,)), grants=(grant,))

    assert verdict(snapshot, USER1, "rds.amazonaws.com") is expected


def test_what_chance_decides_is_tried_both_ways():
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, **OWN}
    text = policy(statement("office", Principal="*", Condition=office))
    found = proof(account(text), USER1)

    assert found.verdict is ProofVerdict.REFUTED
    assert any(
        value.startswith("192.0.2.")
        for a in found.way_in
        for value in a.request.context.get("aws:sourceip", ())
    )


def test_conditions_that_exclude_each_other_open_nothing():
    both = {"StringEquals": {"aws:PrincipalTag/team": "a"}, "StringNotEquals": {"aws:PrincipalTag/team": "a"}}

    assert verdict(account(policy(statement(Principal="*", Condition=both)))) is ProofVerdict.PROVEN


def test_contradicting_contexts_of_the_two_calls_are_no_way_in_and_no_proof():
    team = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    other = {"StringEquals": {"aws:PrincipalTag/team": "b"}}
    snapshot = open_bucket(
        account(policy(statement(Principal="*", Condition=team)), principals=()), Condition=other
    )
    outside = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    snapshot = structs.replace(
        snapshot,
        keys=(
            structs.replace(
                snapshot.keys[0],
                policies=structs.replace(
                    snapshot.keys[0].policies,
                    default=policy(statement(Principal="*", Condition={**team, **outside})),
                ),
            ),
        ),
    )

    assert verdict(snapshot) is ProofVerdict.UNKNOWN


def test_a_pattern_on_the_arn_is_found_a_witness():
    like = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ops/*-reader"}}
    found = proof(account(policy(statement(Principal="*", Condition=like))), USER1)

    assert found.verdict is ProofVerdict.REFUTED
    assert found.principal.startswith(f"arn:aws:iam::{ACCOUNT}:role/ops/")
    assert found.principal.endswith("-reader")


def test_accounts_are_told_apart_by_pattern():
    like = {"StringLike": {"aws:PrincipalAccount": "99*"}}
    snapshot = open_bucket(account(policy(statement(Principal="*", Condition=like))))

    assert proof(snapshot).principal.split(":")[4].startswith("99")


def test_objects_are_told_apart_by_resource():
    only_2025 = document(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/*/2025/*"}
    )
    pinned = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{BUCKET}/AWSLogs/*/2026/*"}}
    readers = (person("bob", only_2025),)
    text = policy(
        statement(
            "pinned",
            Principal="*",
            Condition={**OWN, "StringLike": {**OWN["StringLike"], **pinned["StringLike"]}},
        )
    )
    found = proof(account(text, principals=readers), world=WorldAssumption.CLOSED)

    assert found.verdict is ProofVerdict.REFUTED
    assert "/2025/" in found.way_in[0].request.resource
    assert "/2026/" in found.way_in[0].request.resource


def test_objects_that_no_policy_joins_prove_the_absence():
    elsewhere = document(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/other/*"}
    )

    assert (
        verdict(account(principals=(person("bob", elsewhere),)), world=WorldAssumption.CLOSED)
        is ProofVerdict.PROVEN
    )


def test_an_object_is_fetched_by_its_version_in_any_bucket():
    versions = document({"Effect": "Allow", "Action": "s3:GetObjectVersion", "Resource": "*"})
    snapshot = account(principals=(person("bob", versions),))
    versioned = structs.replace(
        snapshot, buckets=(structs.replace(snapshot.buckets[0], versioning="Enabled"),)
    )

    assert verdict(snapshot, world=WorldAssumption.CLOSED) is ProofVerdict.REFUTED
    assert verdict(versioned, world=WorldAssumption.CLOSED) is ProofVerdict.REFUTED


def test_equal_known_principals_are_decided_once():
    few = proof(
        account(ROOT_NARROWED, principals=tuple(person(f"u{n}", FETCHING) for n in range(3))), USER1, SESSION1
    )
    many = proof(
        account(ROOT_NARROWED, principals=tuple(person(f"u{n}", FETCHING) for n in range(90))),
        USER1,
        SESSION1,
    )

    assert few.verdict is many.verdict is ProofVerdict.PROVEN
    assert few.kinds == many.kinds


def test_a_boundary_of_a_known_principal_is_looked_at():
    boundary = NamedPolicy(
        name="b",
        document=document(
            {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ),
    )
    bounded = structs.replace(person("bob", EVERYTHING), boundary=boundary)
    snapshot = account(console(reader=USER1, cross=USER1), principals=(bounded,))

    assert proof(snapshot, USER1, world=WorldAssumption.CLOSED).principal == bounded.arn


def test_guardrails_hold_for_principals_that_do_not_exist_yet():
    deny = document(
        {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    )
    scp = ((NamedPolicy(name="scp", document=deny),),)

    found = proof(account(service_control_policies=scp))
    assert found.verdict is ProofVerdict.UNKNOWN
    assert "service-linked role" in str(found.why)
    assert verdict(account(service_control_policies=scp), world=WorldAssumption.CLOSED) is ProofVerdict.PROVEN


@pytest.mark.parametrize("resource", ["arn:aws:kms:*", KEY, "arn:aws:kms:*{end}", "arn:aws?kms?{rest}"])
def test_a_denial_is_no_proof_where_its_wildcards_have_to_pass_a_colon(resource):
    named = resource.format(end=KEY[-6:], rest=KEY.split(":", 3)[3])
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": named}
    snapshot = open_bucket(account(policy(statement(Principal="*"), deny)))

    expected = ProofVerdict.UNKNOWN if "{" in resource else ProofVerdict.PROVEN
    assert verdict(snapshot) is expected


def test_a_policy_variable_on_the_key_ends_in_unknown():
    own = {**OWN["StringEquals"], "aws:PrincipalTag/team": "${aws:username}"}
    condition = {**OWN, "StringEquals": own}
    found = proof(account(policy(statement(Principal="*", Condition=condition)), principals=()))

    assert found.verdict is ProofVerdict.UNKNOWN
    assert str(found.why).endswith(
        "key policy, statement S: StringEquals aws:PrincipalTag/team ['${aws:username}']"
    )


def test_a_policy_variable_in_a_resource_of_ones_own_ends_in_unknown():
    own = document({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*${aws:SourceIp}*"})
    found = proof(account(CONSOLE, principals=(person("bob", own),)), world=WorldAssumption.CLOSED)

    assert found.verdict is ProofVerdict.UNKNOWN
    assert str(found.why).endswith("bob: inline-1, statement #1: Resource ['arn:aws:s3:::*${aws:SourceIp}*']")


def test_a_spent_budget_ends_in_unknown():
    assert verdict(account(ROOT_NARROWED), USER1, bound=3) is ProofVerdict.UNKNOWN


def test_an_invalid_policy_ends_in_unknown():
    found = proof(account(policy(statement(Effect="Alow"))), USER1)

    assert found.verdict is ProofVerdict.UNKNOWN
    assert "key policy, statement Statement[0].Effect" in str(found.why)


def test_a_wildcard_bomb_ends_in_an_answer():
    bombs = [f"*{a}*{b}*{a}*{b}*" for a in "abcdefgh" for b in "ijklmnop"]
    text = policy(statement(Principal="*", Condition={"StringLike": {"aws:userid": bombs}}))

    assert verdict(account(text), USER1) in {ProofVerdict.UNKNOWN, ProofVerdict.REFUTED}


def test_what_was_not_read_ends_in_unknown():
    refused = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
    unread = structs.replace(account(), keys=(UnreadKey(arn=KEY, reason=refused),))
    uninventoried = structs.replace(account(), inventories=())

    assert str(proof(unread).why) == "kms:GetKeyPolicy was refused (AccessDenied)"
    assert verdict(uninventoried, world=WorldAssumption.CLOSED) is ProofVerdict.UNKNOWN
    assert verdict(uninventoried, world=WorldAssumption.OPEN) is ProofVerdict.REFUTED


def test_a_foreign_reader_in_the_list_is_no_refutation():
    both = {"AWS": FOREIGN}
    snapshot = open_bucket(account(policy(statement(Principal=both)), principals=()), both)

    assert proof(snapshot, world=WorldAssumption.CLOSED).principal == FOREIGN
    assert verdict(snapshot, FOREIGN, world=WorldAssumption.CLOSED) is ProofVerdict.PROVEN


def test_principals_of_odd_kinds_are_passed_over():
    gone = {"AWS": ["AIDAEXAMPLE", "AROAEXAMPLE"]}
    group = {"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}

    assert verdict(account(policy(statement(Principal=gone)))) is ProofVerdict.PROVEN
    assert verdict(account(policy(statement(Principal=group)))) is ProofVerdict.UNKNOWN
    assert json.loads(FETCHING)["Statement"]
    assert people()


def test_a_key_that_only_one_call_leaves_open_is_set_there_alone():
    tagged = {"StringEquals": {"aws:PrincipalTag/a": "b"}, "NumericGreaterThan": {"s3:TlsVersion": "1.25"}}
    condition = {"StringEquals": {"aws:PrincipalTag/a": "b"}}
    snapshot = open_bucket(account(policy(statement(Principal="*", Condition=condition))), Condition=tagged)
    found = proof(snapshot, *PEOPLE, f"arn:aws:iam::{ACCOUNT}:root", world=WorldAssumption.CLOSED)

    assert found.verdict is ProofVerdict.REFUTED
    assert all("aws:principaltag/a" in asked.request.context for asked in found.way_in)


def test_a_listed_reader_is_no_witness_for_the_others_of_its_kind():
    like = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    snapshot = account(
        policy(statement(Principal=root, Condition=like)), principals=(person("b"), person("c"))
    )

    for only in ("a", "b", "u", "user"):
        assert verdict(snapshot, f"arn:aws:iam::{ACCOUNT}:user/{only}") is ProofVerdict.REFUTED


def test_block_public_access_counts_in_the_proof():
    people_only = {"StringLike": {"aws:PrincipalArn": "*"}}
    snapshot = open_bucket(account(policy(statement(Principal="*", Condition=people_only)), principals=()))
    block = PublicAccessBlock(restrict_public_buckets=True)
    shut = structs.replace(snapshot.buckets[0], public_access_block=block, policy_is_public=True)

    assert verdict(snapshot, world=WorldAssumption.CLOSED) is ProofVerdict.REFUTED
    assert (
        verdict(structs.replace(snapshot, buckets=(shut,)), world=WorldAssumption.CLOSED)
        is ProofVerdict.PROVEN
    )


def test_a_contradiction_about_block_public_access_is_neither_proven_nor_refuted():
    people_only = {"StringLike": {"aws:PrincipalArn": "*"}}
    snapshot = open_bucket(account(policy(statement(Principal="*", Condition=people_only)), principals=()))
    block = PublicAccessBlock(restrict_public_buckets=True)
    doubted = structs.replace(snapshot.buckets[0], public_access_block=block, policy_is_public=False)
    found = proof(structs.replace(snapshot, buckets=(doubted,)), world=WorldAssumption.CLOSED)

    assert found.verdict is ProofVerdict.UNKNOWN
    assert "bucket policy: S3's policy status says that the policy is not public" in str(found.why)


@pytest.mark.parametrize("resource", ["arn", "arn:aws", "arn:aws:s3", "arn:aws:s3:", "arn:aws:s3::"])
def test_a_policy_that_names_a_resource_by_its_first_segments_may_open_it(resource):
    may = {"Effect": "Allow", "Action": "s3:GetObject*", "Resource": resource}
    keyed = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    snapshot = account(console(), principals=(person("mallory", document(may, keyed)),))

    assert verdict(snapshot, world=WorldAssumption.CLOSED) is ProofVerdict.UNKNOWN
