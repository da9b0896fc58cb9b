"""Everybody's access: named or not, known or not, under every encryption, with what could not be read."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from key_policies import ACCOUNT, CONTEXT, OWN, TRAIL, console, policy, statement
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
    ROOT,
    SESSION1,
    USER1,
    account,
    document,
    people,
    person,
)
from trailseal.access.decision import Effect
from trailseal.access.facts import OneOf
from trailseal.access.readers.from_snapshot import estate_of, new_key_arn, stored_target, target_of
from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import fetch
from trailseal.access.readers.reading import Access, read_all
from trailseal.access.readers.scope import Openness, stand
from trailseal.access.readers.subject import Knowledge
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.model.bucket import PublicAccessBlock, UnreadBucket
from trailseal.model.key import Grant, KeyPolicies, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory, NamedPolicy
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.unreadable import Unreadable

REFUSED = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
SHUT = PublicAccessBlock(restrict_public_buckets=True)
Block = PublicAccessBlock | Unreadable | None
ELSEWHERE = "arn:aws:iam::210987654321:role/Siem"
OTHER_ACCOUNT = "arn:aws:iam::210987654321:root"


def bucket_policy(principal, action="s3:GetObject"):
    return policy(statement("in", Principal=principal, Action=action, Resource=f"arn:aws:s3:::{BUCKET}/*"))


def look(snapshot, *, sealed=True):
    trail = snapshot.trails[0]
    key = KEY if sealed else ""
    target, estate = target_of(snapshot, trail, kms_key=key), estate_of(snapshot, trail, kms_key=key)
    return target, estate, read_all(estate, target, population(estate, target))


def access(snapshot, **more):
    return {r.principal: r.access for r in look(snapshot, **more)[2]}


def test_under_sse_s3_only_s3_is_asked():
    target, _, readings = look(account(sealed=False), sealed=False)

    assert target.sealing is Sealing.SSE_S3
    assert {r.access for r in readings} == {Access.READ}
    assert all(r.decrypt is None for r in readings)


def test_a_user_without_any_permission_under_sse_s3_can_not_read():
    snapshot = account(sealed=False, principals=(*people(), person("nobody")))

    assert access(snapshot, sealed=False)[f"arn:aws:iam::{ACCOUNT}:user/nobody"] is Access.NONE


def test_an_unknown_condition_makes_the_reader_unknown_with_its_condition():
    office = document(
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "kms:Decrypt"],
            "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        }
    )
    snapshot = account(PUBLISHED, principals=(person("bob", office),))
    bob = look(snapshot)[2][0]

    assert bob.access is Access.UNKNOWN
    assert any("aws:SourceIp" in condition for condition in bob.conditions)
    assert access(account(sealed=False, principals=(person("bob", office),)), sealed=False) == {
        f"arn:aws:iam::{ACCOUNT}:user/bob": Access.UNKNOWN
    }


def test_who_may_only_decrypt_is_told_apart():
    snapshot = account(
        principals=(person("keys", document({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})),)
    )

    assert access(snapshot)[f"arn:aws:iam::{ACCOUNT}:user/keys"] is Access.DECRYPT_ONLY


def test_a_policy_that_is_attached_and_was_not_delivered_is_no_denial():
    snapshot = account(
        console(reader=USER1, cross=USER1), principals=(structs.replace(person("x"), shared=("gone",)),)
    )

    assert access(snapshot)[f"arn:aws:iam::{ACCOUNT}:user/x"] is Access.UNKNOWN


def test_somebody_in_another_account_depends_on_that_account():
    both = {"AWS": [ELSEWHERE, OTHER_ACCOUNT]}
    snapshot = account(policy(statement(Principal=both)), bucket_policy=bucket_policy(both))
    found = {r.principal: r for r in look(snapshot)[2]}

    assert found[ELSEWHERE].access is Access.UNKNOWN
    assert found[ELSEWHERE].knowledge is Knowledge.NOT_READ
    assert "210987654321" in str(found[ELSEWHERE].conditions[0])
    assert found[OTHER_ACCOUNT].kind is SubjectKind.ACCOUNT


def test_any_account_is_taken_at_its_worst():
    snapshot = account(policy(statement(Principal="*")), bucket_policy=bucket_policy("*"))
    found = access(snapshot)

    assert found["*"] is Access.READ
    assert found["anonymous"] is Access.FETCH_ONLY
    assert stand(*(look(snapshot)[i] for i in (1, 0, 2))).scope is Openness.WORLD


def test_a_principal_that_was_deleted_is_told_as_missing():
    gone = f"arn:aws:iam::{ACCOUNT}:user/gone"
    found = {r.principal: r for r in look(account(policy(statement(Principal={"AWS": gone}))))[2]}

    assert found[gone].knowledge is Knowledge.MISSING


def test_a_session_of_a_role_that_was_deleted_is_missing_too():
    gone = f"arn:aws:sts::{ACCOUNT}:assumed-role/Gone/S"

    assert gone in access(account(policy(statement(Principal={"AWS": gone}))))


def test_principals_that_sign_no_requests_are_left_out():
    odd = {"AWS": ["AIDAEXAMPLE", f"arn:aws:iam::{ACCOUNT}:group/g"], "Federated": "accounts.google.com"}
    found = access(account(policy(statement(Principal=odd))))

    assert not {"AIDAEXAMPLE", f"arn:aws:iam::{ACCOUNT}:group/g", "accounts.google.com"} & set(found)


def test_a_grant_lets_in_its_grantee():
    grant = Grant(grant_id="g", grantee_principal=ALICE, operations=("Decrypt",))
    service = Grant(
        grant_id="s", grantee_principal="macie.amazonaws.com", operations=("Decrypt",), source_arn="arn:x"
    )
    found = access(account(console(reader=USER1, cross=USER1), grants=(grant, service)))

    assert found[ALICE] is Access.READ
    assert "macie.amazonaws.com" in found


def test_a_grant_holds_only_for_its_context():
    own = Grant(
        grant_id="g",
        grantee_principal=ALICE,
        operations=("Decrypt",),
        encryption_context_subset={"aws:cloudtrail:arn": TRAIL},
    )
    other = structs.replace(own, encryption_context_subset={}, encryption_context_equals={"a": "b"})
    text = console(reader=USER1, cross=USER1)

    assert access(account(text, grants=(own,)))[ALICE] is Access.READ
    assert access(account(text, grants=(other,)))[ALICE] is Access.FETCH_ONLY


def test_copies_answer_differently():
    found = {r.principal: r for r in look(account())[2]}

    assert found[ALICE].elsewhere == {
        Sealing.COPIED.value: Access.FETCH_ONLY,
        Sealing.COPIED_BUCKET_KEY.value: Access.FETCH_ONLY,
    }
    assert found[ADMIN].elsewhere == {}


def test_a_policy_pinned_to_objects_does_not_open_bucket_keys():
    pinned = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{BUCKET}/*"}}
    text = policy(statement(Principal={"AWS": ALICE}, Condition=pinned))
    found = {r.principal: r for r in look(account(text))[2]}

    assert found[ALICE].access is Access.READ
    assert found[ALICE].elsewhere == {
        Sealing.BUCKET_KEY.value: Access.FETCH_ONLY,
        Sealing.COPIED_BUCKET_KEY.value: Access.FETCH_ONLY,
    }


def test_the_bucket_key_of_the_bucket_is_taken_into_account():
    assert look(account(bucket_key=True))[0].sealing is Sealing.BUCKET_KEY


@pytest.mark.parametrize("role_first", [True, False])
def test_the_named_session_reads_and_its_siblings_do_not(role_first):
    order = {"AWS": [SESSION1, USER1] if role_first else [USER1, SESSION1]}
    found = access(account(policy(statement(Principal=order))))

    assert (found[SESSION1], found[ROLE1]) == (Access.READ, Access.FETCH_ONLY)


def test_equal_principals_are_decided_alike_and_named_ones_alone():
    many = (*(person(f"u{n}", FETCHING) for n in range(50)), person("more", FETCHING, document()))
    found = access(account(policy(statement(Principal={"AWS": many[7].arn})), principals=many))

    assert [arn for arn, a in found.items() if a is Access.READ] == [many[7].arn]


def test_a_condition_on_the_arn_tells_equal_principals_apart():
    arns = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/log-*"}}
    text = policy(
        statement(Principal="*", Condition={**arns, "StringEquals": {"kms:CallerAccount": ACCOUNT}})
    )
    found = access(account(text, principals=(person("log-a", FETCHING), person("b", FETCHING))))

    assert found[f"arn:aws:iam::{ACCOUNT}:user/log-a"] is Access.READ
    assert found[f"arn:aws:iam::{ACCOUNT}:user/b"] is Access.FETCH_ONLY


def test_a_tag_tells_equal_principals_apart():
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "audit", "kms:CallerAccount": ACCOUNT}}
    text = policy(statement(Principal="*", Condition=tagged))
    snapshot = account(
        text,
        principals=(person("a", FETCHING, tags={"team": "audit"}), person("b", FETCHING, tags={"team": "x"})),
    )

    assert list(access(snapshot).values())[:2] == [Access.READ, Access.FETCH_ONLY]


def test_a_boundary_limits_what_iam_allows():
    boundary = NamedPolicy(
        name="b", document=document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    )
    bounded = structs.replace(person("x", EVERYTHING), boundary=boundary)

    assert (
        access(account(console(reader=USER1, cross=USER1), principals=(bounded,)))[bounded.arn]
        is Access.FETCH_ONLY
    )


def test_guardrails_of_the_organization_count():
    deny = document(
        {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    )
    scp = ((NamedPolicy(name="scp", document=deny),),)
    rcp = (
        (
            NamedPolicy(
                name="rcp", document=deny.replace('"Effect": "Deny"', '"Effect": "Deny", "Principal": "*"')
            ),
        ),
    )

    assert access(account(service_control_policies=scp))[ALICE] is Access.FETCH_ONLY
    assert access(account(resource_control_policies=rcp))[ALICE] is Access.FETCH_ONLY


def test_the_organizations_members_carry_its_id():
    org = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    text = policy(statement(Principal="*", Condition={**org, "StringLike": OWN["StringLike"]}))
    member = structs.replace(
        account(text), organization=Organization(organization_id="o-1", management_account=ACCOUNT)
    )

    assert access(member)[ALICE] is Access.READ
    assert access(account(text))[ALICE] is Access.FETCH_ONLY
    assert access(structs.replace(account(text), organization=None))[ALICE] is Access.UNKNOWN


def test_what_could_not_be_read_makes_answers_unknown():
    snapshot = account()
    unread_key = structs.replace(snapshot, keys=(UnreadKey(arn=KEY, reason=REFUSED),))
    unread_bucket = structs.replace(snapshot, buckets=(UnreadBucket(name=BUCKET, reason=REFUSED),))
    nothing = structs.replace(snapshot, keys=(), buckets=())
    no_grants = structs.replace(snapshot, keys=(structs.replace(account(PUBLISHED).keys[0], grants=REFUSED),))

    assert access(unread_key)[ALICE] is Access.UNKNOWN
    assert stand(*(look(unread_key)[i] for i in (1, 0, 2))).scope is Openness.NOT_KNOWN
    assert access(unread_bucket)[ALICE] is Access.UNKNOWN
    assert access(nothing)[ALICE] is Access.UNKNOWN
    assert access(no_grants)[ALICE] is Access.READ


def test_unread_grants_leave_a_denial_open():
    key = structs.replace(account(console(reader=USER1, cross=USER1)).keys[0], grants=REFUSED)
    snapshot = structs.replace(account(), keys=(key,))

    assert access(snapshot)[ALICE] is Access.UNKNOWN


@pytest.mark.parametrize("versioning", ["Enabled", ""])
def test_asking_by_version_is_another_way_in(versioning):
    versions = document({"Effect": "Allow", "Action": "s3:GetObjectVersion", "Resource": "*"})
    snapshot = account(principals=(person("v", versions), person("u", FETCHING), person("n")))
    bucket = structs.replace(snapshot.buckets[0], versioning=versioning)
    target, estate, readings = look(structs.replace(snapshot, buckets=(bucket,)))

    assert [r.access for r in readings[:3]] == [Access.READ, Access.READ, Access.DECRYPT_ONLY]
    assert "only by version" in str(readings[0].fetch.reasons[0].detail)
    assert fetch(estate, target, population(estate, target)[2]).effect is Effect.IMPLICITLY_DENIED


def test_a_deny_of_plain_fetching_alone_is_no_wall():
    both = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
    plain = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    sure = person("sure", document(both, plain))
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    perhaps = person("perhaps", document({**both, **mfa}, plain))
    found = access(account(principals=(sure, perhaps)))

    assert (found[sure.arn], found[perhaps.arn]) == (Access.READ, Access.UNKNOWN)


def test_the_bar_counts_and_names():
    cases = {
        CONSOLE: (Openness.ACCOUNT, True),
        console(reader=USER1, cross=USER1): (Openness.IAM, False),
        policy(statement(Principal={"AWS": USER1})): (Openness.NAMED, False),
    }
    for text, (scope, everybody) in cases.items():
        target, estate, readings = look(account(text))
        standing = stand(estate, target, readings)
        assert (standing.scope, standing.everybody) == (scope, everybody)
    target, estate, readings = look(account(sealed=False), sealed=False)
    assert stand(estate, target, readings).scope is Openness.NO_KEY


def test_the_bar_names_who_delegates():
    target, estate, readings = look(account())

    assert stand(estate, target, readings).delegates == ("Enable IAM User Permissions",)


def stored(**change):
    base = {
        "bucket": BUCKET,
        "key": f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz",
        "size": 1,
        "last_modified": account().taken_at,
        "encryption": "aws:kms",
        "kms_key_id": KEY,
    }
    return StoredObject(**{**base, **change})


def test_a_stored_object_is_taken_as_what_it_is():
    snapshot = account()
    trail = snapshot.trails[0]

    assert stored_target(snapshot, trail, stored()).sealing is Sealing.DELIVERED
    assert stored_target(snapshot, trail, stored(bucket_key_enabled=True)).sealing is Sealing.BUCKET_KEY
    assert stored_target(snapshot, trail, stored(encryption="AES256")).sealing is Sealing.SSE_S3


def test_the_newest_log_file_stands_for_the_next():
    newest = stored(key=f"AWSLogs/{ACCOUNT}/a")
    deliveries = (Delivery(bucket=BUCKET, account=ACCOUNT, region="r", log_file=newest),)
    snapshot = structs.replace(account(), deliveries=deliveries)

    assert target_of(snapshot, snapshot.trails[0], kms_key=KEY).key == newest.key


def test_an_organizations_trail_delivers_under_its_id():
    trail = structs.replace(account().trails[0], is_organization_trail=True)
    organization = Organization(organization_id="o-abcdefghij", management_account=ACCOUNT)
    snapshot = structs.replace(account(), trails=(trail,), organization=organization)

    assert "AWSLogs/o-abcdefghij/" in target_of(snapshot, trail, kms_key=KEY).key


def test_a_key_to_be_made_stands_in_the_buckets_region():
    snapshot = structs.replace(account(), buckets=())

    assert new_key_arn(snapshot, snapshot.trails[0]).startswith(
        f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/0000"
    )


def test_which_domain_objects_in_china_come_through_is_not_told():
    target = structs.replace(look(account())[0], partition="aws-cn")

    assert target.decrypt_context()["kms:ViaService"] == OneOf(
        ("s3.ap-northeast-1.amazonaws.com", "s3.ap-northeast-1.amazonaws.com.cn")
    )
    assert structs.replace(target, kms_key="").key_account == ""
    assert structs.replace(target, kms_key="").key_region == ""


def test_what_a_shared_keys_second_policy_alone_would_allow_is_unknown():
    snapshot = account(policy(statement(Principal={"AWS": ROOT}, Action="kms:PutKeyPolicy")))
    shared = KeyPolicies(
        default=snapshot.keys[0].policies.default, aws_ram=policy(statement(Principal={"AWS": ALICE}))
    )
    keys = (structs.replace(snapshot.keys[0], policies=shared),)

    assert access(structs.replace(snapshot, keys=keys))[ALICE] is Access.UNKNOWN


def test_trusts_name_their_principals():
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": ELSEWHERE}, "Action": "sts:AssumeRole"}],
        }
    )
    snapshot = account(
        principals=(person("Siem", FETCHING, kind="role", trust=trust), person("Odd", kind="role", trust="{"))
    )

    assert ELSEWHERE in access(snapshot)


def test_no_inventory_still_answers_for_who_is_named():
    snapshot = structs.replace(account(console(reader=USER1)), inventories=())
    found = access(snapshot)

    assert USER1 in found
    assert isinstance(account().inventories[0], Inventory)


def test_another_accounts_inventory_decides_there():
    role = structs.replace(person("Siem", EVERYTHING, kind="role"), arn=ELSEWHERE)
    theirs = Inventory(account="210987654321", principals=(role,))
    both = {"AWS": ELSEWHERE}
    snapshot = account(
        policy(statement(Principal=both, Condition={"StringLike": {CONTEXT: "*"}})),
        bucket_policy=bucket_policy(both),
    )
    snapshot = structs.replace(snapshot, inventories=(*snapshot.inventories, theirs))

    assert access(snapshot)[ELSEWHERE] is Access.READ


def test_case_tells_arns_apart():
    like = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/Log-*"}}
    text = policy(
        statement(Principal="*", Condition={**like, "StringEquals": {"kms:CallerAccount": ACCOUNT}})
    )
    found = access(account(text, principals=(person("log-a", FETCHING), person("Log-b", FETCHING))))

    assert list(found.values())[:2] == [Access.FETCH_ONLY, Access.READ]


def test_a_session_is_known_by_its_roles_name_whatever_the_path():
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/me"
    readers = [person(f"{path}/Reader", EVERYTHING, kind="role") for path in ("a", "b")]
    named = policy(statement("in", Principal={"AWS": session}, Action="kms:Decrypt"))
    one, two = (look(account(named, principals=given))[2] for given in (readers[:1], readers))

    assert {r.principal: r.access for r in one}[session] is Access.READ
    assert {r.principal: r.knowledge for r in two}[session] is Knowledge.NOT_READ
    assert {r.principal: r.access for r in two}[session] is Access.UNKNOWN


def test_a_session_shows_its_name_in_its_user_id_though_the_roles_id_is_not_known():
    role = structs.replace(person("Role1", FETCHING, kind="role"), principal_id="")
    userid = {"StringLike": {"aws:userid": "*:User1"}}
    snapshot = account(policy(statement(Principal={"AWS": SESSION1}, Condition=userid)), principals=(role,))

    assert access(snapshot)[SESSION1] is Access.READ


def shut_bucket(snapshot: Snapshot, *, block: Block = SHUT, status: bool | Unreadable = True) -> Snapshot:
    bucket = structs.replace(snapshot.buckets[0], public_access_block=block, policy_is_public=status)
    return structs.replace(snapshot, buckets=(bucket,))


def test_block_public_access_shuts_a_public_policy_to_other_accounts():
    snapshot = account(policy(statement(Principal="*")), bucket_policy=bucket_policy("*"))
    found = access(shut_bucket(snapshot))

    assert (found["*"], found["anonymous"], found[ALICE]) == (Access.DECRYPT_ONLY, Access.NONE, Access.READ)
    assert access(shut_bucket(snapshot, block=PublicAccessBlock()))["*"] is Access.READ
    assert access(shut_bucket(snapshot, block=None))["*"] is Access.READ


@pytest.mark.parametrize(
    ("of_account", "expected"),
    [(SHUT, Access.DECRYPT_ONLY), (PublicAccessBlock(), Access.READ), (REFUSED, Access.UNKNOWN)],
    ids=["shut", "open", "not read"],
)
def test_the_accounts_block_public_access_counts_beside_the_buckets(of_account, expected):
    snapshot = account(policy(statement(Principal="*")), bucket_policy=bucket_policy("*"))
    open_bucket = shut_bucket(snapshot, block=None).buckets[0]
    bucket = structs.replace(open_bucket, account_block=of_account)

    assert access(structs.replace(snapshot, buckets=(bucket,)))["*"] is expected
    shut = structs.replace(bucket, public_access_block=SHUT)
    assert access(structs.replace(snapshot, buckets=(shut,)))["*"] is Access.DECRYPT_ONLY


def test_without_s3s_own_status_the_rule_alone_shuts_a_public_policy():
    snapshot = account(policy(statement(Principal="*")), bucket_policy=bucket_policy("*"))

    assert access(shut_bucket(snapshot, status=REFUSED))["*"] is Access.DECRYPT_ONLY


@pytest.mark.parametrize(
    ("principal", "block", "status"),
    [
        ("*", SHUT, False),
        ({"AWS": OTHER_ACCOUNT}, SHUT, True),
        ("*", REFUSED, True),
    ],
    ids=["public by the rule only", "public by S3's word only", "the setting was refused"],
)
def test_where_it_is_not_sure_that_a_policy_is_shut_other_accounts_are_unknown(principal, block, status):
    snapshot = account(policy(statement(Principal="*")), bucket_policy=bucket_policy(principal))
    found = access(shut_bucket(snapshot, block=block, status=status))

    assert found["*" if principal == "*" else OTHER_ACCOUNT] is Access.UNKNOWN
    assert found[ALICE] is Access.READ
