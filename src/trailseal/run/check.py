"""The check of an account, or of a saved snapshot: every trail once, with its verdicts and the score."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs

from trailseal.controls.catalogue import CHECKS, judge
from trailseal.controls.finding import Finding, Verdict
from trailseal.controls.hub import HubView, said_of
from trailseal.controls.score import Score, scores
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.organization import Organization
from trailseal.model.passed_over import PassedOver
from trailseal.model.securityhub import NoSecurityHub
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.scope import wanted_named
from trailseal.run.ports import Collector, SnapshotScope

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
    """What could not be read beside what findings name: Security Hub, the organization, a list of trails."""
    passed_over: tuple[PassedOver, ...] = ()
    """Folders beside those that CloudTrail makes, in which nothing was looked at."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that a verdict or the score needs could be read."""
        return not self.unreadable and not self.counts.unknown

    @property
    def exit_code(self) -> ExitCode:
        """4 when something is not known, else 3 when something failed, else 0."""
        if not self.is_complete:
            return ExitCode.INCOMPLETE
        return ExitCode.FINDINGS if self.counts.failed else ExitCode.CLEAN

    @property
    def missing_actions(self) -> tuple[str, ...]:
        """The IAM actions that the caller would need to know the rest."""
        unread = [*self.unreadable, *(u for row in self.findings for u in row.finding.missing)]
        return tuple(sorted({each.call for each in unread if each.is_denied}))


def check_account(
    collector: Collector,
    *,
    trails: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    hub: bool = True,
    effects: bool = True,
) -> tuple[Snapshot, CheckResult]:
    """
    Return what was seen and what it comes to; `effects` reads what no check needs and a plan does.

    Raises:
        UsageProblem: there is no such trail or check.
        TrailsealError: AWS cannot be reached.
    """
    known_checks(only)
    snapshot = collector.collect(SnapshotScope(trails=trails, hub=hub, effects=effects))
    return snapshot, check_snapshot(snapshot, trails=trails, only=only)


def check_snapshot(
    snapshot: Snapshot, *, trails: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> CheckResult:
    """
    Return what the snapshot comes to, for the named trails (all, when none is named).

    Raises:
        UsageProblem: there is no such trail or check.
    """
    asked = known_checks(only)
    seen = narrow(snapshot, trails)
    if trails:
        asked = (asked or frozenset(CHECKS)) - ACCOUNT_WIDE
    findings = judge(seen, asked)
    rows = tuple(CheckRow(finding=each, security_hub=said_of(each, snapshot)) for each in findings)
    return CheckResult(
        account=seen.account,
        caller_arn=seen.caller_arn,
        region=seen.region,
        taken_at=seen.taken_at,
        counts=_count(findings),
        scores=scores(seen),
        without_security_hub=tuple(hub.region for hub in seen.hubs if isinstance(hub, NoSecurityHub)),
        trails=tuple(_row(trail, seen) for trail in seen.trails),
        findings=rows,
        unreadable=_unread(seen),
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
            message("the checks are {names}", names=", ".join(CHECKS)),
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


def _row(trail: Trail | UnreadTrail, snapshot: Snapshot) -> TrailRow:
    if isinstance(trail, UnreadTrail):
        return TrailRow(trail=trail, fix_in=_fix_in(trail.arn, snapshot))
    accounts = {trail.account}
    if trail.is_organization_trail:
        accounts |= {d.account for d in snapshot.deliveries}
    return TrailRow(
        trail=trail,
        fix_in=_fix_in(trail.arn, snapshot),
        key=snapshot.key(trail.kms_key_id) if trail.is_sealed else None,
        bucket=snapshot.bucket(trail.s3_bucket_name),
        deliveries=tuple(
            d for d in snapshot.deliveries if d.bucket == trail.s3_bucket_name and d.account in accounts
        ),
    )


def _fix_in(arn: str, snapshot: Snapshot) -> str:
    """
    Return the account that a trail has to be changed in, "" for this one.

    CloudTrail's delegated administrator may change the organization's trails too.
    """
    owner = Arn.parse(arn).account
    if owner == snapshot.account:
        return ""
    match snapshot.organization:
        case Organization(management_account=manager, cloudtrail_administrators=deputies):
            return "" if manager == owner and snapshot.account in deputies else owner
        case _:
            return owner


def _count(findings: tuple[Finding, ...]) -> Counts:
    number = {verdict: sum(f.verdict is verdict for f in findings) for verdict in Verdict}
    return Counts(
        passed=number[Verdict.PASS],
        failed=number[Verdict.FAIL],
        unknown=number[Verdict.UNKNOWN],
        no_data=number[Verdict.NO_DATA],
    )


def _unread(snapshot: Snapshot) -> tuple[Unreadable, ...]:
    """Return what was not read and bears on the answer; the organization only where a trail is its."""
    whole = [hub for hub in snapshot.hubs if isinstance(hub, Unreadable)]
    of_organization = any(isinstance(t, Trail) and t.is_organization_trail for t in snapshot.trails)
    if of_organization and isinstance(snapshot.organization, Unreadable):
        whole.append(snapshot.organization)
    return (*snapshot.unreadable, *whole)
