"""Validate a trail's log files: chains walked, signatures and hashes checked, many files at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from trailseal.history.rules.chain import (
    ChainId,
    Need,
    NeedKeys,
    Seen,
    Walked,
    digests_in_range,
    gap_without_digests,
    newest_gap,
    walk,
)
from trailseal.history.rules.digest import Digest, open_digest, signature_verdict
from trailseal.history.rules.validation import ChainResult, Validation, Window
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.history.validate.chains import FoundChain, find_chains, groups_of
from trailseal.history.validate.log_files import EVERY, LogFiles, OnFile
from trailseal.history.validate.refused import refused
from trailseal.messages import message
from trailseal.model.log_file import parse_log_file_key
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectResponse, Objects, get, list_objects
from trailseal.objects.folders import list_many, page_of
from trailseal.run.events import Observer, Progress, ignore

KEYS_AFTER = timedelta(hours=2)
BACKFILL_KEYS = timedelta(hours=1)
META = "x-amz-meta-"


class TrailService(Protocol):
    """What validation asks of CloudTrail."""

    def public_keys(self, region: str, start: datetime, end: datetime) -> dict[str, bytes]:
        """Return the PKCS #1 keys by fingerprint that were valid in a time, in one Region."""
        ...

    def regions(self) -> frozenset[str]:
        """Return the Regions that are known, in which alone anything is asked."""
        ...

    def last_digest(self, trail_arn: str, region: str) -> datetime | Unreadable | None:
        """Return when the last digest file of a Region was delivered, None for never."""
        ...


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
        self._keys: dict[tuple[str, datetime, datetime], dict[str, bytes]] = {}

    def run(self, trail: TrailPlace, window: Window) -> Validation:
        """
        Return the verdicts of every digest file and log file of the window.

        Raises:
            TrailsealError: the bucket cannot be listed, or CloudTrail's public keys cannot be read.
        """
        result = Validation(trail=trail, start=window.start, end=window.end)
        known = self._service.regions() | {trail.home_region}
        chains, strays = find_chains(self._objects, trail, window, known)
        result.passed_over += strays
        for group in groups_of(chains):
            self._validate(group, trail, window, result)
        result.chains.sort(key=lambda chain: chain.chain)
        return result

    def _validate(
        self, group: list[FoundChain], trail: TrailPlace, window: Window, result: Validation
    ) -> None:
        seen = self._fetch(group, trail.bucket, window)
        walks: list[tuple[FoundChain, Walked]] = []
        for chain in group:
            for backfill in (False, True):
                walked = self._walk(chain, trail.bucket, window, seen, backfill=backfill)
                self._note(chain, walked, window, result)
                walks.append((chain, walked))
            self._note_newest(chain, walks[-2][1].digests, trail, window, result)
        self._note_bare(
            [c.result for c in group if not (c.keys or c.backfill or c.result.gaps)], trail, window
        )
        files = LogFiles(objects=self._objects, result=result, on_file=self._on_file, observer=self._observer)
        files.judge([(chain.result, walked) for chain, walked in walks], window)
        result.chains += [c.result for c in group if c.keys or c.backfill or c.result.gaps]

    def _fetch(self, group: list[FoundChain], bucket: str, window: Window) -> dict[Need, Digest | Validity]:
        calls = (
            get(bucket, key, about=chain.result.chain)
            for chain in group
            for key in (*chain.keys, *chain.backfill)
        )
        total = sum(len(chain.keys) + len(chain.backfill) for chain in group)
        seen: dict[Need, Digest | Validity] = {}
        for answer in self._objects.each(calls):
            seen[Need(bucket, answer.call.key)] = self._judge(answer, answer.call.about, window)
            self._tell(message("digest files"), len(seen), total)
        return seen

    def _walk(
        self,
        chain: FoundChain,
        bucket: str,
        window: Window,
        seen: dict[Need, Digest | Validity],
        *,
        backfill: bool,
    ) -> Walked:
        steps = walk(
            chain.result.chain,
            bucket,
            chain.backfill if backfill else chain.keys,
            window.start,
            backfill=backfill,
        )
        try:
            asked = next(steps)
            while True:
                asked = steps.send(self._look(asked, chain.result.chain, window, seen, backfill=backfill))
        except StopIteration as stop:
            walked: Walked = stop.value
            return walked

    def _look(
        self,
        asked: Need | NeedKeys,
        chain: ChainId,
        window: Window,
        seen: dict[Need, Digest | Validity],
        *,
        backfill: bool,
    ) -> Seen:
        if isinstance(asked, NeedKeys):
            listed = list_many(self._objects, asked.bucket, [(chain.folder, chain.first_key(window.start))])
            return tuple(
                digests_in_range(listed[chain.folder], chain, window.start, window.end)[int(backfill)]
            )
        if asked not in seen:
            (answer,) = self._objects.each((get(asked.bucket, asked.key),))
            seen[asked] = self._judge(answer, chain, window)
        return seen[asked]

    def _judge(self, answer: ObjectResponse, chain: ChainId, window: Window) -> Digest | Validity:
        if (verdict := refused(answer)) is not None:
            return verdict
        metadata = {
            name.removeprefix(META): value for name, value in answer.headers.items() if name.startswith(META)
        }
        digest = open_digest(answer.call.bucket, answer.call.key, answer.body, metadata)
        if isinstance(digest, Validity):
            return digest
        signed = signature_verdict(digest, self._public_keys(digest, chain, window))
        return digest if signed is Validity.VALID else signed

    def _public_keys(self, digest: Digest, chain: ChainId, window: Window) -> dict[str, bytes]:
        start, end = window.start, window.end + KEYS_AFTER
        if digest.backfill_time is not None:
            start, end = digest.backfill_time - BACKFILL_KEYS, digest.backfill_time + BACKFILL_KEYS
        asked = (chain.region, start, end)
        if asked not in self._keys:
            self._keys[asked] = self._service.public_keys(*asked)
        return self._keys[asked]

    def _note(self, chain: FoundChain, walked: Walked, window: Window, result: Validation) -> None:
        found = chain.result
        for verdict in walked.verdicts:
            (found.backfill_digest_files if verdict.backfill else found.digest_files).add(verdict.verdict)
            self._tell_file(verdict, result)
        found.gaps += walked.gaps
        for digest in walked.digests:
            start, end = max(digest.start, window.start), min(digest.end, window.end)
            found.found_start = min(start, found.found_start or start)
            found.found_end = max(end, found.found_end or end)

    def _note_newest(
        self,
        chain: FoundChain,
        digests: tuple[Digest, ...],
        trail: TrailPlace,
        window: Window,
        result: Validation,
    ) -> None:
        delivered = self._service.last_digest(trail.arn, chain.result.chain.region)
        if isinstance(delivered, Unreadable):
            result.not_asked.append(f"{delivered.call} {chain.result.chain.region}: {delivered.code}")
            return
        if chain.result.chain.account == trail.account:
            gap = newest_gap(chain.result.chain, digests, delivered, (window.start, window.end))
            chain.result.gaps += [gap] if gap else []

    def _note_bare(self, chains: list[ChainResult], trail: TrailPlace, window: Window) -> None:
        """
        Note where other accounts of the organization have log files and nothing that would prove them.

        Of the trail's own account, CloudTrail says what it delivered. A trail of one Region has no files
        elsewhere: there, they are another trail's.
        """
        calls = (
            list_objects(
                trail.bucket,
                found.chain.log_folder,
                after=found.chain.first_log_key(window.start),
                about=found,
            )
            for found in chains
            if found.chain.account != trail.account
            and (trail.multi_region or found.chain.region == trail.home_region)
        )
        for answer in self._objects.each(calls):
            found = answer.call.about
            files = (parse_log_file_key(listed.key) for listed in page_of(answer).objects)
            first = next((file.time for file in files if file is not None and file.time is not None), None)
            gap = gap_without_digests(found.chain, first, (window.start, window.end))
            found.gaps += [gap] if gap else []

    def _tell_file(self, verdict: FileVerdict, result: Validation) -> None:
        if verdict.verdict is not Validity.VALID:
            result.problems.append(verdict)
        if self._on_file is not None:
            self._on_file(verdict)

    def _tell(self, what: object, done: int, total: int) -> None:
        if done % EVERY == 0 or done == total:
            self._observer(Progress(what=what, done=done, total=total))  # type: ignore[arg-type]  # a Message
