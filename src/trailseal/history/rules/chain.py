"""
The digest files of one trail in one account and Region: their folder, their names, and which a window needs.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct, structs

from trailseal.history.rules.digest import is_backfill
from trailseal.model.log_file import Delivered, account_folder, day_folder, file_stem, parse_log_file_key
from trailseal.objects.pages import Listed

STAMP = re.compile(r"_(\d{8}T\d{6}Z)(?:_backfill)?\.json\.gz$")
KEY_DATE = "%Y%m%dT%H%M%SZ"
SPILL = timedelta(hours=1)
"""The AWS CLI looks one hour past the end, for what spilled over into the next digest."""
BEFORE = timedelta(days=1)
"""So far before a window it is listed too: what stands there tells how the window begins."""
NEVER = datetime.min.replace(tzinfo=UTC)


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
        return f"{self.folder}{day_folder(date)}{self._name}_{date:{KEY_DATE}}.json.gz"

    def log_key(self, at: datetime, *, day: date) -> str:
        """Return a key just before the first log file of a minute that lies in a day's folder."""
        stem = file_stem(kind=Delivered.LOG_FILE, account=self.account, region=self.region)
        return f"{self.log_folder}{day_folder(day)}{stem}{at.year:04}{at:%m%dT%H%MZ}"

    @property
    def _name(self) -> str:
        stem = file_stem(kind=Delivered.DIGEST_FILE, account=self.account, region=self.region)
        return f"{stem}{self.trail_name}_{self.home_region}"

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

    def at(self, key: str) -> ChainId | None:
        """Return the chain in the folder that a digest file's key lies in, None for a key of another form."""
        found = parse_log_file_key(key)
        if found is None or found.kind is not Delivered.DIGEST_FILE:
            return None
        moved = structs.replace(self, prefix=found.prefix, organization=found.organization)
        return moved if moved.owns(key) else None


class OwnKeys(Struct, frozen=True, kw_only=True):
    """A chain's digest files in one folder: those of the window, and what stands on either side of them."""

    keys: tuple[str, ...] = ()
    """From the window's start to an hour past its end, in the order of the listing."""
    later: tuple[str, ...] = ()
    """After them, the oldest first."""
    earlier: str = ""
    """The newest one before the window, of those that were listed."""
    modified: dict[str, datetime] = {}


def end_in_key(key: str) -> datetime:
    """Return the end time that a digest file's name tells; the beginning of time for another key."""
    found = STAMP.search(key)
    if found is None:
        return NEVER
    try:
        return datetime.strptime(found[1], KEY_DATE).replace(tzinfo=UTC)
    except ValueError:
        return NEVER


def own_keys(
    listed: Iterable[Listed], chain: ChainId, start: datetime, end: datetime, *, backfill: bool = False
) -> OwnKeys:
    """Return the chain's own digest files of a listing, ordinary or backfill ones, as a window needs them."""
    own = [each for each in listed if chain.owns(each.key) and is_backfill(each.key) is backfill]
    dated = [(end_in_key(each.key), each.key) for each in own]
    before = [each for each in dated if NEVER < each[0] < start]
    return OwnKeys(
        keys=tuple(key for at, key in dated if start <= at <= end + SPILL),
        later=tuple(key for _, key in sorted(each for each in dated if each[0] > end + SPILL)),
        earlier=max(before)[1] if before else "",
        modified={each.key: each.last_modified for each in own},
    )
