"""
A document that AWS holds, read without ever refusing it: AWS took it, whatever this reader knows.

Where the strict reader refuses a form, AWS has a meaning for it that is not told here. The statement
is then undecided: what of it can be read narrows it, and the rest stands for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from msgspec.structs import replace

from trailseal.access.conditions.operator import read_conditions
from trailseal.access.parse.document import (
    EQUAL_SIDS,
    UNIQUE_SIDS,
    Outline,
    Policy,
    read_outline,
    sids_again,
)
from trailseal.access.parse.element import ANYTHING, Element, read_action, read_resource
from trailseal.access.parse.json_text import doubled, read_leniently
from trailseal.access.parse.kind import WITHOUT_PRINCIPAL, PolicyKind
from trailseal.access.parse.principal import ANYBODY, read_principal
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import (
    Statement,
    UndecidedForm,
    read_effect,
    read_names,
    read_sid,
    read_statement,
)
from trailseal.access.request import Document

KEPT = 20_000
OF_THE_DOCUMENT = ("Version", "Id", "Statement")
T = TypeVar("T")


def read_stored(document: Document, kind: PolicyKind) -> Policy:
    """Return the policy in a document that AWS holds. A form that is refused is undecided, with its place."""
    if isinstance(document, str):
        return _read_text(document, kind)
    return _read(document, kind, ())


@lru_cache(maxsize=KEPT)
def _read_text(text: str, kind: PolicyKind) -> Policy:
    try:
        raw, twice = read_leniently(text)
    except InvalidPolicyError as problem:
        return _unreadable(problem, kind)
    return _read(raw, kind, twice)


def _read(raw: object, kind: PolicyKind, twice: tuple[str, ...]) -> Policy:
    if whole := [place for place in twice if place in OF_THE_DOCUMENT]:
        return _unreadable(doubled(whole[0]), kind)
    try:
        outline, note = _outline(raw, kind)
    except InvalidPolicyError as problem:
        return _unreadable(problem, kind)
    statements = tuple(s for i in range(len(outline.places)) for s in _statements(outline, i, kind, twice))
    if kind in UNIQUE_SIDS:
        statements = _with_equal_sids(statements, outline)
    if note is not None:
        statements = tuple(_noted(s, note) for s in statements)
    return Policy(id=outline.id, statements=statements)


def _outline(raw: object, kind: PolicyKind) -> tuple[Outline, UndecidedForm | None]:
    """Return the outline; an Id where none belongs changes nothing but is told."""
    try:
        return read_outline(raw, kind), None
    except InvalidPolicyError as problem:
        if problem.place != "Id" or not isinstance(raw, Mapping):
            raise
        without = {name: value for name, value in raw.items() if name != "Id"}
        return read_outline(without, kind), UndecidedForm(form=problem.what, place=problem.place)


def _unreadable(problem: InvalidPolicyError, kind: PolicyKind) -> Policy:
    """Return what is left of a document that says nothing for certain: it may allow or deny anything."""
    note = UndecidedForm(form=problem.what, place=problem.place)
    return Policy(id="", statements=(_anything(0, kind, note, allows=True), _anything(0, kind, note)))


def _anything(index: int, kind: PolicyKind, note: UndecidedForm, *, allows: bool = False) -> Statement:
    return Statement(
        sid="",
        index=index,
        allows=allows,
        principal=None if kind in WITHOUT_PRINCIPAL else ANYBODY,
        action=ANYTHING,
        resource=ANYTHING,
        conditions=(),
        has_variables=False,
        undecided=note,
    )


def _noted(statement: Statement, note: UndecidedForm) -> Statement:
    return statement if statement.undecided else replace(statement, undecided=note)


def _with_equal_sids(statements: tuple[Statement, ...], outline: Outline) -> tuple[Statement, ...]:
    """A statement that was split for its effect has its Sid twice, and is undecided already."""
    decided = [s for s in statements if s.undecided is None]
    again = {decided[i].index for i in sids_again(decided)}
    return tuple(
        _noted(s, UndecidedForm(form=EQUAL_SIDS, place=f"{outline.places[s.index]}.Sid"))
        if s.index in again
        else s
        for s in statements
    )


def _statements(
    outline: Outline, index: int, kind: PolicyKind, twice: tuple[str, ...]
) -> tuple[Statement, ...]:
    """Return the statement, or what it could be read as: two of them where the effect is not told."""
    raw, place = outline.statements[index], outline.places[index]
    doubles = tuple(each for each in twice if each.startswith(f"{place}."))
    try:
        strict = read_statement(raw, place=place, index=index, has_variables=outline.has_variables, kind=kind)
    except InvalidPolicyError as problem:
        note = UndecidedForm(form=problem.what, place=problem.place)
    else:
        if not doubles:
            return (strict,)
        first = doubled(doubles[0])
        note = UndecidedForm(form=first.what, place=first.place)
    doubled_elements = frozenset(each[len(place) + 1 :].partition(".")[0] for each in doubles)
    return _read_as_far_as_it_goes(outline, index, kind, note=note, doubled_elements=doubled_elements)


def _read_as_far_as_it_goes(
    outline: Outline, index: int, kind: PolicyKind, *, note: UndecidedForm, doubled_elements: frozenset[str]
) -> tuple[Statement, ...]:
    raw, place = outline.statements[index], outline.places[index]
    effects = _effects(raw, place, doubled_elements)
    try:
        given = read_names(raw, place)
    except InvalidPolicyError:
        return tuple(_anything(index, kind, note, allows=allows) for allows in effects)
    return tuple(
        replace(
            _parts(given, place, kind, allows=allows, doubled_elements=doubled_elements),
            index=index,
            has_variables=outline.has_variables,
            undecided=note,
        )
        for allows in effects
    )


def _effects(given: object, place: str, doubled_elements: frozenset[str]) -> tuple[bool, ...]:
    if "Effect" in doubled_elements or not isinstance(given, Mapping):
        return True, False
    try:
        return (read_effect(given, place, PolicyKind.RESOURCE),)
    except InvalidPolicyError:
        return True, False


def _parts(
    given: Mapping[str, Any],
    place: str,
    kind: PolicyKind,
    *,
    allows: bool,
    doubled_elements: frozenset[str],
) -> Statement:
    """Return the statement's elements, each read for itself, and wide open where it cannot be read."""
    anything: Element | None = ANYTHING
    nobody_named = kind in WITHOUT_PRINCIPAL

    def part(names: tuple[str, ...], read: Callable[[], T], otherwise: T) -> T:
        if doubled_elements.intersection(names):
            return otherwise
        try:
            return read()
        except InvalidPolicyError:
            return otherwise

    return Statement(
        sid=part(("Sid",), lambda: read_sid(given, place, kind), ""),
        index=0,
        allows=allows,
        principal=part(
            ("Principal", "NotPrincipal"),
            lambda: read_principal(given, place, kind, allows=allows),
            None if nobody_named else ANYBODY,
        ),
        action=part(("Action", "NotAction"), lambda: read_action(given, place, kind), anything),
        resource=part(
            ("Resource", "NotResource"),
            lambda: read_resource(given, place, kind),
            None if kind is PolicyKind.TRUST else ANYTHING,
        ),
        conditions=part(
            ("Condition",), lambda: read_conditions(given.get("Condition", {}), f"{place}.Condition"), ()
        ),
        has_variables=False,
    )
