"""What one question comes to for somebody, who may not have been read, or may stand for many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import structs

from trailseal.access.decision import DENIED, Decision, Effect
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.crowd import Crowds, is_crowd, one_is_enough
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.reading import governing_documents
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.split.automaton import TooMany

Ask = Callable[[Subject], Decision]
Effects = tuple[tuple[str, Effect], ...]
"""Actions with what each comes to."""


def effect_for(crowds: Crowds, subject: Subject, ask: Ask) -> Effect:
    """Return the effect: an account is as open as its members, for certain only where all are let in."""
    if not is_crowd(subject):
        return _known_or_possible(subject, ask)
    try:
        members = crowds.members(subject)
    except TooMany:
        return Effect.UNKNOWN
    effects = [_known_or_possible(member, ask) for member in members]
    if all(effect in DENIED for effect in effects):
        return Effect.IMPLICITLY_DENIED
    sure = [effect is Effect.ALLOWED for effect in effects]
    certain = any(sure) if one_is_enough(subject) else all(sure)
    return Effect.ALLOWED if certain else Effect.UNKNOWN


def effects_for(
    estate: Estate,
    target: LogObject,
    subjects: Sequence[Subject],
    asks: Mapping[str, Ask],
    *,
    about: tuple[str, ...] = (),
    beside: tuple[str, ...] = (),
) -> Iterator[tuple[Subject, Effects]]:
    """
    Yield each subject with the effect of each action, equal ones asked once.

    `about` are actions that are asked beside those, and `beside` policies that tell subjects apart too.
    """
    actions = (*asks, *about)
    governing = (*governing_documents(estate), *beside)
    own = frozenset(s.arn for s in subjects)
    documents = (*governing, *estate.guardrails)
    crowds = Crowds(estate=estate, target=target, documents=documents, actions=actions, own=own)

    def answer(subject: Subject) -> Effects:
        return tuple((action, effect_for(crowds, subject, ask)) for action, ask in asks.items())

    one_by_one = tuple(s for s in subjects if not is_crowd(s))
    ones = iter(answer_by_kind(one_by_one, Kinds(estate, actions, governing), answer))
    for subject in subjects:
        yield subject, answer(subject) if is_crowd(subject) else next(ones)


def both(one: Decision, other: Decision) -> Decision:
    """Return what two permissions that are both needed come to."""
    for effect in (one.effect, other.effect):
        if effect in DENIED:
            return Decision(effect=effect, reasons=())
    allowed = one.is_allowed and other.is_allowed
    return Decision(effect=Effect.ALLOWED if allowed else Effect.UNKNOWN, reasons=())


def at_most_possible(decision: Decision) -> Decision:
    """Return a decision of which a yes rests on something else, that nobody looked at."""
    return structs.replace(decision, effect=Effect.UNKNOWN) if decision.is_allowed else decision


def _known_or_possible(subject: Subject, ask: Ask) -> Effect:
    """Return the effect; whoever's IAM policies were not read may be allowed whatever they could allow."""
    if subject.knowledge is Knowledge.READ:
        return ask(subject).effect
    worst = ask(subject.worst_case())
    if not worst.is_allowed:
        return worst.effect
    return Effect.ALLOWED if ask(subject).is_allowed else Effect.UNKNOWN
