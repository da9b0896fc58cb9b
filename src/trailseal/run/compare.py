"""Two checks of one account side by side: what changed between them, and what did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from trailseal.controls.finding import Severity, Verdict
from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.run.check import ACCOUNT_WIDE, CheckResult, CheckRow, Counts, known_checks

Name = tuple[str, str, str, str]
"""What a finding is about: check, subject, and the account and Region in which deliveries were looked at."""
Row = TypeVar("Row")


class FindingSeen(Struct, frozen=True, kw_only=True):
    """What is compared of a finding."""

    check: str
    verdict: Verdict
    subject: str
    trails: tuple[str, ...] = ()
    region: str = ""
    account: str = ""

    @property
    def name(self) -> Name:
        """What it is about."""
        return self.check, self.subject, self.account, self.region


class HubSeen(Struct, frozen=True, kw_only=True):
    """What is compared of Security Hub's finding."""

    status: str


class RowSeen(Struct, frozen=True, kw_only=True):
    """A finding, and Security Hub's beside it where it had one."""

    finding: FindingSeen
    security_hub: HubSeen | None = None

    @property
    def hub(self) -> str:
        """Security Hub's status, "" where it had none."""
        return self.security_hub.status if self.security_hub else ""


class ScoreSeen(Struct, frozen=True, kw_only=True):
    """What is compared of a score."""

    standard: str
    region: str
    now: int | None


class CheckSeen(Struct, frozen=True, kw_only=True):
    """What is compared of a check: a part of the document of `check --format json`."""

    format: Literal[1] = 1
    account: str
    taken_at: datetime
    scores: tuple[ScoreSeen, ...]
    findings: tuple[RowSeen, ...]


class VerdictChange(Struct, frozen=True, kw_only=True):
    """One finding before and after. None where there was none: no key yet, a trail that is gone."""

    check: str
    subject: str
    account: str
    region: str
    severity: Severity | None
    before: Verdict | None
    after: Verdict | None
    security_hub_before: str
    security_hub_after: str
    text: Message | None
    """What stands now."""


class TrailChanges(Struct, frozen=True, kw_only=True):
    """What changed of one trail; `trail` is its ARN, "" for what concerns the account alone."""

    trail: str
    changed: tuple[VerdictChange, ...]
    unchanged: Counts


class ScoreChange(Struct, frozen=True, kw_only=True):
    """A standard's score in percent before and after; None where it was not known, or there was none."""

    standard: str
    region: str
    before: int | None
    after: int | None


class CheckComparison(Struct, frozen=True, kw_only=True):
    """The document of `check --compare FILE --format json`."""

    format: Literal[1] = 1
    account: str
    before: datetime
    after: datetime
    scores: tuple[ScoreChange, ...]
    trails: tuple[TrailChanges, ...]


Pair = tuple[RowSeen | None, CheckRow | None]


def seen_of(result: CheckResult) -> CheckSeen:
    """Return what is compared of a check."""
    return msgspec.convert(msgspec.to_builtins(result), CheckSeen)


def compare(
    before: CheckSeen, after: CheckResult, *, trails: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> CheckComparison:
    """
    Return both side by side, of the trails and checks that `after` is limited to.

    Raises:
        UsageProblem: they are of two accounts.
    """
    if before.account != after.account:
        raise UsageProblem(
            message(
                "what is compared with is of account {before}, this check of account {after}",
                before=before.account,
                after=after.account,
            )
        )
    arns = tuple(dict.fromkeys(row.trail.arn for row in after.trails))
    asked = known_checks(only)
    earlier = tuple(row for row in before.findings if not asked or row.finding.check in asked)
    if trails:
        earlier = tuple(row for row in earlier if _is_about(row.finding, arns))
    else:
        arns = tuple(dict.fromkeys((*arns, *(arn for row in earlier for arn in row.finding.trails))))
    return CheckComparison(
        account=after.account,
        before=before.taken_at,
        after=after.taken_at,
        scores=tuple(_scores(before.scores, seen_of(after).scores)),
        trails=tuple(_by_trail(arns, earlier, after.findings)),
    )


def _is_about(finding: FindingSeen, arns: tuple[str, ...]) -> bool:
    return finding.check not in ACCOUNT_WIDE and bool(set(finding.trails) & set(arns))


def _scores(before: tuple[ScoreSeen, ...], after: tuple[ScoreSeen, ...]) -> Iterator[ScoreChange]:
    first, last = ({(s.standard, s.region): s.now for s in scores} for scores in (before, after))
    for standard, region in dict.fromkeys((*last, *first)):
        at = standard, region
        yield ScoreChange(standard=standard, region=region, before=first.get(at), after=last.get(at))


def _by_trail(
    arns: tuple[str, ...], before: tuple[RowSeen, ...], after: tuple[CheckRow, ...]
) -> Iterator[TrailChanges]:
    """Yield what changed by the first trail that it concerns, at last what concerns none."""
    earlier = {row.finding.name: row for row in before}
    later = {_name(row): row for row in after}
    groups: dict[str, list[Name]] = {arn: [] for arn in (*arns, "")}
    for name in dict.fromkeys((*later, *earlier)):
        row = later.get(name) or earlier[name]
        groups[next((arn for arn in arns if arn in row.finding.trails), "")].append(name)
    for arn, names in groups.items():
        pairs = [(earlier.get(name), later.get(name)) for name in names]
        if arn or names:
            yield TrailChanges(
                trail=arn,
                changed=tuple(
                    sorted((_change(*pair) for pair in pairs if _differs(*pair)), key=_worst_first)
                ),
                unchanged=_counts(
                    row.finding.verdict for old, row in pairs if row and not _differs(old, row)
                ),
            )


def _name(row: CheckRow) -> Name:
    return row.finding.check, row.finding.subject, row.finding.account, row.finding.region


def _status(row: CheckRow | None) -> str:
    return row.security_hub.status if row and row.security_hub else ""


def _differs(before: RowSeen | None, after: CheckRow | None) -> bool:
    """Whether a verdict changed, ours or Security Hub's; where it was asked only once, that is no change."""
    if not before or not after:
        return True
    said = before.hub, _status(after)
    return before.finding.verdict is not after.finding.verdict or (all(said) and said[0] != said[1])


def _change(before: RowSeen | None, after: CheckRow | None) -> VerdictChange:
    check, subject, account, region = _name(after) if after else before.finding.name if before else ("",) * 4
    return VerdictChange(
        check=check,
        subject=subject,
        account=account,
        region=region,
        severity=after.finding.severity if after else None,
        before=before.finding.verdict if before else None,
        after=after.finding.verdict if after else None,
        security_hub_before=before.hub if before else "",
        security_hub_after=_status(after),
        text=after.finding.text if after else None,
    )


WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.NO_DATA, Verdict.PASS, None)


def _worst_first(change: VerdictChange) -> tuple[int, bool]:
    return WORST_FIRST.index(change.after), change.before is None


def _counts(verdicts: Iterable[Verdict]) -> Counts:
    found = list(verdicts)
    return Counts(
        passed=found.count(Verdict.PASS),
        failed=found.count(Verdict.FAIL),
        unknown=found.count(Verdict.UNKNOWN),
        no_data=found.count(Verdict.NO_DATA),
    )
