"""Digest files fetched and judged: the window's many at once, others as a walk asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from trailseal.history.rules.chain import SPILL, ChainId, OwnKeys, own_keys
from trailseal.history.rules.digest import Digest, open_digest, signature_verdict
from trailseal.history.rules.validation import Window
from trailseal.history.rules.verdict import Validity
from trailseal.history.rules.walk import BadFile, NeedKeys, Seen, Walked, WantedDigest, walk
from trailseal.history.validate.digest_listing import DigestListing, list_digests
from trailseal.history.validate.refused import refused
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectResponse, Objects, get
from trailseal.objects.pages import Listed

KEYS_AFTER = timedelta(hours=2)
BACKFILL_KEYS = timedelta(hours=1)
META = "x-amz-meta-"
Judged = Digest | BadFile


class PublicKeys(Protocol):
    """What is asked of CloudTrail."""

    def public_keys(self, region: str, start: datetime, end: datetime) -> dict[str, bytes] | Unreadable:
        """Return the PKCS #1 keys by fingerprint that were valid in a time, in one Region, or its refusal."""
        ...


class Digests:
    """
    The digest files of one group of chains.

    `refusals` are the listings that were refused on the way, `lacking` the IAM actions that were for files.
    """

    def __init__(self, objects: Objects, service: PublicKeys, window: Window) -> None:
        self._objects = objects
        self._service = service
        self._window = window
        self._keys: dict[tuple[str, datetime, datetime], dict[str, bytes] | Unreadable] = {}
        self._seen: dict[WantedDigest, Judged] = {}
        self._listed: dict[NeedKeys, tuple[Listed, ...] | Unreadable] = {}
        self.refusals: list[Unreadable] = []
        self.lacking: set[str] = set()

    def fetch(self, needs: Iterable[tuple[WantedDigest, ChainId]]) -> Iterable[int]:
        """Read many digest files at once; yield how many are read."""
        calls = (get(need.bucket, need.key, about=(need, chain)) for need, chain in needs)
        for number, answer in enumerate(self._objects.each(calls), 1):
            need, chain = answer.call.about
            self._seen[need] = self._judge(answer, chain)
            yield number

    def drop(self) -> None:
        """Forget the files that were read."""
        self._seen.clear()
        self._listed.clear()

    def walk(self, chain: ChainId, bucket: str, own: OwnKeys) -> Walked:
        """Return what the walk of the ordinary chain finds; `own` are the digest files where it is now."""
        return self._walk(chain, {NeedKeys(bucket, chain): own}, backfill=False)

    def walk_backfill(self, chain: ChainId, own: OwnKeys, places: Iterable[NeedKeys]) -> Walked:
        """Return what the walk of the backfill chain finds, wherever the ordinary one has been."""
        now, *before = places
        elsewhere = {place: self._keys_of(place, backfill=True) for place in before}
        return self._walk(chain, {now: own, **elsewhere}, backfill=True)

    def _walk(self, chain: ChainId, places: dict[NeedKeys, OwnKeys], *, backfill: bool) -> Walked:
        window = self._window
        steps = walk(chain, places, window.start, window.until, backfill=backfill)
        try:
            asked = next(steps)
            while True:
                asked = steps.send(self._look(asked, chain, backfill=backfill))
        except StopIteration as stop:
            walked: Walked = stop.value
            return walked

    def _look(self, asked: WantedDigest | NeedKeys, chain: ChainId, *, backfill: bool) -> Seen:
        if isinstance(asked, NeedKeys):
            return self._keys_of(asked, backfill=backfill)
        return self.look(asked, chain)

    def look(self, need: WantedDigest, chain: ChainId) -> Judged:
        """Return one digest file, judged."""
        if need not in self._seen:
            (answer,) = self._objects.each((get(need.bucket, need.key),))
            self._seen[need] = self._judge(answer, chain)
        return self._seen[need]

    def _keys_of(self, asked: NeedKeys, *, backfill: bool) -> OwnKeys:
        """List a folder that the chain has led into, and read what the window needs of it at once."""
        chain, window = asked.chain, self._window
        if asked not in self._listed:
            listing = DigestListing(chain, window)
            self._listed[asked] = list_digests(self._objects, asked.bucket, [listing])[chain.folder]
        listed = self._listed[asked]
        if isinstance(listed, Unreadable):
            self.refusals += [listed] if listed not in self.refusals else []
            return OwnKeys()
        own = own_keys(listed, chain, window.start, window.until, backfill=backfill)
        needs = ((WantedDigest(asked.bucket, key), chain) for key in own.keys)
        for _ in self.fetch(each for each in needs if each[0] not in self._seen):
            pass
        return own

    def _judge(self, answer: ObjectResponse, chain: ChainId) -> Judged:
        judged = self._judged(answer, chain)
        if isinstance(judged, BadFile) and judged.lacks:
            self.lacking.add(judged.lacks)
        return judged

    def _judged(self, answer: ObjectResponse, chain: ChainId) -> Judged:
        if (bad := refused(answer)) is not None:
            return bad
        metadata = {
            name.removeprefix(META): value for name, value in answer.headers.items() if name.startswith(META)
        }
        digest = open_digest(answer.call.bucket, answer.call.key, answer.body, metadata)
        if isinstance(digest, Validity):
            return BadFile(verdict=digest)
        keys = self._public_keys(digest, chain)
        if isinstance(keys, Unreadable):
            if keys not in self.refusals:
                self.refusals.append(keys)
            lacks = keys.call if keys.is_denied else ""
            detail = f"{keys.call} {keys.where}: {keys.code}"
            return BadFile(verdict=Validity.UNREADABLE, detail=detail, lacks=lacks)
        signed = signature_verdict(digest, keys)
        return digest if signed is Validity.VALID else BadFile(verdict=signed)

    def _public_keys(self, digest: Digest, chain: ChainId) -> dict[str, bytes] | Unreadable:
        start, end = self._window.start, self._window.until + KEYS_AFTER
        if digest.backfill_time is not None:
            start, end = digest.backfill_time - BACKFILL_KEYS, digest.backfill_time + BACKFILL_KEYS
        elif digest.end > self._window.until + SPILL:
            start, end = digest.start, digest.end + KEYS_AFTER
        asked = (chain.region, start, end)
        if asked not in self._keys:
            self._keys[asked] = self._service.public_keys(*asked)
        return self._keys[asked]
