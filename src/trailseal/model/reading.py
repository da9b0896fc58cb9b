"""
Reading the documents that users give: JSON, UTF-8, strict, and one sentence for each thing that is wrong.

A document carries `format`, so that an older trailseal can say that it does not know a newer one.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from trailseal.errors import UsageProblem
from trailseal.messages import N_, Message, message
from trailseal.model.foreign import PARTS, ForeignError, TooDeepError, TooLargeError, json_value_in
from trailseal.model.json_text import count_names, marks_outside_texts, names_twice

Doc = TypeVar("Doc")
FORMAT = 1
MOST_PARTS = 4 * PARTS
"""Of a snapshot, which holds every principal of an account with its policies, and of a check of many."""
BOM = b"\xef\xbb\xbf"
BYTE = re.compile(r"\(byte (\d+)\)")
FIELD, PLACE = re.compile(r"field `([^`]+)`"), re.compile(r" - at `(.+)`$")


class Kind(StrEnum):
    """What a document is."""

    SNAPSHOT = "snapshot"
    PLAN = "plan"
    MANIFEST = "manifest"
    PRICES = "prices"
    POLICY = "policy"
    CHECK = "check"


LARGE_KINDS = frozenset({Kind.SNAPSHOT, Kind.CHECK})
SIGNS = {
    Kind.SNAPSHOT: {"taken_at", "caller_arn", "partition"},
    Kind.PLAN: {"steps", "rollback", "account"},
    Kind.MANIFEST: {"bucket", "made_at"},
    Kind.PRICES: {"kms_key_month", "s3_put_1000"},
    Kind.POLICY: {"Statement"},
    Kind.CHECK: {"counts", "findings", "scores"},
}
"""Names at the top that each kind has and no other."""
FOUND = {
    Kind.SNAPSHOT: N_("`{name}` is a snapshot, and something else is wanted here"),
    Kind.PLAN: N_("`{name}` is a plan, and something else is wanted here"),
    Kind.MANIFEST: N_("`{name}` is a manifest, and something else is wanted here"),
    Kind.PRICES: N_("`{name}` is a price table, and something else is wanted here"),
    Kind.POLICY: N_("`{name}` is a policy, and something else is wanted here"),
    Kind.CHECK: N_("`{name}` is a check, and something else is wanted here"),
}
HINTS = {
    Kind.SNAPSHOT: N_("give a snapshot, as `trailseal check --save FILE` writes it"),
    Kind.PLAN: N_("give a plan, as `trailseal plan --out FILE` writes it"),
    Kind.MANIFEST: N_("give a manifest, as `trailseal history census --manifest FILE` writes it"),
    Kind.PRICES: N_("give a price table, as `trailseal cost --show-prices` prints it"),
    Kind.POLICY: N_("give a policy, as `aws kms get-key-policy` prints it"),
    Kind.CHECK: N_(
        "give what `trailseal check --format json` printed, or `trailseal check --save FILE` wrote"
    ),
}


def decode(raw: bytes, form: type[Doc], *, kind: Kind, name: str) -> Doc:
    """
    Return the document in `raw`.

    Raises:
        UsageProblem: it is not JSON, is cut short, says two things, or is not a document of this kind.
    """
    value = json_value(raw, name=name, kind=kind)
    refuse_others(value, kind=kind, name=name)
    found = value.get("format", FORMAT) if isinstance(value, dict) else FORMAT
    if isinstance(found, int) and found != FORMAT:
        what = message("`{name}` has format {format}, this version reads 1", name=name, format=found)
        raise _wrong(what, kind)
    try:
        return msgspec.json.decode(raw.removeprefix(BOM), type=form)
    except msgspec.ValidationError as problem:
        place = place_of(problem)
    raise wrong_at(place, kind=kind, name=name)


def wrong_at(place: str, *, kind: Kind, name: str) -> UsageProblem:
    """Return that a document holds at a place what none of its kind does."""
    return _wrong(
        message(
            "`{name}` is not a document that this version reads: look at `{place}`", name=name, place=place
        ),
        kind,
    )


def json_value(raw: bytes, *, name: str, kind: Kind, lenient: bool = False) -> Any:
    """
    Return the JSON value in `raw`; a byte order mark before it is passed over.

    `lenient` is for a reader that tells of names that stand twice by itself.

    Raises:
        UsageProblem: it is empty, not JSON, cut short, nested too deeply, or has a name twice in one object.
    """
    text = raw.removeprefix(BOM)
    if not text.strip():
        raise _wrong(message("`{name}` is empty", name=name), kind)
    try:
        value = json_value_in(text, parts=MOST_PARTS if kind in LARGE_KINDS else PARTS)
    except TooLargeError:
        raise _wrong(message("`{name}` has more parts than any document", name=name), kind) from None
    except TooDeepError:
        raise _wrong(message("`{name}` is nested too deeply", name=name), kind) from None
    except ForeignError as problem:
        raise _no_json(text, problem, kind=kind, name=name) from None
    marks = 0 if lenient else marks_outside_texts(text)
    if marks and marks > count_names(value) and (twice := names_twice(text)):
        raise _wrong(
            message("`{name}` has `{place}` twice, so it says two things", name=name, place=twice[0]), kind
        )
    return value


def text_in(raw: bytes, *, name: str) -> str:
    """
    Return the text in `raw`; a byte order mark before it is passed over.

    Raises:
        UsageProblem: it is not UTF-8.
    """
    try:
        return raw.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        raise _no_text(name) from None


def refuse_others(value: Any, *, kind: Kind, name: str) -> None:
    """
    Return when a JSON value is not a document of another kind.

    Raises:
        UsageProblem: it is one.
    """
    names = value.keys() if isinstance(value, dict) else ()
    if SIGNS[kind] <= set(names):
        return
    for other, signs in SIGNS.items():
        if signs <= set(names):
            raise _wrong(Message(FOUND[other], {"name": name}), kind)


def is_of(kind: Kind, value: Any) -> bool:
    """Whether a JSON value has the names that a kind of documents has and no other."""
    return isinstance(value, dict) and SIGNS[kind] <= set(value)


def place_of(problem: msgspec.ValidationError) -> str:
    """Return the place in a document that msgspec stumbled at: `$.steps[0].key`."""
    place, field = PLACE.search(str(problem)), FIELD.search(str(problem))
    return ".".join((place[1] if place else "$", *((field[1],) if field else ())))


def _no_json(text: bytes, problem: Exception, *, kind: Kind, name: str) -> UsageProblem:
    """Return what is wrong with a text; one of several documents, as a manifest is, is known by its first."""
    first, end, _ = text.partition(b"\n")
    if end:
        try:
            refuse_others(json_value_in(first), kind=kind, name=name)
        except ForeignError:
            pass
        except UsageProblem as other:
            return other
    try:
        text.decode()
    except UnicodeDecodeError:
        return _no_text(name)
    at = BYTE.search(str(problem))
    byte = int(at[1]) if at else len(text)
    return _wrong(
        message("`{name}` is not JSON, or is cut short, at byte {byte}", name=name, byte=byte), kind
    )


def _no_text(name: str) -> UsageProblem:
    return UsageProblem(message("`{name}` is not text in UTF-8", name=name))


def _wrong(what: Message, kind: Kind) -> UsageProblem:
    return UsageProblem(what, Message(HINTS[kind]))
