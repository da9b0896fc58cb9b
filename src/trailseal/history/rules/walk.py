"""
The digest chain walked from the newest digest file back, and where nothing proves the time between two.

The walk judges the files that `aws cloudtrail validate-logs` judges, step for step. Beyond it, it begins at
the digest file that follows the window, whatever its time: what that one names must be there. And it goes on
in the folder and bucket that the chain has led into. It asks for digest files by yielding what it needs, so
that whoever drives it may have fetched them all beforehand, many at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Mapping
from datetime import datetime
from itertools import pairwise
from operator import itemgetter

from msgspec import Struct

from trailseal.history.rules.chain import SPILL, ChainId, OwnKeys, end_in_key
from trailseal.history.rules.digest import Digest
from trailseal.history.rules.hours import Why
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.model.log_file import Delivered

TRIED = 24
"""So many digest files after the window are tried until one is valid."""
WHYS = {
    Validity.NOT_FOUND: Why.MISSING,
    Validity.HASH_MISMATCH: Why.CHANGED,
    Validity.BAD_SIGNATURE: Why.CHANGED,
    Validity.UNREADABLE: Why.UNREADABLE,
}


class BadFile(Struct, frozen=True, kw_only=True):
    """A digest file that proves nothing, and why."""

    verdict: Validity
    detail: str = ""
    lacks: str = ""
    """The IAM action that was refused."""

    @property
    def why(self) -> Why:
        """Why the hours of the file are not proven."""
        return WHYS.get(self.verdict, Why.INVALID)


class WantedDigest(Struct, frozen=True):
    """A digest file that the walk wants to see. The answer is the digest file, or what is wrong with it."""

    bucket: str
    key: str


class NeedKeys(Struct, frozen=True):
    """The digest files of a folder that the chain leads to. The answer is what its listing shows of them."""

    bucket: str
    chain: ChainId


class Hole(Struct, frozen=True, kw_only=True):
    """A time that no valid digest file covers, and the file that should, where one is known."""

    start: datetime
    end: datetime
    why: Why
    bucket: str = ""
    key: str = ""
    detail: str = ""


class Walked(Struct, frozen=True, kw_only=True):
    """
    What a walk found: each digest file of the window with its verdict, newest first, and the holes.

    `head` is the newest of them, or the digest file that follows the window; `ahead` what is wrong with
    the file that follows, where that one tells nothing.
    """

    verdicts: tuple[FileVerdict, ...] = ()
    digests: tuple[Digest, ...] = ()
    holes: tuple[Hole, ...] = ()
    broken: tuple[Hole, ...] = ()
    """The times of digest files that are valid by themselves, and are not those that the next ones name."""
    head: str = ""
    follows: bool = False
    ahead: Hole | None = None
    places: tuple[NeedKeys, ...] = ()


Seen = Digest | BadFile | OwnKeys
Walk = Generator[WantedDigest | NeedKeys, Seen, Walked]


class WalkedTime(Struct, frozen=True, kw_only=True):
    """The time that is walked."""

    start: datetime
    end: datetime

    def judges(self, key: str) -> bool:
        """Whether a digest file's log files are of the window."""
        return end_in_key(key) <= self.end + SPILL


class _Walker:
    """What a walk has found so far, and where it may go on."""

    def __init__(
        self, chain: ChainId, places: Mapping[NeedKeys, OwnKeys], time: WalkedTime, *, backfill: bool
    ) -> None:
        self.chain = chain
        self.time = time
        self.backfill = backfill
        self.places = dict(places)
        self.in_order = self._in_order()
        self.verdicts: list[FileVerdict] = []
        self.digests: list[Digest] = []
        self.walked: list[Digest] = []
        self.holes: list[Hole] = []
        self.head = ""
        self.follows = False
        self.ahead: Hole | None = None
        self.edge: datetime | None = None
        """Before it, nothing is told yet."""
        self.reached: datetime | None = None
        """The start of the last valid digest file, at which the AWS CLI stops."""

    def steps(self) -> Generator[WantedDigest | NeedKeys, Seen, None]:
        """Walk the whole chain."""
        need = yield from self._first()
        while need is not None and (self.reached is None or self.time.start <= self.reached):
            seen = yield need
            assert not isinstance(seen, OwnKeys)  # noqa: S101 - the answer to WantedDigest
            need = yield from self._take(need, seen)

    def _first(self) -> Generator[WantedDigest | NeedKeys, Seen, WantedDigest | None]:
        """Begin at the first valid digest file after the window, else at the newest one in it."""
        place, own = next(iter(self.places.items()))
        for key in () if self.backfill else own.later[:TRIED]:
            need = WantedDigest(place.bucket, key)
            seen = yield need
            if isinstance(seen, Digest):
                self.follows = True
                return need
            if self.ahead is None and isinstance(seen, BadFile):
                self.ahead = self._hole(need, seen, self.time.start, end_in_key(key))
        if own.keys and len(self.places) == 1:
            return WantedDigest(place.bucket, own.keys[-1])
        return self._newest(None)

    def _take(
        self, need: WantedDigest, seen: Digest | BadFile
    ) -> Generator[WantedDigest | NeedKeys, Seen, WantedDigest | None]:
        self.head = self.head or need.key
        if self.time.judges(need.key) or (isinstance(seen, Digest) and seen.start < self.time.end):
            self._judge(need, seen)
        edge = self.edge or end_in_key(need.key)
        if isinstance(seen, BadFile):
            older = self._older(need)
            start = end_in_key(older.key) if older else self.time.start
            self._note(self._hole(need, seen, start, edge))
            self.edge = min(start, edge)
            return older
        self.walked.append(seen)
        self._note(Hole(start=seen.end, end=edge, why=Why.NOT_COVERED))
        self.edge = self.reached = seen.start
        if seen.previous is not None:
            return (yield from self._named(WantedDigest(*seen.previous)))
        older = self._older(need)
        why = Why.OFF if older else Why.NONE_BEFORE
        self._note(Hole(start=end_in_key(older.key) if older else self.time.start, end=seen.start, why=why))
        self.edge = end_in_key(older.key) if older else self.time.start
        return older

    def _named(self, named: WantedDigest) -> Generator[WantedDigest | NeedKeys, Seen, WantedDigest]:
        """Go to the digest file that is named, past those after the window that it does not need."""
        there = self.chain.at(named.key)
        if there is None:
            return named
        place = NeedKeys(named.bucket, there)
        if place not in self.places:
            own = yield place
            assert isinstance(own, OwnKeys)  # noqa: S101 - the answer to NeedKeys
            self.places[place] = own
            self.in_order = self._in_order()
        if not self.time.judges(named.key):
            for key in self.places[place].later[:1]:
                if end_in_key(key) < end_in_key(named.key):
                    self.edge = None
                    return WantedDigest(named.bucket, key)
        return named

    def _older(self, need: WantedDigest) -> WantedDigest | None:
        """Return the newest digest file that is older than one, in the places that the chain has been in."""
        return self._newest(end_in_key(need.key))

    def _newest(self, before: datetime | None) -> WantedDigest | None:
        # by halving, for of a year that may not be read each file asks for the one before it
        every = self.in_order
        past = len(every) if before is None else bisect_left(every, before, key=itemgetter(0))
        return WantedDigest(*every[past - 1][2:]) if past else None

    def _in_order(self) -> list[tuple[datetime, int, str, str]]:
        """Return the window's digest files in all places, by their end and the age of the place."""
        return sorted(
            (end_in_key(key), -number, place.bucket, key)
            for number, (place, own) in enumerate(self.places.items())
            for key in own.keys
        )

    def _judge(self, need: WantedDigest, seen: Digest | BadFile) -> None:
        before = self.edge or end_in_key(need.key)
        self.verdicts.append(
            FileVerdict(
                kind=Delivered.DIGEST_FILE,
                bucket=need.bucket,
                key=need.key,
                verdict=Validity.VALID if isinstance(seen, Digest) else seen.verdict,
                account=self.chain.account,
                region=self.chain.region,
                start=seen.start if isinstance(seen, Digest) else None,
                end=seen.end if isinstance(seen, Digest) else min(end_in_key(need.key), before),
                backfill=self.backfill,
                detail="" if isinstance(seen, Digest) else seen.detail,
            )
        )
        if isinstance(seen, Digest):
            self.digests.append(seen)

    def _note(self, hole: Hole) -> None:
        if hole.start < hole.end:
            self.holes.append(hole)

    @staticmethod
    def _hole(need: WantedDigest, bad: BadFile, start: datetime, end: datetime) -> Hole:
        return Hole(start=start, end=end, why=bad.why, bucket=need.bucket, key=need.key, detail=bad.detail)


def walk(
    chain: ChainId,
    places: Mapping[NeedKeys, OwnKeys],
    start: datetime,
    end: datetime,
    *,
    backfill: bool = False,
) -> Walk:
    """
    Walk the chain back to `start`. `places` are its digest files where it is now and was.

    Where a digest file names none before it, is missing or is invalid, the walk goes on at the next older
    one of all folders that the chain has been in.
    """
    walker = _Walker(chain, places, WalkedTime(start=start, end=end), backfill=backfill)
    yield from walker.steps()
    broken = tuple(
        Hole(start=older.start, end=older.end, why=Why.CHANGED, bucket=older.bucket, key=older.key)
        for newer, older in pairwise(walker.walked)
        if newer.previous == (older.bucket, older.key) and not _matches(newer, older)
    )
    return Walked(
        verdicts=tuple(walker.verdicts),
        digests=tuple(walker.digests),
        holes=tuple(sorted(walker.holes, key=lambda hole: hole.start)),
        broken=broken,
        head=walker.head,
        follows=walker.follows,
        ahead=walker.ahead,
        places=tuple(walker.places),
    )


def _matches(newer: Digest, older: Digest) -> bool:
    text = newer.text
    return text.previous_digest_signature == older.signature and text.previous_digest_hash_value in {
        None,
        older.sha256,
    }
