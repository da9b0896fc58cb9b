"""The result of validating a trail's log files, and the count that goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct, field

from trailseal.errors import ExitCode, UsageProblem
from trailseal.history.rules.chain import ChainId
from trailseal.history.rules.hours import HourCounts, Span, Why
from trailseal.history.rules.timeline import TOLERANCE
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.messages import message
from trailseal.model.log_file import Delivered
from trailseal.model.passed_over import PassedOver
from trailseal.model.trail import DIGEST_FILE_DUE
from trailseal.model.trail_place import TrailPlace

BACK = timedelta(days=7)
NAMED = 1000
"""How many log files without a digest are listed by name."""


class Window(Struct, frozen=True, kw_only=True):
    """
    What to validate: a time, and which accounts and Regions (empty: all that the bucket has).

    `end` is where the answer ends; digest files until `until` are looked at too. From `due` on, a digest file
    that is not here may still come.
    """

    start: datetime
    end: datetime
    until: datetime
    due: datetime
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def window_until(
    now: datetime,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    accounts: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
) -> Window:
    """
    Return the time to look at, where nothing else is said: 7 days, until every digest file is due.

    Raises:
        UsageProblem: the start is after the end.
    """
    until = end or now
    since = start or until - BACK
    if since > until:
        raise UsageProblem(message("`--start-time` is after `--end-time`"))
    due = max(since, min(until, now - DIGEST_FILE_DUE))
    return Window(start=since, end=end or due, until=until, due=due, accounts=accounts, regions=regions)


class Count(Struct, kw_only=True):
    """Files by verdict, of one kind."""

    valid: int = 0
    invalid: int = 0
    unreadable: int = 0

    def add(self, verdict: Validity) -> None:
        """Count one file."""
        if verdict is Validity.VALID:
            self.valid += 1
        elif verdict is Validity.UNREADABLE:
            self.unreadable += 1
        else:
            self.invalid += 1


class ChainResult(Struct, kw_only=True):
    """One account and Region: its counts, its hours, and what is known of each of them."""

    chain: ChainId
    log_files: Count = field(default_factory=Count)
    digest_files: Count = field(default_factory=Count)
    backfill_digest_files: Count = field(default_factory=Count)
    named_twice: int = 0
    """Log files that both chains name, the ordinary one and the backfill one; each is counted once."""
    found_start: datetime | None = None
    found_end: datetime | None = None
    hours: HourCounts = field(default_factory=HourCounts)
    spans: tuple[Span, ...] = ()
    """Every moment of the window in one state, in order of time."""
    unnamed: int = 0
    """Log files in the time of the chain that no digest file of this trail names."""


class Validation(Struct, kw_only=True):
    """
    The whole answer. `problems` are the files that are not valid.

    `unnamed` lists log files that no digest file of the trail names (another trail's, or added by someone):
    nothing says that they are CloudTrail's, nothing says that they are not.
    """

    format: int = 1
    trail: TrailPlace
    start: datetime
    end: datetime
    """Where no end was asked for, every digest file before it is due."""
    looked_until: datetime
    accounts: tuple[str, ...] = ()
    """Nothing was looked at but these accounts; empty for all of the bucket."""
    regions: tuple[str, ...] = ()
    """Nothing was looked at but these Regions; empty for all that the bucket has."""
    due_until: datetime
    """From here on, a digest file that is not here may still come."""
    due_after_seconds: int = int(DIGEST_FILE_DUE.total_seconds())
    tolerance_seconds: int = int(TOLERANCE.total_seconds())
    """Between CloudTrail's time of the newest digest file and S3's of it."""
    hours: HourCounts = field(default_factory=HourCounts)
    """The sum over all chains."""
    chains: list[ChainResult] = []
    problems: list[FileVerdict] = []
    unnamed: list[str] = []
    not_asked: list[str] = []
    """What could not be asked, so that a part of the answer is missing."""
    lacking: list[str] = []
    """The IAM actions that the caller was refused, each once."""
    passed_over: list[PassedOver] = []
    """Folders beside those that CloudTrail makes, in which nothing was looked at."""

    @property
    def spans(self) -> Iterator[Span]:
        """The spans of all chains."""
        return (span for chain in self.chains for span in chain.spans)

    def total(self, kind: Delivered) -> Count:
        """Return the sum over all chains; backfill digest files count as digest files."""
        total = Count()
        for chain in self.chains:
            counts = (
                (chain.log_files,)
                if kind is Delivered.LOG_FILE
                else (chain.digest_files, chain.backfill_digest_files)
            )
            for count in counts:
                total.valid += count.valid
                total.invalid += count.invalid
                total.unreadable += count.unreadable
        return total

    @property
    def exit_code(self) -> ExitCode:
        """4 when something was unreadable or is not known, else 3 when something is not proven, else 0."""
        counts = [self.total(kind) for kind in Delivered]
        unread = any(count.unreadable for count in counts) or any(s.why is Why.UNREADABLE for s in self.spans)
        if self.not_asked or unread or self.hours.not_known:
            return ExitCode.INCOMPLETE
        invalid = any(count.invalid for count in counts) or self.hours.not_proven
        return ExitCode.FINDINGS if invalid or not self.chains else ExitCode.CLEAN
