"""Questions about readers, from a snapshot to an answer: plans, suppositions, proofs, what was not read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from msgspec import structs

from key_policies import ACCOUNT, TRAIL, console, policy, statement
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
    document,
    people,
    person,
)
from story_account import delivering_account as account
from trailseal.access.evaluate import authorize
from trailseal.access.lines import answer_line
from trailseal.access.prove.proof import ProofVerdict, WorldAssumption
from trailseal.access.readers.chains import RoleChains
from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.reading import Access
from trailseal.access.readers.scope import Openness
from trailseal.access.request import Policies, Request
from trailseal.errors import Incomplete, UsageProblem
from trailseal.model.bucket import PublicAccessBlock, UnreadBucket
from trailseal.model.key import KeyPolicies, KeyState, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.principal import NamedPolicy
from trailseal.model.snapshot import Delivery
from trailseal.model.trail import UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.intent import Intent, WantedReaders
from trailseal.plan.readers import shape_readers
from trailseal.plan.reading import ReaderOutlook
from trailseal.run import who_assumptions
from trailseal.run.who_question import Question, SavedObjects, proof, readers

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REFUSED = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")


def ask(snapshot, **asked):
    return readers(snapshot, Question(**asked), SavedObjects(snapshot))


def access(answer):
    return {r.principal: r.access for r in answer.trails[0].readings}


def prove(snapshot, *only, **asked):
    answer = proof(snapshot, Question(only=only, **asked))
    return answer.trails[0], answer.exit_code


def test_one_trail_is_found_by_name_and_by_arn():
    assert ask(account(), trail="management-events").trails[0].trail == TRAIL
    assert ask(account(), trail=TRAIL).exit_code == 0


def test_an_unknown_trail_and_an_unknown_principal_are_usage_problems():
    for asked in ({"trail": "nope"}, {"principal": "arn:aws:iam::123456789012:user/nope"}):
        with pytest.raises(UsageProblem):
            ask(account(), **asked)


def test_one_principal_is_told_alone_and_the_bar_still_counts_all():
    answer = ask(account(), principal=ALICE)

    assert list(access(answer)) == [ALICE]
    assert answer.trails[0].standing.principals == 5


def test_another_key_policy_can_be_supposed():
    assert access(ask(account(), policy=ROOT_NARROWED))[ADMIN] is Access.FETCH_ONLY
    assert ask(account(sealed=False), policy=CONSOLE).trails[0].standing.scope is Openness.ACCOUNT
    with pytest.raises(UsageProblem):
        ask(account(), policy="{}")


def test_a_stored_object_is_asked_about_as_it_is():
    old = StoredObject(bucket=BUCKET, key="AWSLogs/old", size=1, last_modified=NOW, encryption="AES256")
    snapshot = structs.replace(
        account(ROOT_NARROWED), deliveries=(Delivery(bucket=BUCKET, account="1", region="r", log_file=old),)
    )

    assert ask(snapshot, key="AWSLogs/old").trails[0].target.sealing is Sealing.SSE_S3
    assert access(ask(snapshot, key="AWSLogs/old"))[ALICE] is Access.READ
    with pytest.raises(UsageProblem):
        ask(snapshot, key="AWSLogs/gone")


def made(snapshot, **intent):
    return build_plan(snapshot, Intent(**intent), made_at=NOW, shape=shape_readers({}))


def test_a_plan_that_makes_a_key_is_looked_into():
    snapshot = account(sealed=False)
    answer = ask(snapshot, plan=made(snapshot))

    assert access(answer)[ALICE] is Access.READ
    assert {i.outlook for i in answer.trails[0].impacts} == {ReaderOutlook.KEEPS}


def test_a_plan_that_only_changes_the_policy_is_looked_into():
    snapshot = account()
    everyone = WantedReaders(principals=(USER1, ALICE, ROLE1))
    plan = made(snapshot, trails=("management-events",), key=KEY, readers=everyone)
    answer = ask(snapshot, plan=plan, principal=ADMIN)

    assert access(answer) == {ADMIN: Access.FETCH_ONLY}
    assert [(i.principal, i.outlook) for i in answer.trails[0].impacts] == [(ADMIN, ReaderOutlook.SHUT_OUT)]
    assert prove(snapshot, USER1, ALICE, ROLE1, plan=plan)[1] == 0


def test_a_plan_that_was_made_without_readers_is_looked_into_all_the_same():
    snapshot = account(sealed=False)
    plan = structs.replace(made(snapshot), readers=())

    assert {i.outlook for i in ask(snapshot, plan=plan).trails[0].impacts} == {ReaderOutlook.KEEPS}


def test_a_plan_says_itself_what_becomes_of_readers_and_a_caveat_contradicts_it():
    snapshot = account(sealed=False)
    plan = made(snapshot, readers=WantedReaders(principals=(USER1,)), accept=("readers-lose-access",))
    lie = structs.replace(plan.readers[0], outlook=ReaderOutlook.KEEPS, after=Access.READ)
    twisted = structs.replace(plan, readers=(*(r for r in plan.readers if r.principal != lie.principal), lie))
    honest, false = ask(snapshot, plan=plan).trails[0], ask(snapshot, plan=twisted).trails[0]

    assert {ReaderOutlook.SHUT_OUT, ReaderOutlook.KEEPS} == {i.outlook for i in plan.readers}
    assert (honest.impacts, false.impacts) == (plan.readers, twisted.readers)
    contradicted = [str(c) for c in false.caveats if c not in honest.caveats]
    trail = snapshot.trails[0].arn
    assert contradicted == [
        f"{lie.principal} can no longer read {trail} afterwards, and the plan does not say so"
    ]


def test_a_plan_that_touches_another_trail_changes_nothing_here():
    snapshot = account(ROOT_NARROWED)
    answer = ask(snapshot, plan=made(account(sealed=False), trails=()))
    empty = ask(snapshot, plan=structs.replace(made(account(sealed=False)), steps=()))

    assert access(answer)[ALICE] is Access.READ
    assert access(empty)[ALICE] is Access.FETCH_ONLY
    assert empty.trails[0].impacts == ()


def caveats(snapshot):
    return " ".join(str(c) for c in ask(snapshot).trails[0].caveats)


def test_what_bears_on_the_answer_is_said():
    snapshot = account()
    disabled = structs.replace(snapshot, keys=(structs.replace(snapshot.keys[0], state=KeyState.DISABLED),))
    public = structs.replace(snapshot, buckets=(structs.replace(snapshot.buckets[0], acl_is_public=True),))

    assert "stay under SSE-S3" in caveats(snapshot)
    assert "Bucket Key" in caveats(account(bucket_key=True))
    assert ask(disabled).trails[0].standing.unusable == "Disabled"
    assert ask(snapshot).trails[0].standing.unusable == ""
    assert "ACL is public" in caveats(public)
    assert "could not be read" in caveats(account(guardrails=REFUSED))


def with_bucket(snapshot, **changed):
    return structs.replace(snapshot, buckets=(structs.replace(snapshot.buckets[0], **changed),))


def acls(snapshot):
    """What is said of ACLs, as notes and as caveats, and what a proof assumes of them."""
    trail = ask(snapshot).trails[0]
    assumed = prove(snapshot, USER1)[0].assumptions
    return [[str(m) for m in told if "ACL" in str(m)] for told in (trail.notes, trail.caveats, assumed)]


def test_disabled_acls_are_a_note_and_no_caveat():
    said, caveat, assumed = acls(with_bucket(account(), object_ownership="BucketOwnerEnforced"))

    assert said == ["ACLs are disabled on the bucket: policies alone decide who fetches"]
    assert caveat == assumed == []


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred", ""], ids=str)
def test_enabled_acls_are_a_caveat_and_an_assumption(ownership):
    said, caveat, assumed = acls(with_bucket(account(), object_ownership=ownership))

    assert said == []
    assert "ACLs are enabled" in caveat[0]
    assert len(assumed) == 1


@pytest.mark.parametrize(
    ("ownership", "rows", "proof"),
    [
        ("BucketOwnerEnforced", False, False),
        ("BucketOwnerPreferred", False, True),
        ("ObjectWriter", True, True),
        ("", True, True),
        (REFUSED, True, True),
    ],
    ids=str,
)
def test_where_a_log_file_may_be_another_accounts_it_is_said(ownership, rows, proof):
    snapshot = with_bucket(account(), object_ownership=ownership)
    told = [str(m) for m in ask(snapshot).trails[0].caveats if "whoever wrote it" in str(m)]
    assumed = [str(m) for m in prove(snapshot, USER1)[0].assumptions if "bucket's owner" in str(m)]

    assert (bool(told), bool(assumed)) == (rows, proof)


def test_acls_that_are_not_known_of_are_a_caveat_and_refused_ones_make_the_answer_incomplete():
    refused = with_bucket(account(), object_ownership=REFUSED)

    assert "is not known" in acls(account())[1][0]
    assert ask(account()).exit_code == 0
    assert "is not known" in acls(refused)[1][0]
    assert ask(refused).exit_code == 4


def test_a_bucket_policy_that_leaves_it_to_access_points_is_a_caveat():
    through = {
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "123456789012"}},
    }
    allowed, denied = (policy(statement(Effect=effect, **through)) for effect in ("Allow", "Deny"))

    assert "s3:DataAccessPointAccount" in caveats(account(bucket_policy=allowed))
    assert "access points" not in caveats(account(bucket_policy=denied))
    assert "access points" not in caveats(account(bucket_policy="{}"))


def test_a_reader_that_hands_out_access_grants_is_a_caveat():
    trust = policy(
        statement(Principal={"Service": "access-grants.s3.amazonaws.com"}, Action="sts:AssumeRole")
    )
    role = person("Grants", EVERYTHING, kind="role", trust=trust)

    assert f"{role.arn} reads for S3 Access Grants" in caveats(account(principals=(*people(), role)))
    assert "Access Grants" not in caveats(account())


def test_what_could_not_be_read_makes_the_answer_incomplete():
    snapshot = account()
    cases = (
        account(guardrails=REFUSED),
        structs.replace(snapshot, inventories=()),
        structs.replace(snapshot, inventories=(REFUSED,)),
        structs.replace(snapshot, keys=(UnreadKey(arn=KEY, reason=REFUSED),)),
        structs.replace(snapshot, buckets=(UnreadBucket(name=BUCKET, reason=REFUSED),)),
    )

    assert [ask(each).exit_code for each in cases] == [4] * len(cases)


def test_the_open_world_is_tried_first():
    shown, code = prove(account(ROOT_NARROWED), USER1, SESSION1)

    assert (shown.proof.verdict, shown.proof.world, code) == (ProofVerdict.PROVEN, WorldAssumption.OPEN, 0)
    assert any("open world" in str(a) for a in shown.assumptions)


def test_where_only_the_inventory_holds_the_open_world_stands_beside():
    root = "arn:aws:iam::123456789012:root"
    snapshot = account(console(reader=USER1, cross=USER1))
    shown, code = prove(snapshot, USER1, ADMIN, SESSION1, root)

    assert (shown.proof.world, code) == (WorldAssumption.CLOSED, 0)
    assert shown.outside is not None
    assert shown.outside.verdict is ProofVerdict.REFUTED
    assert prove(snapshot, USER1, ADMIN, SESSION1, root, open_world=True)[1] == 3


def test_a_refutation_is_written_as_lines_that_replay():
    shown, code = prove(account(PUBLISHED, service_control_policies=(), bucket_policy=""), USER1)

    assert code == 3
    for line in json.loads(json.dumps(shown.requests)):
        asked, given = line["request"], line["policies"]
        policies = Policies(
            identity=tuple(given["identity"]),
            session=tuple(given["session"]) if "session" in given else None,
            resource=given.get("resource"),
        )
        request = Request(
            principal=asked["principal"],
            action=asked["action"],
            resource=asked["resource"],
            resource_account=asked["resource_account"],
            context={k: tuple(v) for k, v in asked["context"].items()},
        )
        assert authorize(request, policies, unknown_context="absent").is_allowed


@pytest.mark.parametrize("block", [PublicAccessBlock(restrict_public_buckets=True), REFUSED])
def test_a_refutation_past_block_public_access_is_allowed_by_simulate(block):
    elsewhere = "arn:aws:iam::210987654321:role/Siem"
    root = {"AWS": "arn:aws:iam::210987654321:root"}
    to_all = policy(statement(Principal=root, Action="s3:*"))
    snapshot = with_bucket(
        account(policy(statement(Principal={"AWS": elsewhere}))), public_access_block=block
    )
    shown, code = prove(with_bucket(snapshot, policy=to_all), *(p.arn for p in people()))
    answers = [json.loads(answer_line(json.dumps(line).encode())) for line in shown.requests]

    assert (code, shown.proof.principal) == (3, elsewhere)
    assert shown.requests[0]["policies"]["public_access_block"] == {"RestrictPublicBuckets": True}
    assert [answer["effect"] for answer in answers] == ["allowed", "allowed"]


def test_a_setting_that_was_refused_counts_where_the_policy_may_be_public():
    public = with_bucket(account(), public_access_block=REFUSED, policy=policy(statement(Principal="*")))
    fixed = with_bucket(account(), public_access_block=REFUSED)
    broken = with_bucket(account(), public_access_block=REFUSED, policy="{}")

    assert [bool(ask(each).trails[0].unread) for each in (public, fixed, broken)] == [True, False, False]
    assert [ask(each).exit_code for each in (public, fixed, broken)] == [4, 0, 4]


def test_a_service_is_written_as_one():
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "macie.amazonaws.com"},
                    "Action": "*",
                    "Resource": "*",
                }
            ],
        }
    )
    shown, _ = prove(account(text, bucket_policy=text), *(ALICE, USER1), open_world=True)

    assert shown.requests[0]["request"]["principal"] == {"service": "macie.amazonaws.com"}


def test_what_is_no_principal_can_not_be_a_reader():
    with pytest.raises(UsageProblem):
        prove(account(), "user1")


def test_an_undecided_proof_exits_4():
    assert prove(structs.replace(account(), keys=(UnreadKey(arn=KEY, reason=REFUSED),)), USER1)[1] == 4


def test_under_sse_s3_no_grant_is_assumed():
    shown, code = prove(account(sealed=False), USER1)

    assert code == 3
    assert not any("grants" in str(a) for a in shown.assumptions)


def test_a_plan_of_another_account_is_a_usage_problem():
    snapshot = account(sealed=False)
    foreign = structs.replace(made(snapshot), account="210987654321")

    with pytest.raises(UsageProblem):
        ask(snapshot, plan=foreign)
    with pytest.raises(UsageProblem):
        prove(snapshot, USER1, plan=foreign)


UNTOLD = Unreadable(call="cloudtrail:GetTrail", code="AccessDeniedException", where="eu-central-1")
HIDDEN = UnreadTrail(
    arn="arn:aws:cloudtrail:eu-central-1:123456789012:trail/hidden",
    name="hidden",
    home_region="eu-central-1",
    reason=UNTOLD,
)


def test_a_trail_that_nobody_would_describe_makes_answer_and_proof_incomplete():
    seen = account(ROOT_NARROWED)
    beside = structs.replace(seen, trails=(*seen.trails, HIDDEN))
    everybody = ("arn:aws:iam::123456789012:root", USER1, ALICE, ROLE1, ADMIN, SESSION1)

    answer = ask(beside)

    assert (answer.unread, answer.exit_code, ask(seen).exit_code) == ((UNTOLD,), 4, 0)
    assert (prove(seen, *everybody)[1], prove(beside, *everybody)[1]) == (0, 4)
    assert ask(beside, trail="management-events").exit_code == 0


def test_a_trail_is_missing_only_where_everything_could_be_read():
    seen = account()
    unlisted = Unreadable(call="cloudtrail:ListTrails", code="AccessDeniedException", where="ap-northeast-1")

    for hidden, name in (
        (structs.replace(seen, trails=(HIDDEN,)), "hidden"),
        (structs.replace(seen, trails=(), unreadable=(unlisted,)), None),
        (structs.replace(seen, trails=(), unreadable=(unlisted,)), "nope"),
    ):
        with pytest.raises(Incomplete, match="AWS does not allow cloudtrail:"):
            ask(hidden, trail=name)


NO_POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": 7}]}'


MAYBE = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": 7, "Resource": "*"}]}'


def with_rcp(document):
    return account(resource_control_policies=((NamedPolicy(name="Perimeter", document=document),),))


def test_a_policy_that_can_not_be_decided_is_named_and_makes_the_answer_incomplete():
    answer = ask(with_rcp(NO_POLICY))

    assert answer.exit_code == 4
    assert {(u.policy, u.account) for u in answer.trails[0].undecided} == {("Perimeter", ACCOUNT)}
    assert all(u.place.startswith("Statement") for u in answer.trails[0].undecided)


def test_the_names_of_identity_policies_and_boundaries_are_told_too():
    odd = person("odd", MAYBE)
    bounded = structs.replace(person("bounded", EVERYTHING), boundary=NamedPolicy(name="B", document="[]"))
    answer = ask(account(principals=(odd, bounded)))

    assert [u.policy for u in answer.trails[0].undecided] == ["inline-1", "B"]


def test_one_principal_does_not_answer_for_another_ones_policy():
    snapshot = account(principals=(person("odd", MAYBE), person("alice", FETCHING)))

    assert ask(snapshot, principal=ALICE).exit_code == 0
    assert ask(snapshot, principal=ALICE.replace("alice", "odd")).exit_code == 4


def test_a_supposed_policy_that_aws_refuses_is_a_usage_problem_with_its_place():
    with pytest.raises(UsageProblem) as raised:
        ask(account(), policy=NO_POLICY)

    assert "Statement" in str(raised.value)


def test_a_principal_may_be_called_by_its_name():
    for name in ("alice", "user/alice", ALICE):
        assert list(access(ask(account(), principal=name))) == [ALICE]


def test_a_name_that_several_have_lists_them():
    twins = account(principals=(person("etl"), person("etl", kind="role")))
    with pytest.raises(UsageProblem) as raised:
        ask(twins, principal="etl")

    assert "user/etl" in str(raised.value.hint)
    assert list(access(ask(twins, principal="role/etl"))) == [f"arn:aws:iam::{ACCOUNT}:role/etl"]


def test_one_readers_part_of_a_plan_is_told_by_name_too():
    snapshot = account(sealed=False)
    answer = ask(snapshot, plan=made(snapshot), principal="alice")

    assert [i.principal for i in answer.trails[0].impacts] == [ALICE]


def becoming(*callers):
    """A key for one role alone, which these users may assume."""
    reader = person("Reader", FETCHING, kind="role", trust=policy(TRUSTS_ACCOUNT))
    key = policy(statement(Principal={"AWS": reader.arn}))
    return account(key, principals=(reader, *callers)), reader.arn


TRUSTS_ACCOUNT = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
ASSUMES = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})


@pytest.mark.parametrize("form", ["role", "session"])
def test_a_proof_names_those_who_may_become_a_listed_reader(form):
    snapshot, reader = becoming(person("eve", ASSUMES))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/s"
    told = prove(snapshot, reader if form == "role" else session)[0].assumptions

    assert any("user/eve may" in str(a) for a in told)


def test_a_proof_says_when_nobody_or_more_than_a_few_may_become_a_reader():
    alone, reader = becoming()
    many, _ = becoming(*(person(f"u{n}", ASSUMES) for n in range(7)))

    assert any(
        "nobody among the principals that were read can" in str(a)
        for a in prove(alone, reader)[0].assumptions
    )
    assert any("and others may" in str(a) for a in prove(many, reader)[0].assumptions)


def test_a_search_that_stopped_does_not_say_that_nobody_may_become_a_reader(monkeypatch):
    monkeypatch.setattr(who_assumptions, "find_chains", lambda *_: RoleChains(found=(), complete=False))
    alone, reader = becoming()
    told = [str(a) for a in prove(alone, reader)[0].assumptions]

    assert any("the search stopped at its bound" in a for a in told)
    assert not any("nobody among the principals that were read can" in a for a in told)


def test_every_line_of_every_reader_replays():
    shown, code = prove(account(), USER1)

    assert code == 3
    assert len(shown.readers) == len(shown.proof.ways) > 1
    answers = [json.loads(answer_line(json.dumps(line).encode())) for line in shown.requests]
    assert {a["effect"] for a in answers} == {"allowed"}


def test_a_way_in_to_a_key_with_a_second_policy_replays_with_both():
    shared = policy(statement(Principal={"AWS": USER1}))
    both = KeyPolicies(default=policy(statement(Principal="*")), aws_ram=shared)
    snapshot = account()
    seen = structs.replace(snapshot, keys=(structs.replace(snapshot.keys[0], policies=both),))
    shown, code = prove(seen, USER1)
    opening = [line for line in shown.requests if line["request"]["action"] == "kms:Decrypt"]

    assert code == 3
    assert len(opening) == len(shown.readers) > 1
    assert all(line["policies"]["resource_shared"] == json.loads(shared) for line in opening)
    answers = [json.loads(answer_line(json.dumps(line).encode())) for line in shown.requests]
    assert {a["effect"] for a in answers} == {"allowed"}
