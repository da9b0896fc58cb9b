"""What becomes of readers, in words made from facts: why, and the statement that would let them go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from msgspec import Struct

from trailseal.access.readers.doubt import NOT_DENIED
from trailseal.access.readers.reading import Access
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.plan.deciders import Decider, Layer, Says
from trailseal.plan.plan import Plan
from trailseal.plan.reading import LacksIn, ReaderImpact, ReaderOutlook
from trailseal.plan.restriction import reader_statement
from trailseal.plan.step import is_new
from trailseal.view.reading import LAYERS
from trailseal.view.words import listed

OUTLOOKS = {
    ReaderOutlook.KEEPS: (N_("keep reading"), "green"),
    ReaderOutlook.NEWLY_ABLE: (N_("newly able to read"), "yellow"),
    ReaderOutlook.UNKNOWN: (N_("not known"), "magenta"),
    ReaderOutlook.SHUT_OUT: (N_("lose access, as asked"), "cyan"),
    ReaderOutlook.BREAKS: (N_("LOSE ACCESS"), "red"),
}
"""In the order in which they are told: what matters most stands last."""
NEWLY_DOUBTED = message("newly able, if no policy of the organization denies it")
ORGANIZATION = frozenset({Layer.SCP, Layer.RCP})
PLACES = LAYERS | {Layer.RESOURCE: N_("the key policy"), Layer.IDENTITY: N_("its IAM policies")}
"""Where what decides about decrypting stands."""
LETS = frozenset({Says.ALLOW, Says.DELEGATES})
SIDES = {
    LacksIn.IN_KEY_POLICY: N_("needs a statement in the key policy"),
    LacksIn.IN_IAM: N_("needs a statement in its own IAM policies"),
}


class MissingStatement(Struct, frozen=True):
    """The statement, as JSON, that would let these readers go on, and where it belongs."""

    side: LacksIn
    readers: tuple[str, ...]
    statement: str

    @property
    def options(self) -> str:
        """The options of a plan that adds it, "" where no plan does: IAM policies are none of a plan's."""
        if self.side is not LacksIn.IN_KEY_POLICY:
            return ""
        return " ".join(f"--also-reader {arn}" for arn in self.readers)

    @property
    def told(self) -> Message:
        """Where to add it, and for whom."""
        if self.side is LacksIn.IN_KEY_POLICY:
            return message("That adds to the key policy:")
        names = listed(arn.rpartition(":")[2] for arn in self.readers)
        return message("To keep their access, add to the IAM policies of {readers}:", readers=names)


def side_of(reader: ReaderImpact, key: str) -> LacksIn:
    """Return where the statement belongs that a reader lacks; no IAM policy can name a key yet to be made."""
    named = bool(key) and not is_new(key)
    return LacksIn.IN_KEY_POLICY if reader.lacks is LacksIn.IN_IAM and not named else reader.lacks


def missing_statements(
    readers: Iterable[ReaderImpact], key_of: Callable[[ReaderImpact], str]
) -> tuple[MissingStatement, ...]:
    """Return each statement that is lacking once, with all readers that it is for."""
    found: dict[tuple[LacksIn, str, tuple[str, ...]], list[str]] = {}
    for reader in readers:
        key = key_of(reader)
        side = side_of(reader, key)
        if side is LacksIn.IN_KEY_POLICY:
            found.setdefault((side, "", reader.trails), []).append(reader.principal)
        elif side is LacksIn.IN_IAM:
            found.setdefault((side, key, ()), []).append(reader.principal)
    return tuple(_missing(side, key, trails, tuple(arns)) for (side, key, trails), arns in found.items())


def _missing(side: LacksIn, key: str, trails: tuple[str, ...], readers: tuple[str, ...]) -> MissingStatement:
    statement = (
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
        if side is LacksIn.IN_IAM
        else reader_statement(readers, trails)
    )
    return MissingStatement(side, readers, json.dumps(statement, ensure_ascii=False))


def key_for(reader: ReaderImpact, plan: Plan) -> str:
    """Return the key that a plan points one of the reader's trails at, "" for none."""
    return next((step.after for step in plan.switches if step.trail_arn in reader.trails), "")


def reasons_for(reader: ReaderImpact) -> list[str]:
    """Return why: what decides, or what would have to hold. Of one who loses, not what lets others in."""
    deciding = (each for each in reader.decided_by if not (reader.loses and each.outcome in LETS))
    return list(dict.fromkeys(_reason(decider, reader) for decider in deciding))


def _reason(decider: Decider, reader: ReaderImpact) -> str:
    unread = decider.layer in ORGANIZATION and decider.outcome is Says.UNKNOWN and not decider.statement
    if unread and reader.after is Access.UNKNOWN:
        return say(NOT_DENIED if reader.before is Access.READ else NEWLY_DOUBTED)
    return decider_words(decider)


def decider_words(decider: Decider) -> str:
    """Return what decides: the statement of the key policy by its Sid, any other by where it stands."""
    place = translate(PLACES.get(decider.layer, decider.layer.value))
    if decider.outcome is Says.MISSING and not decider.statement:
        return say(message("not allowed by {layers}", layers=place))
    where = _statement(decider, place)
    return say(message("denied by {statement}", statement=where)) if decider.outcome is Says.DENY else where


def _statement(decider: Decider, place: str) -> str:
    if decider.statement.startswith("#"):
        number = decider.statement.removeprefix("#")
        if decider.layer is not Layer.RESOURCE:
            return place
        return say(message("statement {number} of {policy}", number=number, policy=place))
    if not decider.statement:
        return place
    if decider.layer is Layer.RESOURCE:
        return decider.statement
    return say(message("{statement} in {policy}", statement=decider.statement, policy=place))
