"""
No encoding of the other side ends in a traceback, and JSON keeps every value in all of them.

The interpreter itself sets the streams' encoding when it starts, so every encoding has a command that is
started anew: the one that speaks Japanese.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from forked import Forked
from key_policies import console, policy, statement
from story_account import account
from trailseal.model.document import encode

ENCODINGS: dict[str, dict[str, str]] = {
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
    "cp932": {"PYTHONIOENCODING": "cp932"},
    "euc_jp": {"PYTHONIOENCODING": "euc_jp"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "POSIX locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
JAPANESE = frozenset({"utf-8", "cp932", "euc_jp"})
SID = "読む→×é\u2028"
ANEW = [sys.executable, "-m", "trailseal"]


def run(encoding: str, *arguments: str, forked: Forked | None = None) -> tuple[int, str, str]:
    """Run a command that is forked where it may be and the encoding is not that of a locale."""
    names = ("PYTHONIOENCODING", "LC_ALL", "LANG", "PYTHONUTF8")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    command = forked.command if forked and "PYTHONIOENCODING" in ENCODINGS[encoding] else ANEW
    done = subprocess.run(
        [*command, *arguments],
        env=kept | ENCODINGS[encoding],
        capture_output=True,
        check=False,
    )
    name = ENCODINGS[encoding].get("PYTHONIOENCODING", "ascii")
    return done.returncode, done.stdout.decode(name), done.stderr.decode(name)


@pytest.fixture
def odd(tmp_path: Path) -> str:
    path = tmp_path / "policy.json"
    path.write_text(policy(statement(Sid=SID, Principal="*")), encoding="utf-8")
    return str(path)


@pytest.mark.sweep
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_is_printed_in_every_encoding(encoding: str, language: str, odd: str, forked: Forked) -> None:
    given = forked if language == "en" else None
    code, out, err = run(encoding, "--lang", language, "policy", "lint", odd, forked=given)

    assert (code, err) == (3, "")
    assert "KP1" in out
    speaks_japanese = language == "ja" and encoding in JAPANESE
    assert ("findings to act on" in out or "finding to act on" in out) is not speaks_japanese


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_keeps_every_value_in_every_encoding(encoding: str, odd: str, forked: Forked) -> None:
    code, out, _ = run(encoding, "policy", "show", odd, "--format", "json", forked=forked)

    assert code == 0
    assert json.loads(out)["statements"][0]["name"] == SID


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_error_is_one_line_in_every_encoding(encoding: str, tmp_path: Path, forked: Forked) -> None:
    code, _, err = run(encoding, "policy", "lint", str(tmp_path / "日本.json"), forked=forked)

    assert code in {1, 2}
    assert "Traceback" not in err


def test_what_nobody_reads_has_every_letter(tmp_path: Path) -> None:
    """With `-q` text goes nowhere, and is of the language that stdout could have: a locale has no say."""
    (tmp_path / "account.json").write_bytes(encode(account()))
    asked = ["--lang", "ja", "check", "-q", "--snapshot", str(tmp_path / "account.json")]
    environment = os.environ | ENCODINGS["POSIX locale"] | ENCODINGS["utf-8"]
    done = subprocess.run([*ANEW, *asked], env=environment, capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (4, b"", b"")


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_pipe_that_is_closed_ends_as_the_shell_expects(output: str, odd: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "trailseal", "policy", "show", odd, "--format", output]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, b"")


def test_the_console_policy_is_told_whole_in_a_pipe(tmp_path: Path, forked: Forked) -> None:
    path = tmp_path / "policy.json"
    path.write_text(console(), encoding="utf-8")
    _, out, _ = run("utf-8", "policy", "show", str(path), forked=forked)

    assert "…" not in out
    assert not any(line.endswith(" ") for line in out.splitlines())


@pytest.mark.sweep
@pytest.mark.parametrize("closed", ["<&-", "</dev/null >&-", "</dev/null 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("--help", 0), ("policy lint -", 2), ("simulate", 0)])
def test_a_stream_that_was_closed_before_is_an_empty_one(closed: str, words: str, code: int) -> None:
    command = f"{sys.executable} -m trailseal {words} {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert "Traceback" not in done.stderr
    assert done.returncode == code


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_name_that_is_no_text_is_shown(output: str, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.json"
    Path(os.fsdecode(name)).write_text(policy(statement()), encoding="utf-8")
    command = [sys.executable, "-m", "trailseal", "policy", "lint", os.fsdecode(name), "--format", output]
    done = subprocess.run(command, capture_output=True, check=False)

    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 3}
