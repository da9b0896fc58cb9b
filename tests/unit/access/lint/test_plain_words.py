from __future__ import annotations

import pytest

from key_policies import ACCOUNT, CONTEXT, TRAIL, TRAILS, console, policy, statement
from trailseal.access.lint.console import ConsoleForm, Recognised, recognise
from trailseal.access.lint.difference import Change, compare
from trailseal.access.lint.plain import tell
from trailseal.access.lint.written import LONGEST, read_written
from trailseal.access.parse.kind import PolicyKind


def told(**change):
    return tell(read_written(policy(statement(**change))))[0]


def words(messages):
    return [str(m) for m in messages]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, f"the user alice of account {ACCOUNT}"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a/B"}, f"the role a/B of account {ACCOUNT}, in every session"),
        (
            {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/R/S"},
            f"the session S of the role R of account {ACCOUNT}",
        ),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, f"whoever the IAM policies of account {ACCOUNT} allow"),
        ({"AWS": ACCOUNT}, f"whoever the IAM policies of account {ACCOUNT} allow"),
        ({"Service": "cloudtrail.amazonaws.com"}, "the AWS service cloudtrail.amazonaws.com"),
        ("*", "everybody, in every AWS account"),
        ({"AWS": "AIDAEXAMPLE"}, "AIDAEXAMPLE"),
        ({"Federated": "cognito-identity.amazonaws.com"}, "cognito-identity.amazonaws.com"),
    ],
)
def test_each_principal_is_told_in_words(principal, expected):
    assert words(told(Principal=principal).who) == [expected]


def test_everybody_of_one_account_is_told_as_that():
    own = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}

    assert words(told(Principal={"AWS": "*"}, Condition=own).who) == [f"every principal of account {ACCOUNT}"]


def test_a_deny_on_the_account_is_about_everybody_in_it():
    one = told(Effect="Deny", Principal={"AWS": ACCOUNT})

    assert words(one.who) == [f"every principal of account {ACCOUNT}"]
    assert words(one.remarks) == ["a Deny wins over every Allow, in this policy and in IAM"]


def test_inverted_clauses_are_told_as_exceptions():
    one = told(Principal=None, NotPrincipal={"AWS": ACCOUNT}, Action=None, NotAction="kms:PutKeyPolicy")

    assert words(one.who)[0] == "everybody but these:"
    assert words(one.what)[0] == "every action but these:"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("kms:*", "every action on the key, decrypting and changing this policy included"),
        ("kms:Decrypt", "kms:Decrypt, which is reading"),
        (
            "kms:ReEncryptFrom",
            "kms:ReEncryptFrom, which lets what the key protects be re-encrypted with another key",
        ),
        ("kms:GenerateDataKey*", "kms:GenerateDataKey*, which is encrypting a new object"),
        ("kms:DescribeKey", "kms:DescribeKey"),
    ],
)
def test_each_action_is_told_in_words(action, expected):
    assert words(told(Action=action).what) == [expected]


def test_a_long_list_of_actions_is_cut():
    assert words(told(Action=[f"kms:List{n}" for n in range(10)]).what)[-1] == "and 2 more"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"kms:CallerAccount": "1"}}, "the caller belongs to account 1"),
        ({"StringEquals": {"aws:SourceArn": TRAIL}}, f"it is done for {TRAIL}"),
        ({"StringEquals": {"kms:ViaService": "s3.x"}}, "the request comes through s3.x"),
        ({"StringLike": {CONTEXT: TRAILS}}, f"the object was delivered by a trail like {TRAILS}"),
        ({"StringEquals": {CONTEXT: TRAIL}}, f"the object was delivered by the trail {TRAIL}"),
        ({"StringNotLike": {CONTEXT: TRAILS}}, f"{CONTEXT} not like {TRAILS}"),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, "aws:PrincipalOrgID ≠ o-1"),
        ({"Null": {CONTEXT: "false"}}, f"{CONTEXT} is present"),
        ({"Null": {CONTEXT: "true"}}, f"{CONTEXT} is absent"),
        ({"Null": {CONTEXT: "False"}}, f"{CONTEXT} is present"),
        ({"Null": {CONTEXT: ["TRUE", "true"]}}, f"{CONTEXT} is absent"),
        ({"Null": {CONTEXT: ["true", "false"]}}, f"{CONTEXT} Null true, false"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "aws:SecureTransport Bool true"),
        ({"Bool": {"aws:MultiFactorAuthPresent": True}}, "aws:MultiFactorAuthPresent Bool true"),
        ({"Bool": {"aws:MultiFactorAuthPresent": False}}, "aws:MultiFactorAuthPresent Bool false"),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": 5}}, "aws:MultiFactorAuthAge NumericLessThan 5"),
    ],
)
def test_each_condition_is_told_in_words(condition, expected):
    assert words(told(Condition=condition).when) == [expected]


def test_a_delegation_and_an_open_grant_say_what_their_words_do_not_show():
    shown = {s.name: words(s.remarks) for s in tell(read_written(console()))}

    assert shown["Enable IAM User Permissions"] == [
        "for the account this grants nothing by itself: it lets its IAM policies decide"
    ]
    assert shown["Enable cross account log decryption"] == [
        "this grants by itself: no IAM policy is needed to decrypt"
    ]
    assert shown["Allow CloudTrail to describe key"] == []


KEEPING = statement("keep", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="kms:PutKeyPolicy")
BY_ITSELF = "this grants by itself: no IAM policy is needed to decrypt"
ELSEWHERE = (
    "in the key's own account this grants by itself; callers from other accounts need an IAM policy of "
    "their account too"
)
FOREIGN = "callers need an IAM policy of their own account too: the key is in another one"
DELEGATES = "for the account this grants nothing by itself: it lets its IAM policies decide"
NOT_BROUGHT = "it does nothing: no request of those whom it names holds aws:SourceArn"
NOBODY_OF_IT = "no user or role can meet these conditions"
NOBODY = "no user or role can meet these conditions: at most AWS services can"


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", None, ELSEWHERE),
        ("*", {"StringEquals": {"kms:CallerAccount": ACCOUNT}}, BY_ITSELF),
        ("*", {"StringEquals": {"kms:CallerAccount": "444455556666"}}, FOREIGN),
        ("*", {"StringEquals": {"kms:CallerAccount": [ACCOUNT, "444455556666"]}}, ELSEWHERE),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, ELSEWHERE),
        ("*", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, NOBODY),
        ({"AWS": ACCOUNT}, None, DELEGATES),
        ({"AWS": ACCOUNT}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, DELEGATES),
        ({"AWS": ACCOUNT}, {"ArnLike": {"aws:SourceArn": TRAILS}}, NOT_BROUGHT),
        ({"AWS": ACCOUNT}, {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}, NOBODY_OF_IT),
        ({"AWS": "444455556666"}, None, DELEGATES),
    ],
)
def test_what_else_is_needed_to_decrypt_is_said(principal, condition, expected):
    text = policy(KEEPING, statement(Principal=principal, Condition=condition))

    assert words(tell(read_written(text))[1].remarks) == [expected]


@pytest.mark.parametrize(
    ("accounts", "expected"), [([ACCOUNT], BY_ITSELF), ([ACCOUNT, "444455556666"], ELSEWHERE)]
)
def test_the_one_account_that_is_named_is_taken_for_the_owners(accounts, expected):
    own = {"StringEquals": {"kms:CallerAccount": accounts}}

    assert words(told(Principal="*", Condition=own).remarks) == [expected]


def test_the_owner_may_be_known_from_elsewhere():
    own = {"StringEquals": {"kms:CallerAccount": "444455556666"}}
    text = policy(statement(Principal="*", Condition=own))

    assert words(tell(read_written(text), owner=ACCOUNT)[0].remarks) == [FOREIGN]


def test_a_condition_that_no_request_holds_is_not_called_a_delivery():
    one = told(Action="kms:DescribeKey", Condition={"StringLike": {CONTEXT: TRAILS}})

    assert words(one.when) == [f"{CONTEXT} like {TRAILS}"]
    assert words(one.remarks) == [f"it does nothing: no request for its actions holds {CONTEXT}"]


def test_whom_a_deny_spares_is_told_as_aws_reads_it():
    spared = [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/a/B", f"arn:aws:iam::{ACCOUNT}:user/c"]
    one = told(Effect="Deny", Principal=None, NotPrincipal={"AWS": spared})

    assert words(one.who) == [
        "everybody but these:",
        f"account {ACCOUNT} itself, which is its root user",
        f"the role a/B of account {ACCOUNT}",
        f"the user c of account {ACCOUNT}",
    ]
    assert words(one.remarks)[1:] == [
        "a user or role is spared only if its account is listed too, and a session its role"
    ]


def test_statements_with_the_same_sid_are_named_apart():
    shown = tell(read_written(policy(statement("a"), statement("a"), statement("b"))))

    assert [s.name for s in shown] == ["a (#1)", "a (#2)", "b"]


ODD = statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"})


def test_a_form_that_aws_refuses_is_told_of_a_draft():
    (one,) = tell(read_written(policy(ODD)))

    assert words(one.remarks)[0] == "AWS refuses Statement[0].Principal.AWS:"


def test_what_aws_refuses_of_the_document_is_told_of_every_statement():
    text = policy(statement("a"), statement("b")).replace('"Version"', '"Version": "2008-10-17", "Version"')

    told = tell(read_written(text))

    assert [words(one.remarks)[0] for one in told] == ["AWS refuses Version:"] * 2


def test_what_aws_holds_in_such_a_form_is_not_decided():
    (one,) = tell(read_written(policy(ODD)), stored_as=PolicyKind.KEY)

    assert words(one.remarks)[0] == "it is not decided what AWS makes of Statement[0].Principal.AWS:"


def test_a_policy_much_longer_than_aws_takes_is_not_looked_at():
    (one,) = tell(read_written(policy(statement(Action=["kms:Decrypt"] * LONGEST))))

    assert words(one.remarks) == [f"not looked at: the policy is longer than {LONGEST} characters"]


def test_the_consoles_forms_are_told_apart():
    assert recognise(read_written(console())) == Recognised(form=ConsoleForm.OLDER)
    assert recognise(read_written(console(pinned=True))) == Recognised(form=ConsoleForm.PRESENT)


def test_a_policy_of_ones_own_is_not_the_consoles():
    assert recognise(read_written(policy(statement()))) is None


def test_a_changed_statement_of_the_consoles_is_named():
    found = recognise(read_written(console(reader=f"arn:aws:iam::{ACCOUNT}:user/user1")))

    assert found is not None
    assert found.changed == ("Allow principals in the account to decrypt log files",)


def test_a_statement_turned_into_a_deny_is_changed():
    found = recognise(read_written(console().replace('"Effect": "Allow"', '"Effect": "Deny"', 1)))

    assert found is not None
    assert found.changed == ("Enable IAM User Permissions",)


def test_a_narrowed_twin_is_not_taken_for_its_sibling():
    before, after = (
        read_written(console()),
        read_written(console(reader=f"arn:aws:iam::{ACCOUNT}:user/user1")),
    )
    changed = [c for c in compare(before, after) if c.change is not Change.SAME]

    assert [(c.change, c.name, c.fields) for c in changed] == [
        (Change.CHANGED, "Allow principals in the account to decrypt log files", ("principals",))
    ]


def test_added_removed_and_renamed_statements_are_told_apart():
    before = read_written(policy(statement("a"), statement("gone", Action="kms:Encrypt")))
    after = read_written(policy(statement("renamed"), statement("new", Action="kms:Verify")))

    assert [(c.change.value, c.name) for c in compare(before, after)] == [
        ("=", "renamed"),
        ("-", "gone"),
        ("+", "new"),
    ]


def test_order_of_statements_and_values_is_no_change():
    one = read_written(
        policy(statement("a", Action=["kms:Decrypt", "kms:Encrypt"]), statement("b", Action="kms:Sign"))
    )
    two = read_written(
        policy(statement("b", Action="kms:Sign"), statement("a", Action=["kms:Encrypt", "kms:Decrypt"]))
    )

    assert {c.change for c in compare(one, two)} == {Change.SAME}


def test_a_statement_without_a_sid_is_named_by_its_position():
    assert read_written(policy(statement(Sid=None))).statements[0].name == "#1"


def test_an_account_under_another_operator_is_not_taken_for_the_callers():
    like = {
        "StringLike": {"kms:CallerAccount": "1*"},
        "StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:Any": "x"},
    }

    assert words(told(Principal="*", Condition=like).who) == [f"every principal of account {ACCOUNT}"]
