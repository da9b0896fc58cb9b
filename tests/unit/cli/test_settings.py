"""A user's settings: one file, behind options and the environment, and one line where it is wrong."""

from __future__ import annotations

import click
import pytest

from trailseal.cli.command import TrailsealCommand
from trailseal.cli.main import run, trailseal
from trailseal.cli.settings import WHO, settled
from trailseal.errors import ExitCode, UsageProblem
from trailseal.home import settings_file
from verb_tree import verbs


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAILSEAL_HOME", str(tmp_path))
    for name in WHO:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "config.toml"


def default_of(names, parameter):
    """The value that a verb takes for an option that nobody gives."""
    context = trailseal.make_context("trailseal", [*names, "--help"], obj=settled().defaults)
    command: click.Command | None = trailseal
    for name in names:
        command = command.get_command(context, name)
    assert isinstance(command, TrailsealCommand)
    context = command.make_context(names[-1], [], context, resilient_parsing=True)
    return next(each for each in command.params if each.name == parameter).get_default(context)


@pytest.mark.parametrize("names", [names for names, _ in verbs()], ids=" ".join)
def test_every_verb_takes_what_is_settled(settings, names):
    settings.write_text('profile = "audit"\nformat = "json"\n')
    options = {
        each.name: each
        for command_names, command in verbs()
        if command_names == names
        for each in command.params
    }

    for parameter, value in (("profile", "audit"), ("output", "json")):
        if parameter in options:
            assert default_of(names, parameter) == value


def test_nothing_is_settled_without_a_file(settings):
    assert settled() == ("", {})


@pytest.mark.parametrize("home", ["~nobody-of-that-name/x", "/dev/null/x", "x" * 5000], ids=len)
def test_a_home_that_cannot_be_looked_into_settles_nothing(settings, monkeypatch, home):
    monkeypatch.setenv("TRAILSEAL_HOME", home)

    assert settled() == ("", {})


def test_a_user_without_a_home_folder_is_told_so_by_what_needs_one(settings, monkeypatch, capsys):
    """In a container the user may be a number that no list of users has."""

    def nobody(_: object):
        raise KeyError

    for name in ("TRAILSEAL_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)

    assert run(["help"]) == ExitCode.CLEAN
    assert capsys.readouterr().err == ""
    assert run(["runs"]) == ExitCode.USAGE
    assert capsys.readouterr().err.splitlines() == [
        "error: `~/.local/state` is not known: that user has no home folder",
        "hint: name a folder in TRAILSEAL_HOME",
    ]


@pytest.mark.parametrize("name", WHO)
def test_the_environment_says_before_the_file_as_whom_aws_is_asked(settings, monkeypatch, name):
    settings.write_text('profile = "audit"\n')
    monkeypatch.setenv(name, "x")

    assert settled().defaults == {}


def test_an_option_comes_before_what_is_settled(settings, capsys):
    settings.write_text('language = "ja"\nformat = "json"\n')

    run(["help"])
    japanese = capsys.readouterr().out
    run(["help", "--lang", "en"])
    english = capsys.readouterr().out
    run(["runs"])
    document = capsys.readouterr().out
    run(["runs", "--format", "text"])
    text = capsys.readouterr().out

    assert "コマンド" in japanese
    assert "Commands" in english
    assert document.startswith("{")
    assert not text.startswith("{")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"profile = ", "is not TOML: look at line 1"),
        (b"profile = 7", "look at `profile`"),
        (b"language = 'fr'", "look at `language`"),
        (b"format = 'yaml'", "look at `format`"),
        (b"profil = 'audit'", "holds a setting that cannot be"),
        (b"[check]\nformat = 'json'", "holds a setting that cannot be"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"x" * (5 << 20), "is larger than"),
    ],
)
def test_a_wrong_file_is_one_line_with_its_name_whatever_the_verb(settings, capsys, content, said):
    settings.write_bytes(content)

    for words in (["runs"], ["check"], ["help"]):
        code = run(["--lang", "en", *words])
        out, err = capsys.readouterr()
        problem, *hint = err.splitlines()

        assert (code, out) == (ExitCode.USAGE, "")
        assert str(settings) in problem
        assert said in problem
        assert len(hint) <= 1


def test_a_folder_of_that_name_is_no_file(settings):
    settings.mkdir()

    with pytest.raises(UsageProblem, match="is not a file"):
        settled()


@pytest.mark.parametrize(
    ("variables", "there"),
    [
        ({"TRAILSEAL_HOME": "/t", "XDG_CONFIG_HOME": "/x"}, "/t/config.toml"),
        ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/trailseal/config.toml"),
        ({"HOME": "/h"}, "/h/.config/trailseal/config.toml"),
    ],
)
def test_where_settings_lie(monkeypatch, variables, there):
    for name in ("TRAILSEAL_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert settings_file().as_posix() == there
