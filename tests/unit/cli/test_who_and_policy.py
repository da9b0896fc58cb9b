"""The verbs `who` and `policy` from the command line, without AWS."""

from __future__ import annotations

import json

import pytest

from key_policies import console
from story_account import PUBLISHED, ROOT_NARROWED, SESSION1, USER1, account
from trailseal.cli.main import run
from trailseal.model.document import encode


@pytest.fixture
def files(tmp_path):
    (tmp_path / "account.json").write_bytes(encode(account()))
    (tmp_path / "narrowed.json").write_text(ROOT_NARROWED)
    (tmp_path / "console.json").write_text(console())
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe")
    (tmp_path / "broken.json").write_bytes(encode(account())[:100])
    return tmp_path


def test_who_answers_on_a_saved_snapshot(files, capsys):
    assert run(["who", "--snapshot", str(files / "account.json")]) == 0
    assert capsys.readouterr().out.startswith("all 5 principals of the account that were read can read")


def test_who_supposes_a_policy_and_proves_it(files, capsys):
    asked = ["who", "--snapshot", str(files / "account.json"), "--as-of-policy", str(files / "narrowed.json")]

    assert run([*asked, "--prove", "--only", USER1, "--only", SESSION1, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["trails"][0]["proof"]["verdict"] == "PROVEN"
    assert run([*asked, "--prove", "--only", USER1]) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["--only", USER1],
        ["--open-world"],
        ["--trail", "nope"],
        ["--principal", "nope"],
        ["--object", "nope"],
        ["--plan", "nope.json"],
        ["--as-of-policy", "nope.json"],
        ["--prove", "--only", "nope"],
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_one_line_and_exit_2(files, capsys, arguments):
    code = run(["who", "--snapshot", str(files / "account.json"), *arguments])
    error = capsys.readouterr().err

    assert code == 2
    assert error.startswith("error: ")
    assert "Traceback" not in error


def test_a_policy_that_is_not_text_is_told(files, capsys):
    asked = ["who", "--snapshot", str(files / "account.json"), "--as-of-policy", str(files / "binary.json")]

    assert run(asked) == 2
    assert "is not text in UTF-8" in capsys.readouterr().err


def test_a_broken_snapshot_is_told(files, capsys):
    assert run(["who", "--snapshot", str(files / "broken.json")]) == 2
    assert "cut short" in capsys.readouterr().err


def test_policy_shows_lints_and_compares_files(files, capsys):
    before, after = str(files / "console.json"), str(files / "published.json")
    (files / "published.json").write_text(PUBLISHED)

    assert run(["policy", "show", before]) == 0
    assert run(["policy", "lint", after]) == 3
    assert run(["policy", "diff", before, after]) == 3
    assert run(["policy", "diff", before, before, "--format", "json"]) == 0
    assert "Enable cross account log decryption" in capsys.readouterr().out


def test_the_texts_speak_the_chosen_language_without_falling_over(files, capsys):
    assert run(["who", "--snapshot", str(files / "account.json"), "--lang", "ja"]) == 0
    assert run(["who", "--snapshot", str(files / "account.json"), "--lang", "en"]) == 0
    assert capsys.readouterr().out
