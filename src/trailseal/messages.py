"""
Texts that are marked for translation where they are written and translated where they are shown.

The core holds templates and facts; only `view`, `report` and `cli` turn them into a language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""
What a terminal obeys, what turns or hides what is beside it, and what no encoding can write.

Unicode's controls, format characters, surrogates, line and paragraph separators, and all that it lets a
font ignore (Default_Ignorable_Code_Point). Blanks of other widths are seen, and stay.
"""


WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]"
)
"""A letter that takes two columns: such letters are written without blanks between them."""


class Duration(int):
    """Seconds that pass, as a fact: worded in hours, minutes and seconds."""


Fact = str | int | tuple[str, ...]
Facts = dict[str, Fact]
"""What fills a text, by the names of its places."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "marked, not yet translated"
    """Return the text unchanged; the extractor collects it for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """
    A marked template with the facts that fill it; rows of names and times that pass are worded when shown.

    Placeholders are named, `{trail}`, and filled after translation. Facts are data and are never
    translated; a number that chooses a plural form is called `count`, and `plural` is then set.
    A dataclass and not a msgspec value: it lies on the path of `--help`, which loads as little as it can.
    """

    template: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    plural: str = ""

    def __hash__(self) -> int:
        """Equal messages are one, so that reasons that hold them can be told once."""
        return hash((self.template, self.plural, frozenset(self.facts.items())))

    def __str__(self) -> str:
        """The English text, for logs, machines and tests."""
        template = self.plural if self.plural and self.facts.get("count") != 1 else self.template
        return fill(template, worded(self.facts, lambda text: text))


def visible(text: str) -> str:
    """
    Return data from outside as it is safe to show: what could not be seen stands as an escape.

    This is the one rule for it. Line breaks count as well: a name that holds one would forge lines.
    """
    return UNSEEN.sub(_escape, text) if UNSEEN.search(text) else text


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


Words = str | Message
"""A text that is data, and stays as it is, or one that is marked and can be translated."""


def message(template: str, /, **facts: Fact) -> Message:
    """Return `template` with its facts. The extractor knows this name: write the literal here."""
    return Message(template, facts)


def counted(singular: str, plural: str, count: int, /, **facts: Fact) -> Message:
    """Return a message that chooses its form by `count`, which both forms may show as `{count}`."""
    return Message(singular, {"count": count, **facts}, plural)


UNITS = ((3600, N_("{number} h")), (60, N_("{number} min")), (1, N_("{number} s")))
"""What a time that passes is counted in, the seconds of each."""


def worded(facts: Mapping[str, Fact], translate: Callable[[str], str]) -> dict[str, str | int]:
    """Return the facts with each row of names, and each time that passes, as one text."""
    return {name: _worded(fact, translate) for name, fact in facts.items()}


def _worded(fact: Fact, translate: Callable[[str], str]) -> str | int:
    match fact:
        case tuple():
            return translate(N_(", ")).join(fact)
        case Duration():
            return " ".join(_counts(fact, translate))
        case _:
            return fact


def _counts(span: Duration, translate: Callable[[str], str]) -> Iterator[str]:
    """Yield how much there is of each unit."""
    left = int(span)
    for size, unit in UNITS:
        number, left = divmod(left, size)
        if number or (size == 1 and not span):
            yield fill(translate(unit), {"number": number})


def fill(template: str, facts: Mapping[str, str | int]) -> str:
    """
    Return the template with its facts put in.

    `str.format_map` would let a template reach into attributes, and facts may hold braces
    (a policy, a key), so only `{name}` is replaced. Facts are data from outside: they come `visible`.
    A translation has blanks between names and its wide letters; beside a fact of wide letters none stays.
    """
    text = template
    for name, fact in facts.items():
        shown, place = visible(str(fact)).replace("{", "\x00"), "{" + name + "}"
        if WIDE.match(shown[:1]):
            text = re.sub(rf"(?<={WIDE.pattern}) (?={re.escape(place)})", "", text)
        if WIDE.match(shown[-1:]):
            text = re.sub(rf"(?<={re.escape(place)}) (?={WIDE.pattern})", "", text)
        text = text.replace(place, shown)
    return text.replace("\x00", "{")
