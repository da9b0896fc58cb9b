"""
Texts that are marked for translation where they are written and translated where they are shown.

The core holds templates and facts; only `view`, `report` and `cli` turn them into a language.
"""

from __future__ import annotations

from dataclasses import dataclass, field


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "marked, not yet translated"
    """Return the text unchanged; the extractor collects it for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """
    A marked template with the facts that fill it.

    Placeholders are named, `{trail}`, and filled after translation. Facts are data and are never
    translated; a number that chooses a plural form is called `count`, and `plural` is then set.
    A dataclass and not a msgspec value: it lies on the path of `--help`, which loads as little as it can.
    """

    template: str
    facts: dict[str, str | int] = field(default_factory=dict)
    plural: str = ""

    def __hash__(self) -> int:
        """Equal messages are one, so that reasons that hold them can be told once."""
        return hash((self.template, self.plural, frozenset(self.facts.items())))

    def __str__(self) -> str:
        """The English text, for logs, machines and tests."""
        template = self.plural if self.plural and self.facts.get("count") != 1 else self.template
        return fill(template, self.facts)


Words = str | Message
"""A text that is data, and stays as it is, or one that is marked and can be translated."""


def message(template: str, /, **facts: str | int) -> Message:
    """Return `template` with its facts. The extractor knows this name: write the literal here."""
    return Message(template, facts)


def counted(singular: str, plural: str, count: int, /, **facts: str | int) -> Message:
    """Return a message that chooses its form by `count`, which both forms may show as `{count}`."""
    return Message(singular, {"count": count, **facts}, plural)


def fill(template: str, facts: dict[str, str | int]) -> str:
    """
    Return the template with its facts put in.

    `str.format_map` would let a template reach into attributes, and facts may hold braces
    (a policy, a key), so only `{name}` is replaced.
    """
    text = template
    for name, fact in facts.items():
        text = text.replace("{" + name + "}", str(fact).replace("{", "\x00"))
    return text.replace("\x00", "{")
