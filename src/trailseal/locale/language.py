"""Which language the output speaks: `--lang`, else the user's settings, the locale, English."""

from __future__ import annotations

import gettext
import os
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

from trailseal.locale.aws_words import AWS_WORDS
from trailseal.messages import N_, Words, fill, visible, worded

LANGUAGES = ("en", "ja")
DOMAIN = "trailseal"
FOLDER = Path(__file__).parent
_chosen = "en"


def choose_language(arguments: list[str], settled: str = "") -> None:
    """Set the language from `--lang ja` or `--lang=ja`, else what is settled, else the locale."""
    global _chosen  # noqa: PLW0603 - one process speaks one language
    named = [b for a, b in pairwise(arguments) if a == "--lang"]
    named += [a.removeprefix("--lang=") for a in arguments if a.startswith("--lang=")]
    wanted = named[-1] if named else settled or _from_environment()
    _chosen = wanted if wanted in LANGUAGES else "en"
    _let_click_speak(_chosen)


def _from_environment() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.partition("_")[0].partition(".")[0]
    return "en"


def _let_click_speak(lang: str) -> None:
    """Point the process's default text domain, which click asks, at our catalogue."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)


def language() -> str:
    """Return the language chosen for this process."""
    return _chosen


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, [lang], fallback=True)


def translate(text: str) -> str:
    """Return a marked text in the chosen language."""
    return _catalogue(_chosen).gettext(text) if text else ""


def say(text: Words) -> str:
    """
    Return a message in the chosen language with its facts filled in; data as it is safe to show.

    A fact that is a word of AWS's has its meaning beside it.
    """
    if isinstance(text, str):
        return visible(text)
    facts = {
        name: aws_word(fact.value) if isinstance(fact, StrEnum) else fact
        for name, fact in worded(text.facts, translate).items()
    }
    if text.plural:
        template = _catalogue(_chosen).ngettext(text.template, text.plural, int(facts.get("count", 0)))
    else:
        template = translate(text.template)
    return fill(template, facts)


def aws_word(word: str) -> str:
    """Return a word of AWS's as AWS writes it, and beside it what it means where that is another word."""
    meant = translate(AWS_WORDS[word]) if word in AWS_WORDS else word
    return word if meant == word else word + aside(meant)


def aside(text: str) -> str:
    """Return a text in the parentheses of the language, with the blank before them where there is one."""
    return fill(translate(N_(" ({aside})")), {"aside": text})
