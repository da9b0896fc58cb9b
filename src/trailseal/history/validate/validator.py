"""Validate a trail's log files: chains walked, signatures and hashes checked, every hour judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct, structs

from trailseal.history.rules.hours import Why, counted_hours
from trailseal.history.rules.timeline import Around, Beside, TrailTimes, timeline
from trailseal.history.rules.validation import NAMED, ChainResult, Validation, Window
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.history.rules.walk import BadFile, Hole, NeedKeys, Walked, WantedDigest
from trailseal.history.validate.chains import FoundChain, expected_chain, find_chains, groups_of
from trailseal.history.validate.digests import Digests, PublicKeys
from trailseal.history.validate.log_files import (
    EVERY,
    LogFiles,
    NamedLogFile,
    OnFile,
    Place,
    beside,
    named_by,
)
from trailseal.history.validate.other_trails import named_by_others
from trailseal.history.validate.surroundings import Statuses, StatusService, any_older
from trailseal.history.validate.unnamed import not_listed, times_of, told_of_unnamed, unnamed_in
from trailseal.messages import message
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import Objects
from trailseal.run.events import Observer, Progress, ignore


class TrailService(PublicKeys, StatusService, Protocol):
    """What validation asks of CloudTrail."""

    def regions(self) -> frozenset[str]:
        """Return the Regions that are known, in which alone anything is asked."""
        ...


class Walks(Struct, frozen=True, kw_only=True):
    """A chain with what its two walks found, and the log files that they name."""

    chain: FoundChain
    ordinary: Walked
    backfill: Walked
    named: dict[Place, NamedLogFile]


class Validator:
    """One validation run; `run` once."""

    def __init__(
        self,
        *,
        objects: Objects,
        service: TrailService,
        on_file: OnFile | None = None,
        observer: Observer = ignore,
    ) -> None:
        self._objects = objects
        self._service = service
        self._on_file = on_file
        self._observer = observer

    def run(self, trail: TrailPlace, window: Window) -> Validation:
        """
        Return the verdicts of every digest file and log file of the window, and the state of every hour.

        A refusal is a fact of its Region, folder or file; the others are judged.

        Raises:
            TrailsealError: the accounts of the bucket cannot be listed, or the credentials have expired.
        """
        self._trail, self._window = trail, window
        self._result = Validation(
            trail=trail,
            start=window.start,
            end=window.end,
            looked_until=window.until,
            due_until=window.due,
            accounts=window.accounts,
            regions=window.regions,
        )
        self._digests = Digests(self._objects, self._service, window)
        self._statuses = Statuses(self._service, trail)
        self._empty: list[ChainResult] = []
        """Asked for by name, and nothing is there: told beside others that have something."""
        known = self._service.regions() | {trail.home_region}
        found = find_chains(self._objects, trail, window, known)
        self._result.passed_over += found.strays
        self._refuse(found.refused)
        for group in groups_of(found.chains):
            self._validate(group)
        self._validate(self._vanished(found.chains, known))
        return self._done()

    def _vanished(self, chains: Iterable[FoundChain], known: frozenset[str]) -> list[FoundChain]:
        """
        Return the chains of the trail's account of which nothing is here, where CloudTrail delivered.

        That is asked only where all else is valid, for it is a call for each Region.
        """
        trail, window = self._trail, self._window
        whole = not window.regions and (not window.accounts or trail.account in window.accounts)
        if not (trail.told and trail.multi_region and whole and self._is_valid()):
            return []
        here = {each.result.chain.region for each in chains if each.result.chain.account == trail.account}
        gone = self._statuses.delivered_in(known - here, window.start)
        return [expected_chain(trail, trail.account, region) for region in gone]

    def _is_valid(self) -> bool:
        """Whether everything that was looked at is proven or empty, and something is."""
        counts = [chain.hours for chain in self._result.chains]
        good = any(each.proven or each.nothing_logged for each in counts)
        return good and not any(each.not_proven or each.not_known for each in counts)

    def _validate(self, group: list[FoundChain]) -> None:
        self._fetch(group)
        walks = [self._walks(chain) for chain in group]
        for each in walks:
            self._note(each)
        files = LogFiles(self._objects, on_file=self._tell_file, on_bad=self._lacks, observer=self._observer)
        files.judge(each.named for each in walks)
        places = {place for each in walks for place in each.ordinary.places}
        listed, refusals = beside(self._objects, places, self._window)
        self._refuse(refusals)
        for each in walks:
            self._judge_hours(each, files.bad, listed)
        self._digests.drop()

    def _fetch(self, group: list[FoundChain]) -> None:
        bucket = self._trail.bucket
        needs = [
            (WantedDigest(bucket, key), chain.result.chain)
            for chain in group
            for key in (*chain.ordinary.keys, *chain.backfill.keys)
        ]
        for done in self._digests.fetch(needs):
            if done % EVERY == 0 or done == len(needs):
                self._observer(Progress(what=message("digest files"), done=done, total=len(needs)))

    def _walks(self, chain: FoundChain) -> Walks:
        one = chain.result.chain
        ordinary = self._digests.walk(one, self._trail.bucket, chain.ordinary)
        backfill = self._digests.walk_backfill(one, chain.backfill, ordinary.places)
        named = named_by(chain.result, ordinary, backfill)
        return Walks(chain=chain, ordinary=ordinary, backfill=backfill, named=named)

    def _note(self, walks: Walks) -> None:
        found = walks.chain.result
        for verdict in (*walks.ordinary.verdicts, *walks.backfill.verdicts):
            (found.backfill_digest_files if verdict.backfill else found.digest_files).add(verdict.verdict)
            self._tell_file(verdict)
        for digest in (*walks.ordinary.digests, *walks.backfill.digests):
            start, end = max(digest.start, self._window.start), min(digest.end, self._window.until)
            found.found_start = min(start, found.found_start or start)
            found.found_end = max(end, found.found_end or end)

    def _judge_hours(
        self, walks: Walks, bad: dict[Place, Hole], listed: dict[NeedKeys, tuple[Beside, ...]]
    ) -> None:
        """Enter the state of every hour of a chain, and its log files that no digest file names."""
        chain, found = walks.chain, walks.chain.result
        unnamed = unnamed_in(walks.ordinary.places, listed, walks.named)
        around = self._around(walks, bad, unnamed)
        anything = bool(
            chain.expected
            or chain.is_any
            or chain.refused
            or around.told.delivered
            or (unnamed and self._delivers_to(chain))
        )
        if not (anything or chain.asked):
            return
        if chain.refused is not None:
            found.spans = (not_listed(self._window, chain.refused),)
        else:
            found.spans = timeline(walks.ordinary, walks.backfill, around)
            others = named_by_others(chain, self._trail.bucket, times_of(found.spans, unnamed), self._digests)
            if others:
                unnamed = tuple(each for each in unnamed if each.key not in others)
                around = structs.replace(around, unnamed=unnamed)
                found.spans = timeline(walks.ordinary, walks.backfill, around)
        extra = told_of_unnamed(found, unnamed)
        found.unnamed = len(extra)
        self._result.unnamed += extra[: max(0, NAMED - len(self._result.unnamed))]
        found.hours = counted_hours(found.spans)
        (self._result.chains if anything else self._empty).append(found)

    def _delivers_to(self, chain: FoundChain) -> bool:
        """Whether the trail is one of the chain's Region; a trail of one Region is unknown in others."""
        return self._trail.multi_region or chain.result.chain.region == self._trail.home_region

    def _around(self, walks: Walks, bad: dict[Place, Hole], unnamed: tuple[Beside, ...]) -> Around:
        chain, ordinary, window = walks.chain, walks.ordinary, self._window
        own = chain.ordinary
        newest = ordinary.head or own.earlier
        asks = (ordinary.holes or not ordinary.follows) and (self._delivers_to(chain) or ordinary.head)
        return Around(
            start=window.start,
            end=window.until,
            due=window.due,
            told=self._statuses.told(chain.result.chain) if asks and not chain.refused else TrailTimes(),
            earlier=own.earlier,
            older=self._has_older(chain, ordinary),
            modified=own.modified.get(newest),
            unnamed=unnamed,
            bad_logs=bad,
        )

    def _has_older(self, chain: FoundChain, ordinary: Walked) -> bool | None:
        """
        Return whether the chain has a digest file before the window, in one of its places.

        That is asked only where the walk came to a beginning, and where its listing has not told it.
        """
        began = any(hole.why is Why.NONE_BEFORE for hole in ordinary.holes) or not ordinary.head
        if chain.has_older or not began or chain.refused is not None:
            return bool(chain.has_older)
        places = ordinary.places[1:] if chain.has_older is False else ordinary.places
        return any_older(self._objects, places, self._window.start)

    def _refuse(self, refusals: Iterable[Unreadable]) -> None:
        """Note what was not told, and the IAM action that was missing."""
        for each in refusals:
            self._result.not_asked.append(f"{each.call} {each.where}: {each.code}")
            if each.is_denied:
                self._result.lacking.append(each.call)

    def _lacks(self, bad: BadFile) -> None:
        if bad.lacks:
            self._result.lacking.append(bad.lacks)

    def _tell_file(self, verdict: FileVerdict) -> None:
        if verdict.verdict is not Validity.VALID:
            self._result.problems.append(verdict)
        if self._on_file is not None:
            self._on_file(verdict)

    def _done(self) -> Validation:
        result = self._result
        self._refuse((*self._digests.refusals, *self._statuses.refusals))
        result.not_asked = sorted(set(result.not_asked))
        result.lacking = sorted({*result.lacking, *self._digests.lacking})
        result.chains += self._empty if result.chains else []
        result.chains.sort(key=lambda chain: chain.chain)
        for chain in result.chains:
            result.hours.add(chain.hours)
        return result
