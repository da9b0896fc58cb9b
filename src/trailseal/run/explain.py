"""
What SSE-KMS would mean for an account, both sides, so that a person can decide; or one check in full.

Sources:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.controls.catalogue import CHECKS
from trailseal.controls.finding import Severity
from trailseal.controls.score import Score
from trailseal.cost.amount import Range
from trailseal.cost.estimate import EncryptionWay, estimate
from trailseal.cost.usage import assumed_usage
from trailseal.errors import ExitCode
from trailseal.messages import N_, Message, counted, message
from trailseal.model.bucket import Bucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.run.check import CheckRow, check_snapshot, known_checks, narrow

TODAY = (
    N_("Log files are encrypted already: without a KMS key CloudTrail delivers with SSE-S3 (AES-256)."),
    N_(
        "SSE-KMS is a choice, not strictly required. CloudTrail.2 asks for it, as do CIS, PCI DSS and NIST "
        "800-53; CloudTrail itself does not."
    ),
)
MERITS = (
    N_("The key is yours: you create it, rotate it, bring its material, disable it, see its uses recorded."),
    N_("One key can serve the log files of several accounts and of all Regions, in the bucket's Region."),
    N_(
        "The key's policy decides who decrypts. Reading then takes both: s3:GetObject on the bucket and "
        "kms:Decrypt on the key. The console's key policy lets everybody in the account decrypt; restricting "
        "it is a step of its own (trailseal plan --reader, trailseal who)."
    ),
    N_("Readers that may use the key need no change: S3 decrypts for them."),
)
DEMERITS = (
    N_(
        "The key costs money, and so does each read without a bucket key. CloudTrail's own use is not billed."
    ),
    N_(
        "A key that is disabled, deleted or closed to CloudTrail stops deliveries; they do not fall back "
        "to SSE-S3, and what is encrypted with a deleted key can never be read again."
    ),
    N_("Readers without kms:Decrypt lose access from the first log file after the switch."),
    N_("Objects delivered before the switch stay on SSE-S3 (trailseal history re-encrypts them)."),
    N_("Replication rules leave SSE-KMS objects out unless they are told to take them along."),
)
DECIDE = N_(
    "Choose SSE-KMS where somebody other than the bucket's readers should decide over decryption, where a "
    "standard asks for it, or where the key's life must be yours. Else SSE-S3 is sound; suppress "
    "CloudTrail.2 with that reason."
)


class Estimated(Struct, frozen=True, kw_only=True):
    """What SSE-KMS would cost a month, with one log file each five minutes per account and Region."""

    places: int
    new_keys: int
    per_month: Range
    with_bucket_keys: Range


class Explanation(Struct, frozen=True, kw_only=True):
    """Both sides, and what they mean here: the document of `explain --format json`."""

    format: int = 1
    account: str
    today: tuple[Message, ...]
    here: tuple[Message, ...]
    merits: tuple[Message, ...]
    demerits: tuple[Message, ...]
    cost: Estimated
    scores: tuple[Score, ...]
    decide: Message
    unreadable: tuple[Unreadable, ...]

    @property
    def exit_code(self) -> ExitCode:
        """4 when something about this account could not be read, else 0: an explanation is no verdict."""
        return ExitCode.INCOMPLETE if self.unreadable else ExitCode.CLEAN


class ControlExplanation(Struct, frozen=True, kw_only=True):
    """One check in full, with this account's findings where an account was looked at."""

    format: int = 1
    check: str
    title: Message
    severity: Severity
    from_security_hub: bool
    what: Message
    why: Message
    remedy: Message
    page: str
    findings: tuple[CheckRow, ...] = ()


def explain_control(name: str) -> ControlExplanation:
    """
    Return what a check asks, why it matters and how to mend it.

    Raises:
        UsageProblem: there is no such check.
    """
    (known,) = known_checks((name,))
    check = CHECKS[known]
    return ControlExplanation(
        check=check.id,
        title=message(check.title),
        severity=check.severity,
        from_security_hub=check.is_security_hub,
        what=message(check.what),
        why=message(check.why),
        remedy=message(check.remedy),
        page=check.page,
    )


def explain_account(snapshot: Snapshot, *, trails: tuple[str, ...] = ()) -> Explanation:
    """
    Return both sides for the account.

    Raises:
        UsageProblem: there is no trail of that name.
    """
    seen = narrow(snapshot, trails)
    checked = check_snapshot(seen)
    return Explanation(
        account=seen.account,
        today=tuple(message(text) for text in TODAY),
        here=_here(seen),
        merits=tuple(message(text) for text in MERITS),
        demerits=tuple(message(text) for text in DEMERITS),
        cost=_cost(seen),
        scores=checked.scores,
        decide=message(DECIDE),
        unreadable=(*checked.unreadable, *_unread(seen)),
    )


def _unread(snapshot: Snapshot) -> Iterator[Unreadable]:
    """Yield what is told of trails and buckets here, and could not be read."""
    yield from (trail.reason for trail in snapshot.trails if isinstance(trail, UnreadTrail))
    names = {trail.s3_bucket_name for trail in snapshot.trails if isinstance(trail, Trail)}
    for bucket in snapshot.buckets:
        if bucket.name in names and isinstance(bucket, Bucket) and isinstance(bucket.replication, Unreadable):
            yield bucket.replication


def _here(snapshot: Snapshot) -> tuple[Message, ...]:
    trails = [trail for trail in snapshot.trails if isinstance(trail, Trail)]
    plain = [trail.name for trail in trails if not trail.is_sealed]
    told = []
    if len(trails) == len(snapshot.trails) and not snapshot.unreadable:
        told.append(counted("{count} trail in this account.", "{count} trails in this account.", len(trails)))
    if not trails and (snapshot.trails or snapshot.unreadable):
        told.append(message("Which trails there are could not be read."))
    if plain:
        told.append(message("On SSE-S3: {trails}.", trails=tuple(plain)))
    if sealed := [trail.name for trail in trails if trail.is_sealed]:
        told.append(message("On SSE-KMS: {trails}.", trails=tuple(sealed)))
    for bucket in snapshot.buckets:
        if (
            isinstance(bucket, Bucket)
            and bucket.replication
            and not isinstance(bucket.replication, Unreadable)
        ):
            left_out = [r for r in bucket.replication.rules if r.enabled and not r.replicates_sse_kms]
            if left_out:
                told.append(message("{bucket} replicates without SSE-KMS objects.", bucket=bucket.name))
    return tuple(told)


def _cost(snapshot: Snapshot) -> Estimated:
    """Return the estimate for the trails that are on SSE-S3, or for all where none is."""
    trails = [trail for trail in snapshot.trails if isinstance(trail, Trail)]
    plain = [trail for trail in trails if not trail.is_sealed]
    about = plain or trails
    buckets = {trail.s3_bucket_name for trail in about}
    places = max(1, sum(d.bucket in buckets and d.log_file is not None for d in snapshot.deliveries))
    regions = {b.region for b in snapshot.buckets if isinstance(b, Bucket) and b.name in buckets}
    keys = max(1, len(regions)) if plain or not trails else 0
    usage = assumed_usage(
        places=places,
        validation=any(trail.log_file_validation_enabled for trail in about),
        new_keys=keys,
        standing_keys=len({trail.kms_key_id for trail in about if trail.is_sealed}),
    )
    found = estimate(usage)
    return Estimated(
        places=places,
        new_keys=keys,
        per_month=found.of(EncryptionWay.SSE_KMS).per_month,
        with_bucket_keys=found.of(EncryptionWay.SSE_KMS_BUCKET_KEY).per_month,
    )
