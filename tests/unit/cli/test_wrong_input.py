"""
The same wrong input to every verb that takes it: exit code 2, the same one line, and nothing changed.

Verbs and their parameters are taken from the command line itself, so that a new one is covered by itself.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from pathlib import Path

import click
import pytest

from plan_estate import plan_of, snapshot
from trailseal.cli import parameters
from trailseal.cli.main import run
from trailseal.cli.parameters import Given, OwnFile, Time, UserFile
from trailseal.model.document import encode
from trailseal.model.reading import SIGNS, Kind
from trailseal.plan.codec import write_plan
from trailseal.run.user_file import LARGE
from verb_tree import verbs

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
DOCUMENTS = {
    "snapshot": Kind.SNAPSHOT,
    "plan": Kind.PLAN,
    "run": Kind.PLAN,
    "policy": Kind.POLICY,
    "source": Kind.POLICY,
    "prices": Kind.PRICES,
    "manifest": Kind.MANIFEST,
}
TELLS_OF_DOUBLES = {("policy", "show"), ("policy", "lint")}
"""They read such a policy and say what is wrong with it."""
NO_FILES = ("missing", "directory", "pipe", "loop", "long")
NO_JSON = ("empty", "binary", "deep", "doubled", "other")
FAULTS = {
    **dict.fromkeys(DOCUMENTS, (*NO_FILES, "huge", *NO_JSON)),
    "manifest": (*NO_FILES, *NO_JSON),  # read line by line, so of any size
    "intent": (*NO_FILES, "huge", "binary", "deep"),
    "material": (*NO_FILES, "huge"),
    "out": ("directory", "pipe", "nowhere"),
}
WRONG = {
    "trail": ["no trail", "arn:aws:kms:us-east-1:111122223333:key/a", "a\nb", "\x1b[2J", "", "-"],
    "trail_arn": ["management-events", "arn:aws:s3:::bucket", "a\nb", ""],
    "region": ["EU", "osaka", "us-east-1\n", "\x1b[2J", "us_east_1", ""],
    "account": ["11112222333", "1111222233334", "a", "１１１１２２２２３３３３", ""],
    "key": ["my key", f"arn:aws-cn:kms:us-east-1:111122223333:key/{KEY_ID}", "alias/", "a\nb", ""],
    "key_arn": ["alias/audit", KEY_ID, f"arn:aws-cn:kms:us-east-1:111122223333:key/{KEY_ID}", "a\nb"],
    "principal": ["alice", "arn:aws:s3:::bucket", "a\nb", ""],
    "reader": ["alice", "arn:aws:s3:::bucket", "a\nb", ""],
    "prefix": ["s3://bucket/AWSLogs/", "a" * 1025],
    "time": [
        "soon",
        "2026-11-23T12:00:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01",
        "2026-13-01",
        "9999-12-31T23:59:59-12:00",
        "2026-11-23T12:00:00Z\n",
        "",
    ],
}
"""By the name of the kind. A key's alias and ID are wrong only where its ARN alone will do."""
Place = tuple[tuple[str, ...], click.Parameter]
TAKEN: list[Place] = [(names, each) for names, verb in verbs() for each in verb.params]


def those(kind: type) -> list[Place]:
    return [place for place in TAKEN if isinstance(place[1].type, kind)]


def those_of(kind: str) -> list[Place]:
    return [place for place in TAKEN if place[1].type.name == kind]


def named(places: list[Place]) -> list[str]:
    return [f"{' '.join(names)} {parameter.name}" for names, parameter in places]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with a file for each fault, and good ones."""
    folder = tmp_path_factory.mktemp("given")
    os.mkfifo(folder / "pipe")
    (folder / "directory").mkdir()
    (folder / "loop").symlink_to(folder / "loop")
    with (folder / "huge").open("wb") as file:
        file.truncate(LARGE + 1)
    (folder / "empty").touch()
    (folder / "binary").write_bytes(b"\x7fELF\xff\xfe\x00")
    (folder / "deep").write_bytes(b"[" * 100_000)
    (folder / "deep.toml").write_bytes(b"a = " + b"[" * 100_000)
    (folder / "doubled").write_bytes(b'{"Statement": [], "Statement": []}')
    for kind, signs in SIGNS.items():
        (folder / f"{kind}.other").write_text(json.dumps(dict.fromkeys(signs, 0)))
    (folder / "snapshot").write_bytes(encode(snapshot()))
    (folder / "plan").write_bytes(write_plan(plan_of()))
    (folder / "manifest").write_bytes(b'{"bucket": "b", "made_at": "2026-01-01T00:00:00Z"}\n')
    (folder / "policy").write_text('{"Statement": []}')
    return folder


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Return what runs a command where nobody answers at AWS, and tells its code and what it wrote."""
    monkeypatch.setenv("TRAILSEAL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_CONFIG_FILE": "none",
        "AWS_SHARED_CREDENTIALS_FILE": "none",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)

    def told(words):
        code = run([*words, "--lang", "en"])
        return code, *capfd.readouterr()

    return told


def good(parameter: click.Parameter, files: Path) -> list[str]:
    """Return a right value for a parameter that a verb cannot do without."""
    value = {"key": KEY_ID, "source": str(files / "policy")}.get(parameter.type.name)
    return written(parameter, value or str(files / parameter.type.name))


def written(parameter: click.Parameter, value: str) -> list[str]:
    return [value] if isinstance(parameter, click.Argument) else [f"{parameter.opts[0]}={value}"]


def words(names: tuple[str, ...], parameter: click.Parameter, value: str, files: Path) -> list[str]:
    """Return the command line that gives a verb one value, and right ones where it needs more."""
    verb = dict(verbs())[names]
    needed = [p for p in verb.params if p.required and p is not parameter]
    rest = [word for p in verb.params if p in needed for word in good(p, files)]
    before = [p for p in verb.params if isinstance(p, click.Argument)]
    if isinstance(parameter, click.Argument) and before.index(parameter) > 0:
        return [*names, *rest, *written(parameter, value)]
    return [*names, *written(parameter, value), *rest]


def only_sentence(outcome: tuple[int, str, str]) -> str:
    """Return the sentence of a command that ended with one line, without what it quotes and numbers."""
    code, out, err = outcome
    lines = err.splitlines()
    assert (code, out) == (2, ""), outcome
    assert [line.partition(" ")[0] for line in lines] in (["error:"], ["error:", "hint:"]), outcome
    return re.sub(r"\d+", "N", re.sub(r"`[^`]*`", "``", lines[0], count=1))


def test_whatever_is_named_for_what_it_is_has_a_type_of_its_own():
    """A parameter that takes a file, a time, a key … by its metavar is read by the one function for it."""
    kinds = re.compile(r"\b(FILE|TIME|REGION|ARN|KEY|PLAN|SNAPSHOT|PREFIX|ID)\b")
    free = {
        ("who", "principal"),
        ("who", "key"),
        ("check", "controls"),
    }  # a name; an object's key; a check's id
    free |= {("history reencrypt", "ledger"), ("history reencrypt", "batch_place")}

    wrong = [
        (" ".join(names), parameter.name)
        for names, parameter in TAKEN
        if kinds.search(parameter.metavar or "") and not isinstance(parameter.type, Given)
    ]

    assert set(wrong) == free
    assert not [place for place in named(TAKEN) if place in named(those(click.Path))]
    assert not [place for place in named(TAKEN) if place in named(those(click.File))]


def test_every_kind_has_wrong_values():
    kinds = {each.name for each in vars(parameters).values() if isinstance(each, Given)}

    assert kinds == {*FAULTS, *WRONG}


@pytest.mark.parametrize(("names", "parameter"), those(UserFile), ids=named(those(UserFile)))
def test_a_file_that_will_not_do_is_one_line(files, command, names, parameter):
    before = sorted((each.name, each.lstat().st_mtime_ns) for each in files.iterdir())
    for fault in FAULTS[parameter.type.name]:
        if fault == "doubled" and names in TELLS_OF_DOUBLES:
            continue
        path = path_of(fault, parameter.type.name)

        sentence = only_sentence(command(words(names, parameter, str(files / path), files)))

        SENTENCES[path].add(sentence)
        assert len(SENTENCES[path]) == 1, SENTENCES[path]
    assert before == sorted((each.name, each.lstat().st_mtime_ns) for each in files.iterdir())
    assert not list(Path().iterdir())


SENTENCES: dict[str, set[str]] = defaultdict(set)
"""What was said of each fault, by all verbs."""


def path_of(fault: str, kind: str) -> str:
    if fault == "other":
        return f"{Kind.PRICES if DOCUMENTS[kind] is not Kind.PRICES else Kind.PLAN}.other"
    if fault == "deep" and kind == "intent":
        return "deep.toml"
    if fault == "long":
        return "a" * 5000
    return "nowhere/file" if fault == "nowhere" else fault


VALUES = [(names, parameter) for names, parameter in those(Given) if not isinstance(parameter.type, UserFile)]


@pytest.mark.parametrize(("names", "parameter"), VALUES, ids=named(VALUES))
def test_a_value_that_nobody_can_mean_is_one_line(files, command, names, parameter):
    kind = parameter.type.name
    for value in WRONG[kind]:
        sentence = only_sentence(command(words(names, parameter, value, files)))

        SENTENCES[kind].add(sentence)
        assert len(SENTENCES[kind]) == 1, SENTENCES[kind]
    assert not list(Path().iterdir())


BOTH = [place for place in VALUES if place[1].type.name == "trail" and place[0] in dict(those_of("snapshot"))]


@pytest.mark.parametrize(("names", "parameter"), BOTH, ids=named(BOTH))
def test_a_trail_that_is_not_there_is_one_line(files, command, names, parameter):
    asked = [*words(names, parameter, "none", files), "--snapshot", str(files / "snapshot")]

    sentence = only_sentence(command(asked))

    assert sentence == "error: there is no trail `` in account N"


@pytest.mark.parametrize("verb", ["check", "who"])
def test_nothing_is_saved_of_what_was_saved(files, command, verb):
    asked = [verb, "--save", "new", "--snapshot", str(files / "snapshot")]

    assert only_sentence(command(asked)).startswith("error: --snapshot reads no AWS account: --save")
    assert not list(Path().iterdir())


def test_an_end_before_its_start_is_one_line(command):
    asked = ["history", "validate", "--start-time", "2026-02-01", "--end-time", "2026-01-01"]

    assert only_sentence(command(asked)) == "error: `` is after `--end-time`"


def test_kinds_are_tried_by_more_than_one_verb():
    """The walk over the command line finds what is there."""
    assert len(those(UserFile)) > 15
    assert len(those(Time)) >= 4
    assert len(those(OwnFile)) >= 5
