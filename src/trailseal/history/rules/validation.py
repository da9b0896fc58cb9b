"""The result of validating a trail's log files, and the count that goes with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, field

from trailseal.errors import ExitCode, UsageProblem
from trailseal.history.rules.chain import ChainId
from trailseal.history.rules.verdict import FileVerdict, Gap, Validity
from trailseal.messages import message
from trailseal.model.log_file import Delivered
from trailseal.model.passed_over import PassedOver
from trailseal.model.trail_place import TrailPlace

BACK = timedelta(days=7)
NAMED = 1000
"""How many log files without a digest are listed by name."""


class Window(Struct, frozen=True, kw_only=True):
    """What to validate: a time, and which accounts and Regions (empty: all that the bucket has)."""

    start: datetime
    end: datetime
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
    Return the time to look at: until now, and from 7 days before its end, where nothing else is said.

    Raises:
        UsageProblem: the start is after the end.
    """
    until = end or now
    since = start or until - BACK
    if since > until:
        raise UsageProblem(message("`--start-time` is after `--end-time`"))
    return Window(start=since, end=until, accounts=accounts, regions=regions)


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
    """One account and Region: its counts, the time that was found, its gaps."""

    chain: ChainId
    log_files: Count = field(default_factory=Count)
    digest_files: Count = field(default_factory=Count)
    backfill_digest_files: Count = field(default_factory=Count)
    found_start: datetime | None = None
    found_end: datetime | None = None
    gaps: list[Gap] = []
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
    chains: list[ChainResult] = []
    problems: list[FileVerdict] = []
    unnamed: list[str] = []
    not_asked: list[str] = []
    """What could not be asked, so that a part of the answer is missing."""
    passed_over: list[PassedOver] = []
    """Folders beside those that CloudTrail makes, in which nothing was looked at."""

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
        """4 when something was unreadable, else 3 when something is not valid or missing, else 0."""
        counts = [self.total(kind) for kind in Delivered]
        if self.not_asked or any(count.unreadable for count in counts):
            return ExitCode.INCOMPLETE
        missing = any(gap.is_problem for chain in self.chains for gap in chain.gaps)
        found = any(count.valid or count.invalid for count in counts)
        wrong = missing or not found or any(count.invalid for count in counts)
        return ExitCode.FINDINGS if wrong else ExitCode.CLEAN
