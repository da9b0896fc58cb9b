"""The second look, and the callers that only a proof asks."""

from __future__ import annotations

from msgspec import structs

from key_policies import ACCOUNT, policy, statement
from story_account import ALICE, BUCKET, CONSOLE, KEY, ROLE1, SESSION1, USER1, account, document, person
from trailseal.access.prove.proof import ProofVerdict, WorldAssumption, prove
from trailseal.access.prove.second_look import second_look
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.log_object import LogObject
from trailseal.model.key import Grant
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.plan.restriction import restrict_by_perimeter

VENDOR = "444455556666"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def situation(snapshot: Snapshot, *, sealed: bool = True) -> tuple[Estate, LogObject]:
    key = KEY if sealed else ""
    trail = snapshot.trails[0]
    return estate_of(snapshot, trail, kms_key=key), target_of(snapshot, trail, kms_key=key)


def look(snapshot, *only, world=WorldAssumption.OPEN, **more):
    return list(second_look(*situation(snapshot, **more), world, frozenset(only)))


def proof(snapshot, *only, world=WorldAssumption.OPEN, sealed=True, **more):
    return prove(*situation(snapshot, sealed=sealed), frozenset(only), world=world, **more)


def with_bucket(snapshot, *statements):
    text = policy(*statements)
    return structs.replace(snapshot, buckets=(structs.replace(snapshot.buckets[0], policy=text),))


def fetching(principal="*", **more):
    given = {"Principal": principal, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    return statement("b", **{**given, **more})


def test_whom_who_lets_in_is_a_way_in_with_concrete_requests():
    found = look(account(CONSOLE), USER1, world=WorldAssumption.CLOSED)
    alice = next(each.way for each in found if each.way and each.way.principal == ALICE)

    assert [asked.request.action for asked in alice.requests] == ["s3:GetObject", "kms:Decrypt"]
    assert all(isinstance(v, tuple) for asked in alice.requests for v in asked.request.context.values())


def test_under_sse_s3_fetching_is_the_whole_way():
    found = look(with_bucket(account(sealed=False), fetching()), sealed=False)

    assert any(each.way and len(each.way.requests) == 1 for each in found)


def test_whom_who_cannot_decide_on_is_told_with_the_condition():
    tagged = {"StringEquals": {"aws:PrincipalTag/a": "b"}}
    open_to_all = with_bucket(account(policy(statement(Principal="*", Condition=tagged))), fetching())
    found = look(open_to_all)

    assert any("aws:PrincipalTag/a" in str(each.form) for each in found)


def test_everybody_at_once_by_version_too_is_told_without_requests():
    only_old = fetching(Action="s3:GetObjectVersion")
    found = look(with_bucket(account(policy(statement(Principal="*"))), only_old))

    assert [str(each.form) for each in found if not each.way] == ["* can read"]


def test_a_role_with_a_listed_session_is_asked_as_another_of_its_sessions():
    text = restrict_by_perimeter(CONSOLE, (SESSION1,), ())

    assert not [f for f in look(account(text), SESSION1) if ROLE1 in str(f.form)]


def test_nobody_who_does_not_exist_counts_over_a_closed_inventory():
    gone = f"arn:aws:iam::{ACCOUNT}:user/gone"
    snapshot = with_bucket(account(policy(statement(Principal={"AWS": gone}))), fetching({"AWS": gone}))

    assert not [f for f in look(snapshot, world=WorldAssumption.CLOSED) if f.way and f.way.principal == gone]
    assert proof(snapshot, world=WorldAssumption.CLOSED).verdict is ProofVerdict.PROVEN
    assert proof(snapshot).principal == gone


def test_a_grantee_outside_the_inventory_is_asked():
    vendor = f"arn:aws:iam::{VENDOR}:user/vendor"
    grant = Grant(grant_id="g", grantee_principal=vendor, operations=("Decrypt",))
    snapshot = with_bucket(
        account(policy(), grants=(grant,)), fetching({"AWS": f"arn:aws:iam::{VENDOR}:root"})
    )

    assert proof(snapshot).principal == vendor


def test_a_principal_that_lives_and_is_named_by_its_id_reads():
    bob = structs.replace(person("bob"), principal_id="AIDABOB")
    key = policy(statement(Principal={"AWS": "AIDABOB"}))
    snapshot = with_bucket(account(key, principals=(bob,)), fetching({"AWS": bob.arn}))
    found = proof(snapshot)

    assert (found.verdict, found.principal) == (ProofVerdict.REFUTED, bob.arn)


def test_a_federated_user_is_made_by_a_user_who_may():
    auditor = f"arn:aws:sts::{ACCOUNT}:federated-user/auditor"
    may = {"Effect": "Allow", "Action": ["s3:*", "sts:GetFederationToken"], "Resource": "*"}
    snapshot = account(
        policy(statement(Principal={"AWS": auditor})), principals=(person("zed", document(may)),)
    )
    zed = f"arn:aws:iam::{ACCOUNT}:user/zed"

    assert proof(snapshot, world=WorldAssumption.CLOSED).principal == auditor
    assert proof(snapshot, zed, world=WorldAssumption.CLOSED).verdict is ProofVerdict.PROVEN
    nobody = structs.replace(snapshot, inventories=account(principals=(person("zed"),)).inventories)
    assert proof(nobody, world=WorldAssumption.CLOSED).verdict is ProofVerdict.PROVEN


def test_who_might_make_a_federated_user_does_not_refute_for_certain():
    auditor = f"arn:aws:sts::{ACCOUNT}:federated-user/auditor"
    may = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    maybe = {
        "Effect": "Allow",
        "Action": "sts:GetFederationToken",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/a": "b", "aws:PrincipalTag/t": "x"}},
    }
    zed = person("zed", document(may, maybe))
    snapshot = account(policy(statement(Principal={"AWS": auditor})), principals=(zed,))
    found = proof(snapshot, world=WorldAssumption.CLOSED)

    assert found.verdict in {ProofVerdict.UNKNOWN, ProofVerdict.PROVEN}


def test_an_account_outside_a_known_organization_is_not_in_it():
    mine = {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}
    vendor = {"AWS": f"arn:aws:iam::{VENDOR}:root"}
    base = with_bucket(account(policy(statement(Principal=vendor, Condition=mine))), fetching(vendor))
    known = Organization(
        organization_id="o-a", management_account=ACCOUNT, accounts=(ACCOUNT, "111122223333")
    )
    outside = proof(structs.replace(base, organization=known), ALICE, USER1, ROOT)

    assert not outside.ways
    inside = structs.replace(known, accounts=(ACCOUNT, VENDOR))
    assert VENDOR in proof(structs.replace(base, organization=inside)).principal


def test_the_objects_pair_is_left_open_where_it_does_not_split_objects():
    pair = "kms:EncryptionContext:aws:s3:arn"
    odd = {"StringEquals": {"aws:PrincipalTag/place": f"${{{pair}}}"}}
    found = proof(with_bucket(account(policy(statement(Principal="*", Condition=odd))), fetching()))

    assert {way.sealing for way in found.ways} == {"under an S3 Bucket Key"}


def test_plain_http_fetches_what_no_key_seals():
    plain = fetching(Condition={"Bool": {"aws:SecureTransport": "false"}})

    found = proof(with_bucket(account(sealed=False), plain), sealed=False)
    way = next(way for way in found.ways if way.principal == "anonymous")
    assert found.sealing == way.sealing == "SSE-S3"
    assert way.requests[0].request.context["aws:securetransport"] == ("false",)


def test_a_way_that_nobody_can_take_is_told_as_such():
    without = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    bucket = fetching(Condition={**without, "NumericLessThan": {"aws:MultiFactorAuthAge": "9"}})
    snapshot = account(policy(statement(Principal="*")), principals=())
    found = proof(with_bucket(snapshot, bucket), world=WorldAssumption.CLOSED)

    assert found.verdict is ProofVerdict.UNKNOWN
    assert "MFA" in str(found.why)


def test_a_grant_that_is_not_decided_is_told_with_what_is_open_in_it():
    grants = (
        Grant(grant_id="g1", grantee_principal=ALICE, operations=("Decrypt",), encryption_context_equals={}),
    )
    found = proof(with_bucket(account(policy(), grants=grants), fetching()), world=WorldAssumption.CLOSED)

    assert str(found.why) == f"{ALICE}: (grant g1: the encryption context fits)"
