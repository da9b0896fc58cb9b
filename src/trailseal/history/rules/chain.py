"""
The digest chain of one trail in one account and Region, walked from the newest digest file back.

The walk is that of `aws cloudtrail validate-logs`, step for step; beyond it, gaps that the AWS CLI does not
report are found. It asks for digest files by yielding what it needs, so that whoever drives it may
have fetched them all beforehand, many at once.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from trailseal.history.rules.digest import Digest, is_backfill
from trailseal.history.rules.verdict import FileVerdict, Gap, GapKind, Validity
from trailseal.model.log_file import Delivered, account_folder

STAMP = re.compile(r"_(\d{8}T\d{6}Z)(?:_backfill)?\.json\.gz$")
KEY_DATE = "%Y%m%dT%H%M%SZ"
SPILL = timedelta(hours=1)
"""The AWS CLI looks one hour past the end, for what spilled over into the next digest."""


class ChainId(Struct, frozen=True, kw_only=True, order=True):
    """Whose digest files: one trail, one account, one Region."""

    account: str
    region: str
    trail_name: str
    home_region: str
    prefix: str = ""
    organization: str = ""

    @property
    def folder(self) -> str:
        """The folder that all digest files of the account and Region lie in."""
        root = account_folder(prefix=self.prefix, organization=self.organization, account=self.account)
        return f"{root}CloudTrail-Digest/{self.region}/"

    @property
    def log_folder(self) -> str:
        """The folder that the log files lie in."""
        root = account_folder(prefix=self.prefix, organization=self.organization, account=self.account)
        return f"{root}CloudTrail/{self.region}/"

    def first_key(self, start: datetime) -> str:
        """Return a key just before the first digest file that ends at `start` or later."""
        date = start - timedelta(minutes=1)
        return f"{self.folder}{date:%Y/%m/%d}/{self._name}_{date:{KEY_DATE}}.json.gz"

    @property
    def _name(self) -> str:
        return f"{self.account}_CloudTrail-Digest_{self.region}_{self.trail_name}_{self.home_region}"

    def first_log_key(self, start: datetime) -> str:
        """Return a key just before the first log file of `start` or later."""
        return (
            f"{self.log_folder}{start:%Y/%m/%d}/{self.account}_CloudTrail_{self.region}_{start:%Y%m%dT%H%M}"
        )

    def owns(self, key: str) -> bool:
        """Whether a key is that of a digest file of this chain, backfill or not."""
        tail = key.removeprefix(self.folder)
        return (
            tail != key
            and re.fullmatch(
                rf"\d+/\d+/\d+/{re.escape(self._name)}_\d{{8}}T\d{{6}}Z(_backfill)?\.json\.gz", tail
            )
            is not None
        )


class Need(Struct, frozen=True):
    """A digest file that the walk wants to see. The answer is the digest file, or what is wrong with it."""

    bucket: str
    key: str


class NeedKeys(Struct, frozen=True):
    """The digest files of another bucket that the chain leads to. The answer is their keys, in order."""

    bucket: str


class Walked(Struct, frozen=True, kw_only=True):
    """What a walk found: each digest file with its verdict, newest first, and where the proof has gaps."""

    verdicts: tuple[FileVerdict, ...] = ()
    digests: tuple[Digest, ...] = ()
    gaps: tuple[Gap, ...] = ()


Seen = Digest | Validity | tuple[str, ...]
Walk = Generator[Need | NeedKeys, Seen, Walked]


def end_in_key(key: str) -> datetime:
    """Return the end time that a digest file's name tells; the beginning of time for another key."""
    found = STAMP.search(key)
    if found is None:
        return datetime.min.replace(tzinfo=UTC)
    try:
        return datetime.strptime(found[1], KEY_DATE).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def digests_in_range(
    keys: list[str], chain: ChainId, start: datetime, end: datetime
) -> tuple[list[str], list[str]]:
    """Return the chain's own keys from `start` to an hour past `end`: ordinary ones, and backfill ones."""
    own = [key for key in keys if chain.owns(key) and start <= end_in_key(key) <= end + SPILL]
    return [key for key in own if not is_backfill(key)], [key for key in own if is_backfill(key)]


class _Record:
    """What a walk has found so far."""

    def __init__(self, chain: ChainId, *, backfill: bool) -> None:
        self.chain = chain
        self.backfill = backfill
        self.verdicts: list[FileVerdict] = []
        self.digests: list[Digest] = []
        self.gaps: list[Gap] = []

    def judge(self, need: Need, seen: Digest | Validity, *, before: datetime) -> None:
        self.verdicts.append(
            FileVerdict(
                kind=Delivered.DIGEST_FILE,
                bucket=need.bucket,
                key=need.key,
                verdict=Validity.VALID if isinstance(seen, Digest) else seen,
                account=self.chain.account,
                region=self.chain.region,
                start=seen.start if isinstance(seen, Digest) else None,
                end=seen.end if isinstance(seen, Digest) else min(end_in_key(need.key), before),
                backfill=self.backfill,
            )
        )
        if isinstance(seen, Digest):
            self.digests.append(seen)

    def gap(self, kind: GapKind, start: datetime, end: datetime, key: str = "") -> None:
        if start < end or kind is GapKind.LINK_BROKEN:
            self.gaps.append(
                Gap(
                    kind=kind,
                    account=self.chain.account,
                    region=self.chain.region,
                    start=start,
                    end=end,
                    backfill=self.backfill,
                    key=key,
                )
            )

    def done(self) -> Walked:
        for newer, older in pairwise(self.digests):
            if newer.previous == (older.bucket, older.key) and not _matches(newer, older):
                self.gap(GapKind.LINK_BROKEN, older.start, older.end, older.key)
        return Walked(verdicts=tuple(self.verdicts), digests=tuple(self.digests), gaps=tuple(self.gaps))


def walk(chain: ChainId, bucket: str, keys: list[str], start: datetime, *, backfill: bool = False) -> Walk:
    """
    Walk the chain back to `start`. `keys` are its digest files in range, in the order of a listing.

    Where a digest file names none before it, is missing or is invalid, the walk goes on at the next older
    one that the bucket has.
    """
    record = _Record(chain, backfill=backfill)
    left = list(keys)
    key = left.pop() if left else ""
    last_start = end_in_key(key)
    while key and start <= last_start:
        need = Need(bucket, key)
        seen = yield need
        assert not isinstance(seen, tuple)  # noqa: S101 - the answer to Need
        record.judge(need, seen, before=last_start)
        if isinstance(seen, Digest):
            last_start = seen.start
            if seen.previous is not None:
                if seen.previous[0] != bucket:
                    bucket = seen.previous[0]
                    there = yield NeedKeys(bucket)
                    left = list(there) if isinstance(there, tuple) else []
                key = seen.previous[1]
                continue
        key = _older(left, key)
        if key:
            kind = GapKind.NOT_DELIVERED if isinstance(seen, Digest) else GapKind.DIGESTS_MISSING
            jumped = end_in_key(need.key) if not isinstance(seen, Digest) else last_start
            record.gap(kind, end_in_key(key), jumped)
    return record.done()


def newest_gap(
    chain: ChainId,
    digests: tuple[Digest, ...],
    delivered: datetime | None,
    window: tuple[datetime, datetime],
) -> Gap | None:
    """
    Return the gap between the newest digest file found and the one that CloudTrail says it delivered last.

    A digest file is delivered within about one period after its end, so two periods are allowed for.
    """
    if delivered is None:
        return None
    newest = max((digest.end for digest in digests), default=window[0])
    period = min((d.end - d.start for d in digests if d.end > d.start), default=SPILL)
    last = min(delivered, window[1])
    if last - newest <= 2 * period:
        return None
    return Gap(
        kind=GapKind.NEWEST_DELETED, account=chain.account, region=chain.region, start=newest, end=last
    )


def gap_without_digests(
    chain: ChainId, first: datetime | None, window: tuple[datetime, datetime]
) -> Gap | None:
    """
    Return the gap of a chain that has log files in the window, `first` the first, and no digest file.

    The digest file that names a log file may come about two hours after it.
    """
    if first is None or first > window[1] - 2 * SPILL:
        return None
    return Gap(
        kind=GapKind.DIGESTS_MISSING,
        account=chain.account,
        region=chain.region,
        start=max(first, window[0]),
        end=window[1],
    )


def _older(left: list[str], key: str) -> str:
    """Take keys from the end of the listing until one is older than `key`."""
    before = end_in_key(key)
    while left:
        candidate = left.pop()
        if end_in_key(candidate) < before:
            return candidate
    return ""


def _matches(newer: Digest, older: Digest) -> bool:
    text = newer.text
    return text.previous_digest_signature == older.signature and text.previous_digest_hash_value in {
        None,
        older.sha256,
    }
