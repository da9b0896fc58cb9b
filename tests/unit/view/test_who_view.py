"""What a person reads: the bar, the groups, the proof, the policy."""

from __future__ import annotations

import io
import json
import re
from functools import partial

import pytest
from inline_snapshot import snapshot as expected
from msgspec import structs

from key_policies import console, policy, statement
from story_account import (
    ADMIN,
    ALICE,
    CONSOLE,
    EVERYTHING,
    FETCHING,
    PUBLISHED,
    ROLE1,
    ROOT_NARROWED,
    SESSION1,
    USER1,
    account,
    delivering_account,
    document,
    person,
)
from trailseal.access.readers import crowd
from trailseal.access.readers.chains import RoleChains
from trailseal.model.key import KeyState, UnreadKey
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.intent import Intent
from trailseal.plan.readers import shape_readers
from trailseal.run.policy import check, difference, show
from trailseal.run.who_question import Question, SavedObjects, proof, readers
from trailseal.view.changers import print_chains
from trailseal.view.json_document import json_document, json_schema
from trailseal.view.policy import print_compared, print_linted, print_shown
from trailseal.view.proof import print_proof
from trailseal.view.reading import PrincipalNames
from trailseal.view.terminal import Terminal
from trailseal.view.who import print_who


def written(write, value):
    text = io.StringIO()
    write(value, Terminal(file=text, width=120))
    return text.getvalue()


def told(seen, **asked):
    return written(print_who, readers(seen, Question(**asked), SavedObjects(seen)))


def bar(seen):
    return told(seen).splitlines()[0].strip()


def test_the_bar_says_in_one_line_what_the_state_means():
    refused = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
    world = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
        }
    )
    some = (person("alice", FETCHING), person("nobody"))

    assert bar(account()) == "all 5 principals of the account that were read can read"
    assert bar(account(ROOT_NARROWED)) == "only principals that are named can decrypt: 1 of 5 can read"
    assert (
        bar(account(console(reader=USER1, cross=USER1)))
        == "IAM policies decide who decrypts: 3 of 5 can read"
    )
    assert bar(account(CONSOLE, principals=some)).startswith(
        "every principal of the account can decrypt: S3 alone"
    )
    assert bar(account(sealed=False, principals=some)).startswith("no key guards the log files")
    assert bar(account(world)) == "every AWS account can decrypt"
    disabled = structs.replace(account().keys[0], state=KeyState.DISABLED)
    assert (
        bar(structs.replace(account(), keys=(disabled,)))
        == "nobody can decrypt while the key is Disabled (switched off)"
    )
    unread = structs.replace(account(), keys=(UnreadKey(arn=account().keys[0].arn, reason=refused),))
    assert bar(unread) == "not known: the key policy could not be read"


def test_each_line_carries_the_statements_of_both_sides():
    lines = [line.strip() for line in told(account(ROOT_NARROWED)).splitlines()]
    first = lines.index("can read (2): 1 user, 1 session of a role")

    assert lines[first + 3] == expected(
        "assumed-role/Role1/User1  s3 allowed (inline-1) · kms allowed (`Enable IAM User Permissions`)"
    )
    assert "kms allowed (`Allow principals in the account to decrypt log files`," in lines[first + 1]
    assert "not counted: 1 session that a policy names and that can read" in lines


def test_long_lists_are_cut_and_the_rest_is_counted():
    many = tuple(person(f"u{n}", FETCHING) for n in range(50))

    assert "and 20 more: --format json lists all" in told(account(principals=many))


def test_unknown_readers_are_told_with_their_conditions():
    office = document(
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "kms:Decrypt"],
            "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        }
    )
    text = told(account(console(reader=USER1, cross=USER1), principals=(person("bob", office),)))

    assert "unknown (1): 1 user" in text
    assert "aws:SourceIp" in text
    assert "1 of these 1 could not be decided" in text


def test_chains_and_changers_stand_in_their_own_section():
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": ADMIN.replace("Admin", "Eve").replace("role", "user")},
                    "Action": "sts:AssumeRole",
                },
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                    "Action": "sts:AssumeRole",
                },
            ],
        }
    )
    seen = account(
        console(reader=ROLE1, cross=ROLE1),
        principals=(person("Role1", FETCHING, kind="role", trust=trust), person("Eve")),
    )
    text = told(seen)

    assert "user/Eve can assume role/Role1, which reads" in text
    assert "may be able to assume role/Role1" in text
    assert "assumed-role/Role1/User1" in text


def test_nobody_to_change_it_is_said():
    assert "nobody among those that were asked" in told(account(), principal=ALICE)


def test_a_plan_tells_what_becomes_of_todays_readers():
    everywhere = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    seen = delivering_account(sealed=False, principals=(person("auditor", everywhere),))
    plan = build_plan(seen, Intent(), made_at=seen.taken_at, shape=shape_readers({}))
    text = told(seen, plan=plan)

    assert "LOSE ACCESS (1)" in text
    assert "user/auditor" in text


def test_what_makes_the_answer_surer_is_told_beside_what_does_not():
    seen = account()
    disabled = structs.replace(seen.buckets[0], object_ownership="BucketOwnerEnforced")

    assert "· ACLs are disabled" in told(structs.replace(seen, buckets=(disabled,)))
    assert "! whether ACLs are enabled" in told(seen)


def test_what_was_not_read_is_told_with_the_call():
    refused = Unreadable(
        call="organizations:ListPoliciesForTarget", code="AccessDenied", where="123456789012"
    )

    assert "not read: organizations:ListPoliciesForTarget 123456789012 (AccessDenied)" in told(
        account(guardrails=refused)
    )


def test_several_trails_are_told_one_after_the_other():
    seen = account()
    other = structs.replace(seen.trails[0], name="second", arn=seen.trails[0].arn + "-2")

    assert (
        told(structs.replace(seen, trails=(*seen.trails, other))).count("Who could change this answer") == 2
    )


def proven(seen, *only, **asked):
    return written(print_proof, proof(seen, Question(only=only, **asked)))


def test_a_proof_tells_its_verdict_and_what_it_rests_on():
    text = proven(account(ROOT_NARROWED), USER1, SESSION1)

    assert text.startswith("PROVEN  nobody outside the list can read")
    assert "open world" in text


def test_a_refutation_names_the_principal_and_how_to_replay_it():
    reads = document({"Effect": "Allow", "Action": ["s3:*", "kms:Decrypt"], "Resource": "*"})
    key = policy(statement(Principal={"AWS": ALICE}))
    text = proven(account(key, principals=(person("alice", reads),)), USER1)

    assert text.startswith(f"REFUTED  {ALICE} can read")
    assert "trailseal simulate" in text


def test_a_refutation_lists_every_kind_of_reader_with_its_lines():
    text = proven(account(CONSOLE), USER1)

    assert text.startswith("REFUTED  arn:aws:iam::123456789012:root and ")
    assert f"{ADMIN} can decrypt a log file (delivered by the trail): way-in-" in text
    assert f"{SESSION1} can decrypt a log file (delivered by the trail): way-in-" in text


def test_a_closed_proof_names_who_could_come():
    root = "arn:aws:iam::123456789012:root"

    assert "does not exist today" in proven(
        account(console(reader=USER1, cross=USER1)), USER1, ADMIN, SESSION1, root
    )


def test_an_undecided_proof_says_why():
    refused = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
    unread = structs.replace(account(), keys=(UnreadKey(arn=account().keys[0].arn, reason=refused),))

    assert proven(unread, USER1).startswith("UNKNOWN  not decided: kms:GetKeyPolicy was refused")


class Keys:
    def key_policy(self, key_id):
        return {
            "alias/before": CONSOLE,
            "alias/after": console(reader=USER1),
            "alias/own": ROOT_NARROWED,
            "alias/now": console(pinned=True),
        }[key_id]


def test_a_policy_is_shown_linted_and_compared():
    assert "older form" in written(print_shown, show("alias/before", Keys()))
    assert "present form" in written(print_shown, show("alias/now", Keys()))
    assert "Changed since: Allow principals" in written(print_linted, check("alias/after", Keys()))
    assert "KP102" in written(print_linted, check("alias/after", Keys()))
    compared = written(print_compared, difference("alias/before", "alias/after", Keys()))
    assert "    - Principal: AWS *" in compared
    assert "    + Principal: AWS arn:aws:iam::123456789012:user/user1" in compared


def test_added_and_removed_statements_are_shown_whole():
    one = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "a",
                "Effect": "Deny",
                "NotPrincipal": {"AWS": "1"},
                "Action": "kms:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }

    class Two:
        def key_policy(self, key_id):
            return json.dumps(one) if key_id == "alias/one" else CONSOLE

    text = written(print_compared, difference("alias/one", "alias/two", Two()))

    assert "- a  (removed)" in text
    assert "- Effect: Deny" in text
    assert "- Condition: Bool aws:SecureTransport false" in text
    assert "- Not…: NotPrincipal" in text
    assert "+ Enable IAM User Permissions  (added)" in text
    assert "0 statements are the same" in text
    assert "denies" in written(print_shown, show("alias/one", Two()))


def test_the_json_document_has_text_for_messages():
    seen = account()
    answer = readers(seen, Question(), SavedObjects(seen))
    found = json.loads(json_document(answer))

    assert found["format"] == 1
    assert isinstance(found["trails"][0]["caveats"][0], str)
    assert json_schema(type(answer))["$defs"]["Message"] == {"title": "Message", "type": "string"}


def test_principals_that_were_not_read_are_never_counted_as_none():
    refused = Unreadable(call="iam:GetAccountAuthorizationDetails", code="AccessDenied", where="123456789012")
    seen = structs.replace(account(sealed=False), inventories=(refused,))

    assert bar(seen) == "not known: the account's principals were not read"
    assert "0 of 0" not in told(seen)


def test_a_policy_that_was_not_decided_is_told_by_name():
    broken = NamedPolicy(name="Perimeter", document='{"Version": "2012-10-17", "Statement": [{"Effect": 1}]}')
    text = told(account(resource_control_policies=((broken,),)))

    assert "? not decided: Perimeter of account 123456789012, Statement" in text


def test_without_principals_nobody_says_who_could_change_the_answer():
    assert "not known: no principals were read" in told(structs.replace(account(), inventories=()))


def test_names_carry_their_accounts_where_several_were_read():
    first = account(PUBLISHED)
    boss = Principal(arn="arn:aws:iam::210987654321:role/Admin", kind=PrincipalKind.ROLE)
    other = Inventory(account="210987654321", principals=(boss,))
    text = told(structs.replace(first, inventories=(*first.inventories, other)))

    assert "123456789012 role/Admin" in text
    assert "210987654321 role/Admin" in text
    assert "  role/Admin" in told(first)


def test_the_trails_own_writer_is_left_out():
    assert "cloudtrail.amazonaws.com" not in told(account())


VENDOR = "arn:aws:iam::444455556666:root"


def test_a_row_that_stands_for_many_says_as_whom():
    roles = {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}
    key = policy(statement(Principal={"AWS": VENDOR}, Action="kms:*", Condition=roles))
    bucket = policy(statement(Principal={"AWS": VENDOR}, Action="s3:*", Resource="*"))
    text = told(account(key, bucket_policy=bucket))

    assert "account 444455556666  as a session of a role · s3" in text
    assert "account 444455556666  kms:CreateGrant?" in text


def test_anybody_and_canonical_users_are_told_in_words():
    canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    bucket = policy(statement(Principal={"CanonicalUser": canonical}, Action="s3:GetObject", Resource="*"))
    text = told(account(policy(statement(Principal="*", Action="kms:*")), bucket_policy=bucket))

    assert "the account of canonical user 79a59df900b9" in text
    changers = text.partition("Who could change this answer\n")[2].partition("\n\n")[0]
    assert re.search(r"any other AWS account, .*\s+kms:CreateGrant\n", changers)


def test_the_policies_of_an_organization_are_told_by_name():
    deny = document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    limits = ((NamedPolicy(name="NoReading", document=deny),),)
    seen = account(service_control_policies=limits)
    several = account(policy(*[statement(Principal={"AWS": "*"}, Condition=c) for c in CONDITIONS]))

    assert "a service control policy NoReading, statement 1" in told(seen)
    some = "(one like role/a-, one like role/b-, one like role/c- and"
    assert f"some kinds of principals of the account can decrypt {some}" in told(several)


CONDITIONS = [
    {
        "StringEquals": {"kms:CallerAccount": "123456789012"},
        "StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{name}-*"},
    }
    for name in ("a", "b", "c", "d")
]


def test_a_key_that_tells_too_much_apart_has_no_headline(monkeypatch):
    monkeypatch.setattr(crowd, "MAX_CLASSES", 1)

    assert bar(account()) == "not known: the key policy distinguishes too many kinds of callers"


def test_a_service_that_reads_stands_by_its_name():
    everything = {"Principal": {"Service": "macie.amazonaws.com"}, "Action": "*", "Resource": "*"}
    text = told(account(policy(statement(**everything)), bucket_policy=policy(statement(**everything))))

    assert "macie.amazonaws.com  s3 allowed" in text


def test_readers_of_other_accounts_are_counted_apart():
    boss = Principal(
        arn="arn:aws:iam::210987654321:role/Boss",
        kind=PrincipalKind.ROLE,
        policies=(NamedPolicy(name="all", document=EVERYTHING),),
    )
    opened = {"Principal": {"AWS": "210987654321"}, "Action": "*", "Resource": "*"}
    seen = account(policy(statement(**opened)), bucket_policy=policy(statement(**opened)))
    other = Inventory(account="210987654321", principals=(boss,))
    text = told(structs.replace(seen, inventories=(*seen.inventories, other)))

    assert "not counted: 1 principal of another account that can read" in text


def test_chains_that_were_not_all_followed_are_told():
    text = io.StringIO()
    print_chains(RoleChains(found=(), complete=False), PrincipalNames(), Terminal(file=text, width=120))

    assert "not every chain was followed" in text.getvalue()


def test_objects_encrypted_otherwise_are_left_out_where_they_answer_alike():
    assert "encrypted otherwise" not in told(account(policy(statement())))


def test_a_key_that_depends_on_a_condition_says_so():
    anyone = statement(Principal={"AWS": "*"}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})

    assert bar(account(policy(anyone))).startswith("who can decrypt could not be decided")


def test_a_policy_without_a_sid_is_told_in_words():
    bare = [{k: v for k, v in each.items() if k != "Sid"} for each in json.loads(CONSOLE)["Statement"]]
    text = told(account(json.dumps({"Version": "2012-10-17", "Statement": bare})))

    assert "statement 1 of the key policy" in text
    assert "because of statement " in text
    assert "#" not in text


def test_people_roles_and_services_are_told_apart():
    everything = {"Principal": {"Service": "macie.amazonaws.com"}, "Action": "*", "Resource": "*"}
    named = policy(statement(**everything), statement(Action="kms:*"))
    text = told(account(named, bucket_policy=policy(statement(**everything))))
    group = text.partition("can read (")[2].partition("\n\n")[0].splitlines()[1:]
    kinds = [line.split()[0].partition("/")[0] for line in group if " s3 allowed" in line]

    assert "1 AWS service" in text
    assert "service macie.amazonaws.com  s3 allowed" in text
    assert kinds == sorted(kinds, key=["user", "role", "root", "assumed-role", "service"].index)


REFUSED_KEY = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied", where="the key")
OPEN, CLOSED = account(), account(ROOT_NARROWED)
NEXT = {
    "everybody reads": (account(principals=(person("alice", FETCHING),)), "plan", "--reader ARN"),
    "some read": (CLOSED, "who", "--prove --only ARN"),
    "no key": (account(sealed=False), "plan", "management-events"),
    "not read": (
        structs.replace(OPEN, keys=(UnreadKey(arn=OPEN.keys[0].arn, reason=REFUSED_KEY),)),
        "permissions who",
        "",
    ),
}


@pytest.mark.parametrize(("seen", "verb", "end"), NEXT.values(), ids=NEXT)
def test_the_last_lines_are_the_sentence_and_what_to_type_next(seen, verb, end):
    text = told(seen)
    sentence, command = text.splitlines()[-2:]

    assert sentence.startswith(f"{bar(seen)}; ")
    assert command.startswith(f"Next: trailseal {verb}")
    assert command.endswith(end)


def test_who_could_change_it_is_not_claimed_where_nobody_was_read():
    text = told(structs.replace(account(), inventories=()))

    assert text.splitlines()[-2].endswith("; who could change that is not known.")


def test_ways_that_were_not_asked_for_are_counted_and_named_when_asked_for():
    assert "not asked: 5 other ways to change it" in told(account())
    answer = readers(account(), Question(), SavedObjects(account()))
    assert "lambda:UpdateFunctionCode" in written(partial(print_who, whole=True), answer)
