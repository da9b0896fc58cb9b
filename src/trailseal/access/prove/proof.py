"""
"Nobody outside this list can read": proven, refuted with requests to replay, or unknown.

The three-valued engine is asked with everything open left unknown. Only what is split exactly is set,
so a form outside the whitelist (`split/whitelist.py`) can never pass: where it matters the end is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.prove.everybody import everybody
from trailseal.access.prove.second_look import second_look
from trailseal.access.prove.verdict import AccessProof, ProofVerdict, WayIn, WorldAssumption
from trailseal.access.prove.ways import FoundWay, way_of
from trailseal.access.readers.doubt import doubt as doubt_of
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject
from trailseal.access.service_name import is_service_name
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.call import Budget
from trailseal.messages import Message, Words, message
from trailseal.model.arn import account_of
from trailseal.model.unreadable import Unreadable

__all__ = ["AccessProof", "ProofVerdict", "WayIn", "WorldAssumption", "prove"]

MAX_DECISIONS = 60_000


def prove(
    estate: Estate,
    target: LogObject,
    only: frozenset[str],
    *,
    world: WorldAssumption,
    bound: int = MAX_DECISIONS,
    now: float | None = None,
) -> AccessProof:
    """
    Return whether nobody outside `only` can read any log file of the trail under its key.

    `now` is the time, in seconds since 1970, before which no request can be made any more.
    """
    if gap := _gap(estate, world, target):
        return AccessProof(verdict=ProofVerdict.UNKNOWN, world=world, why=gap)
    looked = _Look(estate, target, only, world)
    budget = Budget(bound)
    looked.at_everybody(budget, now)
    if not looked.ways and not looked.why:
        looked.take(second_look(estate, target, world, only))
    verdict = ProofVerdict.PROVEN
    if looked.ways or looked.why:
        verdict = ProofVerdict.REFUTED if looked.ways else ProofVerdict.UNKNOWN
    return AccessProof(
        verdict=verdict,
        world=world,
        kinds=looked.kinds,
        decisions=budget.made,
        ways=tuple(sorted(looked.ways, key=lambda way: is_service_name(way.principal))),
        why="" if looked.ways else looked.why,
    )


class _Look:
    """What has been found so far: ways in, and the first thing that could not be decided."""

    def __init__(
        self, estate: Estate, target: LogObject, only: frozenset[str], world: WorldAssumption
    ) -> None:
        self._estate = estate
        self._target = target
        self._only = only
        self._world = world
        self.kinds = 0
        self.ways: list[WayIn] = []
        self.why: Words = ""

    def at_everybody(self, budget: Budget, now: float | None) -> None:
        """Look for a way in of each class of callers."""
        try:
            for asking in everybody(self._estate, self._target, self._world, self._only):
                self.kinds += 1
                found = way_of(self._estate, self._target, asking, budget, now)
                if found.way is not None and asking.doubt:
                    who, doubt = asking.subject.arn, str(asking.doubt)
                    found = FoundWay(
                        form=message("{principal} can read, {doubt}", principal=who, doubt=doubt)
                    )
                self.take(iter((found,)))
        except TooMany as reached:
            self.why = (
                self.why
                or reached.why
                or message("the policies distinguish more callers than the bound allows")
            )

    def take(self, found: Iterator[FoundWay]) -> None:
        """Keep what was found. A policy that was not read may deny a way in; it can open none."""
        for each in found:
            if each.way is None:
                self.why = self.why or each.form
            elif denied := self._may_be_denied(each.way):
                self.why = self.why or denied
            else:
                self.ways.append(each.way)

    def _may_be_denied(self, way: WayIn) -> Message | None:
        account = account_of(way.principal)
        owners = (self._target.bucket_account, self._target.key_account)
        asked = (doubt_of(self._estate, way.principal, account=account, owner=owner) for owner in owners)
        found = next((each for each in asked if each), None)
        if found is None:
            return None
        return message(
            "{principal} can read unless a policy of the organization denies it: {call} was refused ({code})",
            principal=way.principal,
            call=found.unread.call,
            code=found.unread.code,
        )


def _gap(estate: Estate, world: WorldAssumption, target: LogObject) -> Words:
    """Return what was not read and would have to be, "" when there is nothing."""
    for part in (estate.key_policies, estate.grants, estate.bucket_policy):
        if isinstance(part, Unreadable):
            return message("{call} was refused ({code})", call=part.call, code=part.code)
    account = target.key_account or target.bucket_account
    if world is WorldAssumption.CLOSED and account not in estate.by_account:
        return message("the principals of account {account} were not read", account=account)
    return ""
