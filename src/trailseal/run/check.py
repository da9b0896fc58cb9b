"""The check of an account, or of a saved snapshot: every trail once, with its verdicts and the score."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs

from trailseal.access.readers.event_copy import TrailCopies
from trailseal.controls.catalogue import CHECKS, judge
from trailseal.controls.estate import changed_in, delivered_for
from trailseal.controls.finding import Finding, Verdict
from trailseal.controls.hub import HubView, said_of
from trailseal.controls.score import Score, scores
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import message
from trailseal.model.arn import account_of
from trailseal.model.bucket import NO_BUCKET, Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.named_trails import wanted_named
from trailseal.model.passed_over import PassedOver
from trailseal.model.securityhub import NoSecurityHub
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable

ACCOUNT_WIDE = frozenset({"CloudTrail.1"})
"""Checks of the whole account: a look at some of its trails cannot answer them."""


class TrailRow(Struct, frozen=True, kw_only=True):
    """
    One trail with what it stands on.

    `fix_in` is the account in which it can be changed, "" for the account at hand.
    """

    trail: Trail | UnreadTrail
    fix_in: str = ""
    key: KmsKey | UnreadKey | None = None
    bucket: Bucket | UnreadBucket | None = None
    deliveries: tuple[Delivery, ...] = ()
    copies: TrailCopies | None = None
    """Where the events lie beside the log files; None where that was not looked at."""


class CheckRow(Struct, frozen=True, kw_only=True):
    """Our finding, and Security Hub's beside it where it has one."""

    finding: Finding
    security_hub: HubView | None = None


class Counts(Struct, frozen=True, kw_only=True):
    """How many findings of each verdict."""

    passed: int
    failed: int
    unknown: int
    no_data: int


class CheckResult(Struct, frozen=True, kw_only=True):
    """What a check came to: the document of `check --format json`."""

    format: int = 1
    account: str
    caller_arn: str
    region: str
    taken_at: datetime
    counts: Counts
    scores: tuple[Score, ...]
    without_security_hub: tuple[str, ...] = ()
    """Regions in which Security Hub was looked for and is not enabled."""
    trails: tuple[TrailRow, ...]
    findings: tuple[CheckRow, ...]
    unreadable: tuple[Unreadable, ...]
    """What no finding may name: Security Hub, the organization, trails, newest objects, copies of events."""
    passed_over: tuple[PassedOver, ...] = ()
    """Folders beside those that CloudTrail makes, in which nothing was looked at."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that a verdict or the score needs, and each newest object, could be read."""
        return not self.unreadable and not self.counts.unknown

    @property
    def exit_code(self) -> ExitCode:
        """4 when something is not known, else 3 when something failed, else 0."""
        if not self.is_complete:
            return ExitCode.INCOMPLETE
        return ExitCode.FINDINGS if self.counts.failed else ExitCode.CLEAN

    @property
    def unread(self) -> tuple[Unreadable, ...]:
        """All that could not be read, what findings name with the rest."""
        return (*self.unreadable, *(each for row in self.findings for each in row.finding.missing))

    @property
    def of_nobody_known(self) -> tuple[str, ...]:
        """The buckets that refused something and of which nobody says whose they are."""
        found = (row.bucket for row in self.trails)
        return tuple(dict.fromkeys(b.name for b in found if isinstance(b, Bucket) and _is_nobodys(b)))

    @property
    def missing_actions(self) -> tuple[str, ...]:
        """The IAM actions that the caller would need to know the rest."""
        return tuple(sorted({each.call for each in self.unread if each.is_denied}))


def _is_nobodys(bucket: Bucket) -> bool:
    asked = (bucket.region, bucket.policy, bucket.policy_is_public, bucket.logging_target)
    return not bucket.account and any(isinstance(each, Unreadable) and each.is_denied for each in asked)


def check_snapshot(
    snapshot: Snapshot, *, trails: tuple[str, ...] = (), only: tuple[str, ...] = (), copies: bool = False
) -> CheckResult:
    """
    Return what the snapshot comes to, for the named trails (all, when none is named).

    Raises:
        UsageProblem: there is no such trail or check, or the snapshot tells nothing of `copies`.
    """
    asked = known_checks(only)
    if copies and snapshot.copies is None:
        raise UsageProblem(
            message("the snapshot holds nothing about copies of the events"),
            message("`trailseal check --copies --save FILE` saves one that does"),
        )
    seen = narrow(snapshot, trails)
    if trails:
        asked = (asked or frozenset(CHECKS)) - ACCOUNT_WIDE
    findings = judge(seen, asked)
    rows = tuple(_row(trail, seen, copies=copies) for trail in seen.trails)
    return CheckResult(
        account=seen.account,
        caller_arn=seen.caller_arn,
        region=seen.region,
        taken_at=seen.taken_at,
        counts=_count(findings),
        scores=scores(seen),
        without_security_hub=tuple(hub.region for hub in seen.hubs if isinstance(hub, NoSecurityHub)),
        trails=rows,
        findings=tuple(CheckRow(finding=each, security_hub=said_of(each, snapshot)) for each in findings),
        unreadable=_unread(seen, rows),
        passed_over=seen.passed_over,
    )


def known_checks(names: tuple[str, ...]) -> frozenset[str]:
    """
    Return the ids of checks, as they are written, for names in any case.

    Raises:
        UsageProblem: one is no check.
    """
    by_name = {name.lower(): name for name in CHECKS}
    if strange := [name for name in names if name.lower() not in by_name]:
        raise UsageProblem(
            message("there is no check `{names}`", names="`, `".join(strange)),
            message("the checks are {names}", names=tuple(CHECKS)),
        )
    return frozenset(by_name[name.lower()] for name in names)


def narrow(snapshot: Snapshot, names: tuple[str, ...]) -> Snapshot:
    """
    Return the snapshot with only the trails of those names or ARNs.

    Raises:
        UsageProblem: there is no trail of that name.
        Incomplete: there may be one, but AWS would not list the trails.
    """
    return structs.replace(snapshot, trails=wanted_named(snapshot, names)) if names else snapshot


def _row(trail: Trail | UnreadTrail, snapshot: Snapshot, *, copies: bool) -> TrailRow:
    if isinstance(trail, UnreadTrail):
        return TrailRow(trail=trail, fix_in=changed_in(trail.arn, snapshot))
    return TrailRow(
        trail=trail,
        fix_in=changed_in(trail.arn, snapshot),
        key=snapshot.key(trail.kms_key_id) if trail.is_sealed else None,
        bucket=snapshot.bucket(trail.s3_bucket_name),
        deliveries=delivered_for(trail, snapshot),
        copies=_copies(snapshot, trail) if copies else None,
    )


def _copies(snapshot: Snapshot, trail: Trail) -> TrailCopies | None:
    """Return where the events lie; all that decides who reads is loaded only for it."""
    from trailseal.access.readers.copies import copies_of
    from trailseal.run.who import Supposing, situation

    return copies_of(snapshot, trail, *situation(snapshot, trail, Supposing()))


def _count(findings: tuple[Finding, ...]) -> Counts:
    number = {verdict: sum(f.verdict is verdict for f in findings) for verdict in Verdict}
    return Counts(
        passed=number[Verdict.PASS],
        failed=number[Verdict.FAIL],
        unknown=number[Verdict.UNKNOWN],
        no_data=number[Verdict.NO_DATA],
    )


def _unread(snapshot: Snapshot, rows: tuple[TrailRow, ...]) -> tuple[Unreadable, ...]:
    """Return what was not read and bears on the answer: of objects the rows', of a trail its organization."""
    whole = [hub for hub in snapshot.hubs if isinstance(hub, Unreadable)]
    of_organization = any(isinstance(t, Trail) and t.is_organization_trail for t in snapshot.trails)
    if of_organization and isinstance(snapshot.organization, Unreadable):
        whole.append(snapshot.organization)
    owners = {account_of(row.trail.arn) for row in rows}
    whole += filter(None, map(snapshot.untold_whether_it_changes_trails_of, sorted(owners)))
    newest = (found for row in rows for each in row.deliveries for found in (each.log_file, each.digest_file))
    unseen = dict.fromkeys(f for f in newest if isinstance(f, Unreadable) and f.code not in NO_BUCKET)
    copies = dict.fromkeys(each for row in rows if row.copies for each in row.copies.unread)
    return (*snapshot.unreadable, *dict.fromkeys(whole), *unseen, *copies)
