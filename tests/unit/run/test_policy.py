from __future__ import annotations

import pytest

from key_policies import ACCOUNT, console, policy, statement
from trailseal.errors import UsageProblem
from trailseal.run.policy import check, difference, show


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


def test_what_can_not_be_read_is_a_usage_problem(file, tmp_path):
    for source in (
        str(tmp_path / "gone.json"),
        file("b.json", b"\xff\xfe"),
        str(tmp_path),
        file("c.json", "{"),
    ):
        with pytest.raises(UsageProblem):
            check(source, Keys())
