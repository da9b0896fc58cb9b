"""What becomes of a reader, in words made from facts: why, and the statement that would let it go on."""

from __future__ import annotations

import json

from trailseal.access.readers.doubt import NOT_DENIED
from trailseal.access.readers.reading import Access
from trailseal.locale.language import say, translate
from trailseal.messages import N_, message
from trailseal.plan.deciders import Decider, Layer, Says
from trailseal.plan.plan import Plan
from trailseal.plan.reading import LacksIn, ReaderImpact, ReaderOutlook
from trailseal.plan.restriction import reader_statement
from trailseal.plan.step import is_new
from trailseal.view.reading import LAYERS

OUTLOOKS = {
    ReaderOutlook.KEEPS: (N_("keeps reading"), "green"),
    ReaderOutlook.BREAKS: (N_("WILL BREAK"), "red"),
    ReaderOutlook.NEWLY_ABLE: (N_("newly able"), "yellow"),
    ReaderOutlook.SHUT_OUT: (N_("shut out, as asked"), "cyan"),
    ReaderOutlook.UNKNOWN: (N_("not known"), "magenta"),
}
NEWLY_DOUBTED = message("newly able, if no policy of the organization denies it")
ORGANIZATION = frozenset({Layer.SCP, Layer.RCP})


def statement_for(reader: ReaderImpact, key: str) -> str:
    """Return, as JSON, the statement that would let a reader go on under `key`; "" where none is lacking."""
    if reader.lacks is LacksIn.NOTHING:
        return ""
    if reader.lacks is LacksIn.IN_IAM and key and not is_new(key):
        return json.dumps({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key})
    return json.dumps(reader_statement((reader.principal,), reader.trails))


def key_for(reader: ReaderImpact, plan: Plan) -> str:
    """Return the key that a plan points one of the reader's trails at, "" for none."""
    return next((step.after for step in plan.switches if step.trail_arn in reader.trails), "")


def reasons_for(reader: ReaderImpact) -> list[str]:
    """Return why, one line each: what decides, or what would have to hold."""
    return list(dict.fromkeys(_reason(decider, reader) for decider in reader.decided_by))


def _reason(decider: Decider, reader: ReaderImpact) -> str:
    unread = decider.layer in ORGANIZATION and decider.outcome is Says.UNKNOWN and not decider.statement
    if unread and reader.after is Access.UNKNOWN:
        return say(NOT_DENIED if reader.before is Access.READ else NEWLY_DOUBTED)
    return decider_words(decider)


def decider_words(decider: Decider) -> str:
    """Return what decides: the statement's name, else the kind of policy."""
    layer = translate(LAYERS.get(decider.layer, decider.layer.value))
    if decider.statement:
        return decider.statement
    return say(message("not allowed by {layers}", layers=layer)) if decider.outcome is Says.MISSING else layer
