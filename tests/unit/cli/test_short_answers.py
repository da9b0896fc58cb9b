"""`--brief` and `-q`: less to read, and the very same exit code."""

from __future__ import annotations

import io
import json

import pytest

from story_account import account
from trailseal.cli.main import run
from trailseal.errors import ExitCode
from trailseal.model.document import encode
from verb_tree import verbs

VERBS = dict(verbs())
LAB = "lab"
"""A rehearsal's own verbs tell of labs, not of trails."""
JOB = ("history", "reencrypt")
"""It tells how far it is."""


def options_of(names):
    return {name for p in VERBS[names].params for name in p.opts}


SHORT = [names for names in VERBS if "--brief" in options_of(names)]
ASKED = [
    ("check",),
    ("check", "--control", "CloudTrail.2"),
    ("plan",),
    ("verify",),
    ("who",),
    ("who", "--prove"),
]
POLICY = {"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Principal": {"AWS": "*"},
          "Action": "kms:*", "Resource": "*"}]}  # fmt: skip
WITHOUT_A_TRAIL = {
    "policy show FILE": "FILE: 1 statement",
    "policy lint FILE": "FILE: ",
    "policy lint -": "the policy on stdin: ",
    "policy diff FILE -": "FILE → the policy on stdin: 1 statement is the same",
    "explain --snapshot SAVED": "account 123456789012: 1 trail in this account. On SSE-KMS: ",
    "explain KP101": "KP101: ",
    "explain readers-lose-access": "readers-lose-access: ",
    "explain TS101": "TS101: ",
    "cost --assume 2": "$",
    "runs": "There is no run yet",
}
ASK = [("apply", "plan.json"), ("undo",)]


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "account.json"
    path.write_bytes(encode(account()))
    return str(path)


def test_whatever_answers_in_text_and_json_answers_in_short_and_by_its_exit_code_too():
    """`--format` of `permissions` chooses between notations, and a rehearsal's verbs say little."""
    answers = {names for names in VERBS if "--format" in options_of(names) and names[0] != LAB}

    assert answers - set(SHORT) == {("permissions",), JOB}
    for names in SHORT:
        assert {"-q", "--quiet"} <= options_of(names)


@pytest.mark.parametrize("line", WITHOUT_A_TRAIL)
def test_what_is_about_no_trail_is_told_in_a_line(line, saved, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TRAILSEAL_HOME", str(tmp_path / "home"))
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(POLICY))
    words = [{"FILE": str(path), "SAVED": saved}.get(word, word) for word in line.split()]

    def answered(*more):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(POLICY).encode())))
        code = run([*words, *more])
        return code, capsys.readouterr()

    code, _ = answered()
    assert answered("-q") == (code, ("", ""))
    brief, (short, error) = answered("--brief")
    assert (brief, error) == (code, "")
    assert short.count("\n") == 1
    assert short.startswith(WITHOUT_A_TRAIL[line].replace("FILE", str(path)))


@pytest.mark.parametrize("words", ASK, ids=" ".join)
def test_a_quiet_verb_asks_nobody(words, capsys):
    assert run([*words, "-q"]) == ExitCode.USAGE
    assert "agree with --yes" in capsys.readouterr().err


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_what_is_asked_for_in_short_ends_as_what_is_told_in_full(words, saved, capsys):
    asked = [*words, "--snapshot", saved]
    code = run(asked)
    full = capsys.readouterr().out

    assert run([*asked, "-q"]) == code
    assert capsys.readouterr() == ("", "")
    assert run([*asked, "--brief"]) == code
    short, error = capsys.readouterr()
    assert error == ""
    assert 0 < len(short.splitlines()) < len(full.splitlines())
    assert short.startswith("management-events: ")


@pytest.mark.parametrize(
    "options", [["-q", "--brief"], ["-q", "--format", "json"], ["--brief", "--format=json"]]
)
def test_two_answers_at_once_are_refused(options, saved, capsys):
    assert run(["check", "--snapshot", saved, *options]) == ExitCode.USAGE
    assert "give one of them" in capsys.readouterr().err


def test_what_stops_a_quiet_verb_is_told(capsys):
    assert run(["check", "-q", "--snapshot", "nothing.json"]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("error: ")
