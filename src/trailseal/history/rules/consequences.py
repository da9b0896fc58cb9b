"""What a re-encryption sets off besides itself: events, lifecycle clocks, versions, replicas, readers."""

from __future__ import annotations

from collections.abc import Iterable

from trailseal.history.rules.manifest import Header
from trailseal.history.rules.method import Target
from trailseal.history.rules.readers import LosingStatements
from trailseal.messages import Message, counted, message
from trailseal.model.arn import bucket_arn
from trailseal.model.bucket import Bucket, Replication


def consequences(
    bucket: Bucket,
    target: Target,
    header: Header,
    lost: LosingStatements,
    updated: int,
    copied: int,
) -> Iterable[Message]:
    """Yield what the change sets off, a sentence each; `lost` is who loses objects by it."""
    if copied:
        yield from _of_copies(bucket, target, copied)
    if updated:
        yield counted(
            "{count} object keeps LastModified, ETag, version and storage class, and fires no event",
            "{count} objects keep LastModified, ETag, version and storage class, and fire no event",
            updated,
        )
    yield from _of_readers(target, lost)
    yield from _of_both(bucket, target, header, updated + copied)


def _of_copies(bucket: Bucket, target: Target, copied: int) -> Iterable[Message]:
    yield counted(
        "the copy of {count} object gets a new LastModified; its ETag changes",
        "the copies of {count} objects get a new LastModified; their ETags change",
        copied,
    )
    if isinstance(bucket.notifications, tuple) and bucket.notifications:
        yield message(
            "each copy fires ObjectCreated:Copy to {targets}: a SIEM behind it takes the old log"
            " files in again",
            targets=tuple(bucket.notifications),
        )
    if isinstance(bucket.lifecycle_rules, int) and bucket.lifecycle_rules:
        yield counted(
            "the bucket has {count} lifecycle rule: its clock starts again for copied objects",
            "the bucket has {count} lifecycle rules: their clocks start again for copied objects",
            bucket.lifecycle_rules,
        )
    if bucket.versioning in {"Enabled", "Suspended"}:
        yield message(
            "the bucket keeps versions: each copy is a new one, the old one keeps its old encryption, "
            "readable by version id and paid for, until a lifecycle rule removes it"
        )
    if bucket.object_lock is True:
        yield message(
            "a copy without a lock of its own gets the bucket's default retention again, if there is one"
        )
    if target.context:
        yield message(
            "copies carry the encryption context {context}, as CloudTrail's own do", context=target.context
        )
    else:
        yield message("copies carry no encryption context of the trail")


def _of_readers(target: Target, lost: LosingStatements) -> Iterable[Message]:
    if lost.by_trail:
        yield message(
            "the objects will not have the trail's encryption context: readers whom {statements} of the key"
            " policy allows only with kms:EncryptionContext:aws:cloudtrail:arn lose them, unless the plan for"
            " readers is applied first",
            statements=tuple(lost.by_trail),
        )
    if lost.by_arn:
        yield message(
            "the objects' encryption context will name {what}: readers whom {statements} of the key policy"
            " allows only with another kms:EncryptionContext:aws:s3:arn lose them, unless the plan for"
            " readers is applied first",
            what=bucket_arn(target.bucket if target.bucket_key else f"{target.bucket}/…", target.partition),
            statements=tuple(lost.by_arn),
        )
    if lost.denying:
        yield message(
            "{statements} of the key policy denies decrypting in the form that the objects will have, and no"
            " statement that is added changes that: copies with --method copy keep the trail's context",
            statements=tuple(lost.denying),
        )


def _of_both(bucket: Bucket, target: Target, header: Header, work: int) -> Iterable[Message]:
    if not work:
        return
    if isinstance(bucket.replication, Replication):
        blind = [
            rule.rule_id for rule in bucket.replication.rules if rule.enabled and not rule.replicates_sse_kms
        ]
        if blind:
            yield message(
                "replication rules {rules} do not replicate SSE-KMS objects: copies would silently"
                " stay behind",
                rules=tuple(blind),
            )
        yield message(
            "replicas are not changed: UpdateObjectEncryption is not replicated, do the destination"
            " separately"
        )
    if bucket.object_lock is True and header.locks:
        yield message(
            "the bucket has Object Lock: locked objects are copied with their lock, or skipped, as are those"
            " whose lock could not be read"
        )
    elif bucket.object_lock is True:
        yield message(
            "the bucket has Object Lock: locked objects are copied with their lock, or skipped. S3 shows a"
            " lock only to whoever may s3:GetObjectRetention and s3:GetObjectLegalHold: without these at the"
            " census, a copy lacks the lock, which stays on the old version"
        )
    if target.bucket_key:
        yield message(
            "with a bucket key the encryption context names the bucket, so policies that pin"
            " kms:EncryptionContext:aws:s3:arn to objects stop matching"
        )
    if not header.complete:
        yield message(
            "the manifest comes from an inventory: each object is asked first, with HeadObject, for its key,"
            " tags, lock and ACL; what was overwritten since is left alone"
        )
    yield message("readers need kms:Decrypt on {key} from now on, for the history too", key=target.key_arn)
