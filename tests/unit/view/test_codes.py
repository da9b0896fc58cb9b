"""Every code that a verb prints is explained, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trailseal.access.lint
from rows import each_row
from trailseal.access.lint.catalogue import RULES as LINT_RULES
from trailseal.cli.main import run
from trailseal.errors import ExitCode
from trailseal.locale.language import choose_language, say
from trailseal.plan.concern import concern
from trailseal.plan.concern_facts import Code, Details
from trailseal.view.codes import every_code, explained
from trailseal.view.concern_reasons import WHY

CODES = every_code()


def test_every_rule_that_lint_tells_has_its_row():
    folder = Path(trailseal.access.lint.__file__).parent
    others = [each for each in folder.glob("*.py") if each.name != "catalogue.py"]
    told = {
        code for each in others for code in re.findall(r"\"(KP\d{3})\"", each.read_text(encoding="utf-8"))
    }

    assert told == set(LINT_RULES)


def test_every_concern_of_a_plan_has_a_reason():
    assert set(WHY) == set(Code)


def test_every_code_is_explained_once():
    names = [each.code for each in CODES]

    assert len(names) == len(set(names)) == len(LINT_RULES) + len(Code)


@each_row("lang", ["en", "ja"])
@each_row("told", CODES, ids=lambda told: told.code)
def test_an_explanation_is_whole_in_either_language(told, lang):
    choose_language(["--lang", lang])
    for text in (told.means, told.why, told.remedy):
        said = say(text)

        assert said
        assert not re.search(r"[{}]", said), "a fact without a name"
        if lang == "ja":
            assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", said), said


@pytest.mark.parametrize("name", ["kp101", "KP101", "Key-Missing", "key-missing"])
def test_a_code_is_found_in_any_case(capsys, name):
    assert run(["--lang", "en", "explain", name]) == ExitCode.CLEAN
    assert capsys.readouterr().out.splitlines()[0].lower() == name.lower()


def test_what_can_be_accepted_is_told_with_its_option(capsys):
    for told in CODES:
        run(["--lang", "en", "explain", told.code])

        assert (f"--accept {told.code}" in capsys.readouterr().out) == told.can_be_accepted


@pytest.mark.parametrize("code", Code)
def test_a_code_that_is_taken_on_by_its_facts_alone_says_by_which(code):
    choose_language(["--lang", "en"])
    facts = Details(principals=("arn:aws:iam::111122223333:role/gone",), key="arn:k", statements=("Readers",))
    answers = {concern(code, "arn:k", each).can_be_taken_on for each in (Details(), facts)}
    told = explained(code.value)

    assert told.can_be_accepted == any(answers)
    assert (len(answers) > 1) == ("that alone can be accepted" in say(told.means))


def test_the_document_is_the_same(capsys):
    for told in CODES:
        run(["--lang", "en", "explain", told.code, "--format", "json"])
        document = json.loads(capsys.readouterr().out)

        assert (document["code"], document["kind"], document["weight"]) == (told.code, told.kind, told.weight)
        assert document["why"] == say(told.why)


@pytest.mark.parametrize("name", ["KP1", "KP999", "key", "", "ＫＰ101"])
def test_no_other_name_is_a_code(name):
    assert explained(name) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [("KP999", "KP1"), ("KP1O1", "KP1"), ("TS110", "TS1"), ("key-mising", "key-missing"), ("?", "")],
)
def test_a_code_that_there_is_not_is_one_line_with_what_may_be_meant(capsys, name, meant):
    assert run(["--lang", "en", "explain", name]) == ExitCode.USAGE
    error, hint = capsys.readouterr().err.splitlines()

    assert error == f"error: there is no check and no code `{name}`"
    assert (meant in hint) if meant else hint.startswith("hint: trailseal check")
