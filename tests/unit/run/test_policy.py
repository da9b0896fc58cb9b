from __future__ import annotations

import io
import json

import pytest

from key_policies import ACCOUNT, console, policy, statement
from trailseal.errors import UsageProblem
from trailseal.run.policy import check, difference, show
from trailseal.view.policy import print_compared
from trailseal.view.terminal import Terminal


class Keys:
    def key_policy(self, key_id):
        return {"alias/trail": console()}[key_id]


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_a_key_is_asked_for_its_policy():
    shown = show("alias/trail", Keys())

    assert shown.console is not None
    assert len(shown.statements) == 5


@pytest.mark.parametrize("source", [f"alias/{'a' * 256}", f"arn:aws:kms:{'a' * 256}"])
def test_what_begins_as_a_key_and_is_no_file_is_told_as_no_key(source):
    with pytest.raises(UsageProblem, match="is not a KMS key's ARN, ID or alias"):
        show(source, Keys())


def test_a_file_is_read_without_any_key(file):
    assert check(file("p.json", console()), Keys()).exit_code == 3
    assert check(file("q.json", policy(statement(Action="kms:Verify"))), Keys()).findings == ()


def test_notes_alone_are_no_reason_to_fail(file):
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}

    assert check(file("p.json", policy(statement(Principal=root, Action="kms:*"))), Keys()).exit_code == 0


def test_a_key_and_a_file_are_compared(file):
    narrowed = file("p.json", console(reader=f"arn:aws:iam::{ACCOUNT}:user/user1"))

    assert difference("alias/trail", narrowed, Keys()).exit_code == 3
    assert difference("alias/trail", "alias/trail", Keys()).exit_code == 0


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("2012-10-17", "2008-10-17", ("2012-10-17", "2008-10-17")),
        ("2012-10-17", None, ("2012-10-17", "2008-10-17")),
        (None, "2012-10-17", ("2008-10-17", "2012-10-17")),
        (None, "2008-10-17", None),
        ("2012-10-17", "2012-10-17", None),
    ],
)
def test_another_version_is_a_change_though_the_statements_are_the_same(file, before, after, changed):
    bare = {name: value for name, value in json.loads(console()).items() if name != "Version"}
    old, new = (json.dumps(bare | ({"Version": v} if v else {})) for v in (before, after))
    compared = difference(file("old.json", old), file("new.json", new), Keys())
    text = io.StringIO()
    print_compared(compared, Terminal(file=text, width=10_000))

    assert (compared.version and (compared.version.before, compared.version.after)) == changed
    assert compared.exit_code == (3 if changed else 0)
    assert ("Version" in text.getvalue()) is bool(changed)


def test_what_can_not_be_read_is_a_usage_problem(file, tmp_path):
    for source in (
        str(tmp_path / "gone.json"),
        file("b.json", b"\xff\xfe"),
        str(tmp_path),
        file("c.json", "{"),
    ):
        with pytest.raises(UsageProblem):
            check(source, Keys())


def test_a_policy_that_says_two_things_is_not_compared(file):
    twice = file("p.json", policy(statement()).replace('"Action"', '"Action": "kms:Sign", "Action"'))

    with pytest.raises(UsageProblem) as problem:
        difference("alias/trail", twice, Keys())

    assert "has `Statement[0].Action` twice" in str(problem.value)


def test_a_form_that_aws_refuses_is_a_draft_in_a_file_and_undecided_in_a_key(file):
    class Odd:
        def key_policy(self, _key_id):
            return odd

    odd = policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}))
    draft = show(file("p.json", odd), Keys()).statements[0].remarks
    held = show("alias/trail", Odd()).statements[0].remarks

    assert str(draft[0]) == "AWS refuses Statement[0].Principal.AWS:"
    assert str(held[0]) == "it is not decided what AWS makes of Statement[0].Principal.AWS:"


def test_the_account_in_a_keys_arn_is_the_owners():
    arn = f"arn:aws:kms:eu-west-1:444455556666:key/{'0' * 36}"

    class Held:
        def key_policy(self, _key_id):
            return console()

    told = show(arn, Held()).statements[-1].remarks

    assert [str(each) for each in told] == [
        "callers need an IAM policy of their own account too: the key is in another one"
    ]
