"""TS108: the bucket's policy lets CloudTrail deliver."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.cloudtrail.answers import CloudTrailAnswer
from trailseal.access.cloudtrail.trail_answers import bucket_answers
from trailseal.access.decision import Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.controls import bucket_remedies, remedies
from trailseal.controls.cloudtrail_words import deniers, refused, undecided
from trailseal.controls.estate import described, no_bucket, region_of, unread_trails
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.controls.mended_policy import mended_policy
from trailseal.messages import N_, Message, message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS108",
    title=N_("The bucket's policy lets CloudTrail deliver for this trail"),
    severity=Severity.CRITICAL,
    what=N_(
        "The bucket's policy allows CloudTrail, with this trail as source, to read the bucket's ACL and to "
        "write log files and digest files into the folder of each account and Region that deliver, encrypted "
        "as the trail says."
    ),
    why=N_("What the policy refuses does not arrive, for one account or Region as for all."),
    remedy=N_("give the bucket the policy that AWS's page shows for this trail"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per trail."""
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        yield _judge(trail, snapshot)


def _judge(trail: Trail, snapshot: Snapshot) -> Finding:
    name, about = trail.s3_bucket_name, (trail.arn,)
    bucket = snapshot.bucket(name)
    match bucket:
        case UnreadBucket():
            return no_bucket(CHECK, bucket, about)
        case Bucket(policy=Unreadable() as reason):
            return CHECK.unknown(trail.arn, reason, trails=about)
        case Bucket(policy=str() as policy):
            return _answer(trail, policy, snapshot)
        case _:
            unread = Unreadable(call="s3:GetBucketPolicy", code="NotRead", where=name)
            return CHECK.unknown(trail.arn, unread, trails=about)


def _answer(trail: Trail, policy: str, snapshot: Snapshot) -> Finding:
    name, about = trail.s3_bucket_name, (trail.arn,)
    found = bucket_answers(trail, policy, snapshot, key_arn=trail.kms_key_id)
    if any(each.is_denied for each in found):
        remedy = _mend(trail, policy, found, snapshot)
        return CHECK.failed(trail.arn, refused(found, subject=name), trails=about, remedy=remedy)
    if any(each.effect is not Effect.ALLOWED for each in found):
        text = undecided(found, subject=name, document=policy, kind=PolicyKind.BUCKET)
        return CHECK.found(Verdict.UNKNOWN, trail.arn, text, trails=about)
    text = message("the policy of bucket {bucket} lets CloudTrail deliver", bucket=name)
    return CHECK.passed(trail.arn, text, trails=about)


def _mend(trail: Trail, policy: str, found: tuple[CloudTrailAnswer, ...], snapshot: Snapshot) -> Message:
    """Return the command that adds what AWS's page shows, and to every Deny in the way an exception."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    denying = deniers(found)
    added = bucket_remedies.for_cloudtrail(trail, remedies.organization_of(trail, snapshot))
    mended = mended_policy(policy, added, denying)
    if mended is None:
        return message(
            "let {statements} of the policy of {bucket} except CloudTrail",
            statements=", ".join(denying),
            bucket=trail.s3_bucket_name,
        )
    region, owner = (region_of(bucket), bucket.account) if isinstance(bucket, Bucket) else ("", "")
    command = bucket_remedies.put_policy(trail.s3_bucket_name, region, mended)
    remedy = message("give the bucket the policy that AWS's page shows: {command}", command=command)
    return remedies.of_bucket(remedy, owner, snapshot)
