"""`help`, `completion`, and shared options wherever they stand before a verb."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from typing import NoReturn

import pytest

from trailseal.cli.command import SHARED
from trailseal.cli.main import VERBS, run
from trailseal.errors import ExitCode
from verb_tree import verbs

VALUES = {"--profile": "other", "--region": "eu-west-1", "--format": "json"}
LEAVES = [names for names, _ in verbs()]


def told(capsys, *words):
    code = run(["--lang", "en", *words])
    return code, *capsys.readouterr()


@pytest.mark.parametrize("names", [*LEAVES, ("key",), ("history",)], ids=" ".join)
def test_help_of_a_verb_is_what_the_verb_says_itself(capsys, names):
    asked = told(capsys, "help", *names)
    own = told(capsys, *names, "--help")

    assert asked == own
    assert asked[0] == ExitCode.CLEAN


def test_help_of_nothing_is_that_of_all_verbs_with_the_topics_below(capsys):
    code, out, err = told(capsys, "help")
    own = told(capsys, "--help")[1]
    below = [line.split()[0] for line in out.removeprefix(own).splitlines()[2:]]

    assert (code, err) == (ExitCode.CLEAN, "")
    assert out.startswith(own)
    assert set(below) == {each.name.partition(".")[0] for each in topics()}


def topics():
    """The pages that the package carries; from the sources there may be none."""
    folder = files("trailseal") / "topics"
    return list(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("words", [("verfi",), ("key", "rota"), ("check", "trail"), ("schema", "plam")])
def test_help_of_what_there_is_not_is_one_line(capsys, words):
    code, out, err = told(capsys, "help", *words)

    assert (code, out) == (ExitCode.USAGE, "")
    assert [line.partition(" ")[0] for line in err.splitlines()] == ["error:", "hint:"]


def test_every_schema_in_the_package_is_printed_by_its_name(capsys):
    kept = [each.name for each in (files("trailseal") / "schemas").iterdir() if each.name.endswith(".json")]
    names = told(capsys, "help", "schema")[1].split()

    assert sorted(f"{name}.json" for name in names) == sorted(kept)
    for name in names:
        assert f":{name}:" in json.loads(told(capsys, "help", "schema", name)[1])["$id"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_is_printed_and_asks_by_the_variable_that_click_reads(capsys, shell):
    code, out, _ = told(capsys, "completion", shell)

    assert code == ExitCode.CLEAN
    assert f"_TRAILSEAL_COMPLETE={shell}_complete" in out


def test_what_bash_asks_is_answered_with_verbs():
    asked = {"_TRAILSEAL_COMPLETE": "bash_complete", "COMP_WORDS": "trailseal ", "COMP_CWORD": "1"}
    answered = subprocess.run(
        [sys.executable, "-m", "trailseal"], env={**os.environ, **asked}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert [line.partition(",")[2] for line in answered.stdout.splitlines()] == list(VERBS)


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("names", LEAVES, ids=" ".join)
def test_shared_options_may_stand_before_the_verb(capsys, monkeypatch, names, joined):
    """Before the verb and between its words they mean what they mean behind it."""
    verb = dict(verbs())[names]
    own = [each for p in verb.params for each in p.opts if each in SHARED]
    seen: list[list[str]] = []

    def kept(_name: str, args: list[str], **_: object) -> NoReturn:
        seen.append(list(args))
        raise ZeroDivisionError

    monkeypatch.setattr(verb, "make_context", kept)

    for name in own:
        value = [VALUES[name]] if SHARED[name] else []
        words = [f"{name}={value[0]}"] if joined and value else [name, *value]
        for at in range(len(names) + 1):
            with pytest.raises(ZeroDivisionError):
                run([*names[:at], *words, *names[at:], "rest"])

        assert seen == [[*words, "rest"]] * (len(names) + 1)
        seen.clear()


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("names", [(), ("key",), ("history",), ("policy",), ("lab",), ("lab", "fault")])
def test_a_group_speaks_the_language_that_is_named_before_its_verb(capsys, names, lang):
    for at in range(len(names) + 1):
        assert run([*names[:at], "--lang", lang, *names[at:], "--help"]) == ExitCode.CLEAN
        assert ("使い方" in capsys.readouterr().out) == (lang == "ja")


@pytest.mark.parametrize("words", [["--region"], ["--region", "eu-west-1"], ["--region", "x", "--help"]])
def test_a_shared_option_without_a_verb_stays_where_it_is(capsys, words):
    code, _, err = told(capsys, *words)

    assert code == ExitCode.USAGE
    assert "there is no option `--region`" in err


def test_the_version_has_a_short_name(capsys):
    assert told(capsys, "-V") == told(capsys, "--version")
