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
from trailseal.cli.parameters import Days, Given, OwnFile, Seconds, Time, UserFile, Whole, Word, name_of
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
    "check": Kind.CHECK,
}
TELLS_OF_DOUBLES = {("policy", "show"), ("policy", "lint")}
"""They read such a policy and say what is wrong with it."""
NO_FILES = ("missing", "directory", "pipe", "loop", "long")
NO_JSON = ("empty", "binary", "deep", "doubled", "other")
FAULTS = {
    **dict.fromkeys(DOCUMENTS, (*NO_FILES, "huge", *NO_JSON)),
    "manifest": (*NO_FILES, *NO_JSON),  # read line by line, so of any size
    "intent": (*NO_FILES, "huge", "binary", "deep"),
    **dict.fromkeys(("material", "private key", "signers"), (*NO_FILES, "huge")),
    "out": ("directory", "pipe", "nowhere"),
}
WRONG = {
    "trail": ["no trail", "arn:aws:kms:us-east-1:111122223333:key/a", "a\nb", "\x1b[2J", "", "-"],
    "organization": ["o-", "example12345", "o-EXAMPLE12345", "o-example12345/r-1", "a\nb", "\x1b[2J", ""],
    "trail_arn": ["management-events", "arn:aws:s3:::bucket", "a\nb", ""],
    "region": ["EU", "osaka", "us-east-1\n", "\x1b[2J", "us_east_1", ""],
    "account": ["11112222333", "1111222233334", "a", "１１１１２２２２３３３３", ""],
    "key": ["my key", f"arn:aws-cn:kms:us-east-1:111122223333:key/{KEY_ID}", "alias/", "a\nb", ""],
    "key_arn": ["alias/audit", KEY_ID, f"arn:aws-cn:kms:us-east-1:111122223333:key/{KEY_ID}", "a\nb"],
    "principal": ["alice", "arn:aws:s3:::bucket", "a\nb", ""],
    "reader": ["alice", "arn:aws:s3:::bucket", "a\nb", ""],
    "alias": ["", "audit", "alias/*", "alias/a b"],
    "role": ["", "a", "arn:aws:iam::111122223333:user/a", "arn:aws:s3:::bucket"],
    "external_id": ["", "a", "a b", "\x1b[2J"],
    "partition": ["AWS", "aws cn", "\x1b[2J"],
    "principal_name": ["", "a b", "a\nb", "\x1b[2J", "arn:aws:s3:::bucket", "arn:aws:iam"],
    "prefix": ["s3://bucket/AWSLogs/", "a" * 1025],
    "object_key": ["", "s3://bucket/AWSLogs/a", "a" * 1025],
    "bucket": ["", "s3://bucket", "bucket/AWSLogs", "arn:aws:s3:::bucket", "a\nb", "ab", "a" * 256],
    "s3_place": [
        "",
        "bucket/batch",
        "s3://",
        "s3:///batch",
        "s3://a b/c",
        "https://bucket",
        f"s3://bucket/{'a' * 1025}",
    ],
    "ledger": ["", "s3://", "s3:///ledger", "s3://a\nb/c"],
    "reads": ["", "often", "-1", "3-1", "nan", "1-inf", "1e999", "1e308", "1-1000001"],
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
OF_KIND = {"ledger": 2}
"""Sentences of a kind, where it is more than one: a ledger is a file, or a place in S3."""
MANIFEST = (
    b'{"bucket": "bbb", "made_at": "2026-01-01T00:00:00Z", '
    b'"trail_arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/a"}\n'
)
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
    (folder / "manifest").write_bytes(MANIFEST)
    (folder / "policy").write_text('{"Statement": []}')
    (folder / "material").write_bytes(bytes(32))
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

    def told(words, lang="en"):
        code = run(["--lang", lang, *words])
        return code, *capfd.readouterr()

    return told


def good(parameter: click.Parameter, files: Path) -> list[str]:
    """Return a right value for a parameter that a verb cannot do without."""
    if isinstance(parameter.type, Word):
        return written(parameter, parameter.type.choices[0])
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


HEADS = {"en": ["error:", "hint:"], "ja": ["エラー:", "ヒント:"]}


def only_sentence(outcome: tuple[int, str, str], lang: str = "en") -> str:
    """Return the sentence of a command that ended with one line, without what it quotes and numbers."""
    code, out, err = outcome
    lines = err.splitlines()
    assert (code, out) == (2, ""), outcome
    assert [line.partition(" ")[0] for line in lines] in (HEADS[lang][:1], HEADS[lang]), outcome
    return re.sub(r"\d+", "N", re.sub(r"`[^`]*`", "``", lines[0], count=1))


def test_whatever_is_named_for_what_it_is_has_a_type_of_its_own():
    """A parameter that takes a file, a time, a key … by its metavar is read by the one function for it."""
    kinds = re.compile(r"\b(FILE|TIME|REGION|ARN|KEY|PLAN|SNAPSHOT|PREFIX|ID|BUCKET|URI)\b")
    free = {
        ("check", "controls"),
        ("history census", "source"),
    }  # an id; a word or an address

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


@pytest.mark.sweep
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


@pytest.mark.sweep
@pytest.mark.parametrize(("names", "parameter"), VALUES, ids=named(VALUES))
def test_a_value_that_nobody_can_mean_is_one_line(files, command, names, parameter):
    kind = parameter.type.name
    for value in WRONG[kind]:
        sentence = only_sentence(command(words(names, parameter, value, files)))

        SENTENCES[kind].add(sentence)
        assert len(SENTENCES[kind]) <= OF_KIND.get(kind, 1), SENTENCES[kind]
    assert not list(Path().iterdir())


CHOSEN = [(names, each) for names, each in TAKEN if isinstance(each.type, Word | Whole | Days | Seconds)]
CANNOT_BE = {"en": "error: `` cannot be the value of {}", "ja": "エラー: `` は {} の値にできません"}
FAR = "9" * 400
"""More than any bound."""


def out_of(kind: click.ParamType) -> list[str]:
    """Return words that a choice or a number cannot be."""
    wrong = ["", "xml", "a\nb", "\x1b[2J"]
    if isinstance(kind, Whole | Seconds):
        wrong += ["-1", "nan", "1e999", FAR, str(kind.highest + 1)]
    return [*wrong, "1.5"] if isinstance(kind, Whole | Days) else wrong


@pytest.mark.sweep
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(("names", "parameter"), CHOSEN, ids=named(CHOSEN))
def test_what_is_none_of_the_words_and_no_number_of_the_bounds_is_one_line(
    files, command, names, parameter, lang
):
    lang = "en" if parameter.name == "lang" else lang  # a language that there is not is none to speak
    for value in out_of(parameter.type):
        if value.startswith("-") and isinstance(parameter, click.Argument):
            continue  # an option's name
        told = only_sentence(command(words(names, parameter, value, files), lang), lang)

        assert told == CANNOT_BE[lang].format(name_of(parameter))


NUMBERS = [(names, each) for names, each in CHOSEN if isinstance(each.type, Whole | Seconds)]
NUMBERS = [(names, each) for names, each in NUMBERS if names[0] not in {"lab", "demo"}]


@pytest.mark.parametrize(("names", "parameter"), NUMBERS, ids=named(NUMBERS))
def test_the_largest_number_is_one_that_can_be_reckoned_with(files, command, names, parameter):
    beside = {("verify",): ["--wait"], ("cost",): ["--assume", "1"]}.get(names, [])
    asked = words(names, parameter, str(parameter.type.highest), files)
    code, _, err = command([*names, *beside, *asked[len(names) :]])

    assert code in {0, 1, 2}
    assert "cannot be the value of" not in err


@pytest.mark.parametrize(
    "asked", [["--history-objects", str(10**15)], ["--assume", "1000000"], ["--reads-per-file", "0-1000000"]]
)
def test_the_largest_estimate_is_one_of_numbers(command, asked):
    code, out, err = command(["cost", "--assume", "1", *asked, "--format", "json"])

    assert (code, err) == (0, "")
    assert all(each["low"] is not None for each in ranges_in(json.loads(out)))


def ranges_in(value: object) -> list[dict[str, object]]:
    """Return whatever has a low and a high end."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if isinstance(value, dict) and "low" in value else []
    return found + [each for part in inner for each in ranges_in(part)]


def needed(verb: click.Command, files: Path) -> list[str]:
    return [word for each in verb.params if each.required for word in good(each, files)]


def usages(names: tuple[str, ...], verb: click.Command, files: Path) -> dict[str, list[str]]:
    """Return command lines that cannot be read, by what is wrong with them."""
    right = [*names, *needed(verb, files)]
    options = [each for each in verb.params if isinstance(each, click.Option)]
    flags = [each for each in options if each.is_flag]
    wrong = {
        "no such option": [*right, "--no-such-thing"],
        "mistyped": [*right, f"{options[0].opts[0]}x"],
        "short": [*right, "-Z"],
        **({} if names == ("help",) else {"too many": [*right, *["1"] * 3]}),
        "strange": [*right, "--\x1b[2J\nx"],
        "no value": [*right, next(each.opts[0] for each in options if not each.is_flag)],
        "help's value": [*right, "--help=1"],
    }
    if flags:
        wrong["a flag's value"] = [*right, f"{flags[0].opts[-1]}=1"]
    if len(right) > len(names):
        wrong["nothing"] = list(names)
    return wrong


@pytest.mark.sweep
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(("names", "verb"), list(verbs()), ids=[" ".join(names) for names, _ in verbs()])
def test_a_command_line_that_cannot_be_read_is_one_line_and_says_where_to_look(
    files, command, names, verb, lang
):
    for fault, asked in usages(names, verb, files).items():
        code, out, err = command(asked, lang)

        assert (code, out) == (2, ""), (fault, out)
        assert [line.split(" ")[0] for line in err.splitlines()] == HEADS[lang], (fault, err)
        assert f"trailseal {' '.join(names)} --help" in err.splitlines()[1], (fault, err)
        assert "\x1b" not in err


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    "words", [["checkx"], ["history", "censu"], ["key", "a\n\x1b[2Jb"], ["lab", "fault", "x"], ["--"]]
)
def test_a_verb_that_there_is_not_is_one_line(command, words, lang):
    code, out, err = command(words, lang)

    assert (code, out) == (2, "")
    assert [line.split(" ")[0] for line in err.splitlines()] == HEADS[lang], err
    assert err.splitlines()[1].endswith(f"trailseal {' '.join(words[:-1])} --help".replace("  ", " "))


def test_who_mistypes_is_told_what_may_be_meant(command):
    assert "is check meant?" in command(["checkx"])[2]
    assert "is --trail, --profile meant?" in command(["cost", "--trial", "x"])[2]


@pytest.mark.parametrize("words", [[], ["history"], ["key"]], ids=str)
def test_who_names_no_verb_is_told_which_there_are(capfd, words):
    assert run(words) == 2
    assert "Usage: trailseal" in capfd.readouterr().err


def test_every_parameter_is_of_a_kind_that_tells_what_is_wrong_with_it():
    """click's own kinds say it in several lines."""
    ours = Given | Word | Whole | Days | Seconds
    free = {type(click.STRING), type(click.BOOL)}

    assert not [
        (names, each.name)
        for names, each in TAKEN
        if not isinstance(each.type, ours) and type(each.type) not in free
    ]


ELSEWHERE = "arn:aws-cn:kms:cn-north-1:111122223333:"
NAMES_OF_ELSEWHERE = {
    "key": [f"{ELSEWHERE}key/{KEY_ID}", f"{ELSEWHERE}alias/audit"],
    "key_arn": [f"{ELSEWHERE}key/{KEY_ID}"],
    "source": [f"{ELSEWHERE}key/{KEY_ID}", f"{ELSEWHERE}alias/audit"],
    "trail_arn": ["arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/a"],
    "principal": ["arn:aws-cn:iam::111122223333:role/a"],
}


def beside(names: tuple[str, ...], files: Path) -> list[str]:
    """Return what a verb wants to know before it asks whether a name is one of this partition."""
    wanted = {
        ("plan",): ["--snapshot", str(files / "snapshot")],
        ("key", "rotate"): ["--now", "--yes"],
        ("key", "import"): ["--material", str(files / "material")],
    }
    return wanted.get(names, [])


AFAR = [
    place
    for place in VALUES + those_of("source")
    if place[1].type.name in NAMES_OF_ELSEWHERE and place[0] != ("permissions",)  # which asks no AWS
]
HISTORY = [place for place in those_of("trail") if place[0][0] in {"history", "cost"}]


@pytest.mark.sweep
@pytest.mark.parametrize(("names", "parameter"), AFAR, ids=named(AFAR))
def test_what_is_of_another_partition_is_one_line(files, command, names, parameter):
    for value in NAMES_OF_ELSEWHERE[parameter.type.name]:
        sentence = only_sentence(command([*words(names, parameter, value, files), *beside(names, files)]))

        assert sentence == "error: `` is of another partition than aws"


@pytest.mark.parametrize(("names", "parameter"), HISTORY, ids=named(HISTORY))
def test_a_trail_of_another_partition_is_one_line(files, command, names, parameter):
    sentence = only_sentence(command(words(names, parameter, NAMES_OF_ELSEWHERE["trail_arn"][0], files)))

    assert sentence == "error: `` is of another partition than aws"


def test_a_key_of_a_partition_that_is_not_known_here_is_asked_for(command):
    code, _, err = command(["key", "show", f"arn:aws-new:kms:zz-north-1:111122223333:key/{KEY_ID}"])

    assert (code, "no answer from" in err) == (1, True)


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
