"""`trailseal permissions` on the command line."""

from __future__ import annotations

import json

import pytest

from trailseal.cli.main import run

AUDITOR = "arn:aws:iam::111122223333:role/auditor"
MEMBER = "arn:aws:iam::444455556666:role/trailseal-member"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["permissions", *words]) == 0
    return capsys.readouterr().out


def test_a_verb_of_several_words_has_a_policy_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "key", "rotate", "--key", KEY))

    changed = next(each for each in found["Statement"] if "kms:RotateKeyOnDemand" in each["Action"])
    assert changed["Resource"] == KEY


def test_the_role_for_a_further_account_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "who", "--trusted-by", AUDITOR, "--external-id", "7f3c", "--format", "terraform")

    assert text.startswith('resource "aws_iam_role" "trailseal_member" {')
    assert AUDITOR in text
    assert '"sts:ExternalId": "7f3c"' in text


def test_the_caller_may_assume_what_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "who", "--member-role", MEMBER))

    assert [each["Resource"] for each in found["Statement"] if "sts:AssumeRole" in each["Action"]] == [MEMBER]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verfi"], "there is no command `verfi` that calls AWS"),
        (["cost", "--trusted-by", AUDITOR], "`cost` has no option --also-profile"),
        (["--external-id", "7f3c"], "--external-id belongs to --trusted-by"),
        (["--key", "alias/audit"], "`alias/audit` is not the ARN of a KMS key"),
        (["--key", KEY, "--role", AUDITOR.replace("aws", "aws-cn")], "the names lie in several partitions"),
    ],
)
def test_what_cannot_be_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["permissions", *words]) == 2

    assert capsys.readouterr().err.startswith(f"error: {said}")
