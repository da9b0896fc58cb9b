"""What a re-encryption will mean for this bucket, said before the first object is touched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from trailseal.history.rules.manifest import Header, Row
from trailseal.history.rules.method import Choice, Method, Reason, Target, choose, is_asked_first
from trailseal.history.rules.readers import context_denials, context_readers, reader_statements
from trailseal.messages import Message, counted, message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, Replication
from trailseal.model.unreadable import Unreadable

PUTS_A_SECOND = 3500
"""For each partitioned prefix. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html"""
KEY_POLICY = "kms:GetKeyPolicy"


class Share(Struct, frozen=True, kw_only=True):
    """Objects that take one method for one reason."""

    method: Method
    reason: Reason
    objects: int
    size: int


class Outlook(Struct, frozen=True, kw_only=True):
    """
    The statement before the start, and all of a dry run.

    `unknown` names what could not be read, so that a consequence may be missing. `reader_statements` are
    what the key policy lacks for readers who are allowed only under the trail's context; they are empty
    when every object will have it.
    """

    format: int = 1
    bucket: str
    key_arn: str
    shares: tuple[Share, ...]
    requests: int
    seconds_at_least: float
    prefixes: int
    consequences: tuple[Message, ...]
    unknown: tuple[str, ...] = ()
    reader_statements: tuple[dict[str, Any], ...] = ()
    without_context: int = 0
    """Objects that will not have the trail's encryption context."""
    asked_first: int = 0
    """Objects that S3 is asked about first, with HeadObject, since an inventory does not tell enough."""

    def of(self, method: Method) -> int:
        """Return how many objects take a method."""
        return sum(share.objects for share in self.shares if share.method is method)

    def size_of(self, method: Method) -> int:
        """Return how many bytes they have."""
        return sum(share.size for share in self.shares if share.method is method)

    @property
    def readers_unknown(self) -> bool:
        """Whether readers may lose objects, since the key policy could not be read."""
        return bool(self.without_context) and KEY_POLICY in self.unknown

    @property
    def work(self) -> int:
        """Objects that will be changed."""
        return self.of(Method.UPDATE) + self.of(Method.COPY)


class Shares:
    """Counts rows by what would be done with them."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._counts: dict[Choice, list[int]] = {}
        self.prefixes: set[str] = set()
        self.asked_first = 0

    def add(self, row: Row) -> None:
        """Count one row."""
        choice = choose(row, self._target)
        counts = self._counts.setdefault(choice, [0, 0])
        counts[0] += 1
        counts[1] += row.size
        self.asked_first += is_asked_first(row, choice)
        if choice.acts:
            self.prefixes.add(_partition(row.key))

    def shares(self) -> tuple[Share, ...]:
        """Return the counts, the largest first."""
        found = (
            Share(method=choice.method, reason=choice.reason, objects=counts[0], size=counts[1])
            for choice, counts in self._counts.items()
        )
        return tuple(sorted(found, key=lambda share: (-share.objects, share.reason)))


def outlook(
    rows: Iterable[Row], target: Target, header: Header, bucket: Bucket, policy: dict[str, Any] | None
) -> Outlook:
    """Return the statement; `policy` is the key policy, None when it could not be read."""
    shares = Shares(target)
    for row in rows:
        shares.add(row)
    counted_shares = shares.shares()
    updated = sum(s.objects for s in counted_shares if s.method is Method.UPDATE)
    copied = sum(s.objects for s in counted_shares if s.method is Method.COPY)
    prefixes = max(len(shares.prefixes), 1)
    without = updated + (0 if target.context else copied)
    return Outlook(
        bucket=target.bucket,
        key_arn=target.key_arn,
        shares=counted_shares,
        requests=updated + copied,
        seconds_at_least=(updated + copied) / (PUTS_A_SECOND * prefixes),
        prefixes=prefixes,
        consequences=tuple(_consequences(bucket, target, header, policy, updated, copied)),
        unknown=(*_unreadable(bucket), *((KEY_POLICY,) if policy is None else ())),
        reader_statements=_lacking(policy, target) if without else (),
        without_context=without,
        asked_first=shares.asked_first,
    )


def _partition(key: str) -> str:
    """Return account and Region of a key, over which S3's rates spread: its dates come last."""
    return key.rsplit("/", 4)[0]


def _consequences(
    bucket: Bucket,
    target: Target,
    header: Header,
    policy: dict[str, Any] | None,
    updated: int,
    copied: int,
) -> Iterable[Message]:
    if copied:
        yield from _of_copies(bucket, target, copied)
    if updated:
        yield counted(
            "{count} object keeps LastModified, ETag, version and storage class, and fires no event",
            "{count} objects keep LastModified, ETag, version and storage class, and fire no event",
            updated,
        )
    if updated or (copied and not target.context):
        yield from _of_readers(target, policy)
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
            targets=", ".join(bucket.notifications),
        )
    if isinstance(bucket.lifecycle_rules, int) and bucket.lifecycle_rules:
        yield counted(
            "the bucket has {count} lifecycle rule: its clock starts again for copied objects",
            "the bucket has {count} lifecycle rules: their clocks start again for copied objects",
            bucket.lifecycle_rules,
        )
    if bucket.versioning in {"Enabled", "Suspended"}:
        yield message(
            "the bucket keeps versions: each copy is a new one, the old one stays under its old"
            " encryption, readable"
            " by version id and paid for, until a lifecycle rule removes it"
        )
    if bucket.object_lock is True:
        yield message(
            "a copy without a lock of its own gets the bucket's default retention anew, where there is one"
        )
    if target.context:
        yield message(
            "copies carry the encryption context {context}, as CloudTrail's own do", context=target.context
        )
    else:
        yield message("copies carry no encryption context of the trail")


def _of_readers(target: Target, policy: dict[str, Any] | None) -> Iterable[Message]:
    if _lacking(policy, target):
        yield message(
            "the objects will not have the trail's encryption context: readers whom {statements} of the key"
            " policy allows only with kms:EncryptionContext:aws:cloudtrail:arn lose them, unless the plan for"
            " readers is applied first",
            statements=", ".join(context_readers(policy)),
        )
    if denying := context_denials(policy):
        yield message(
            "{statements} of the key policy denies decrypting without the trail's encryption context, and no"
            " statement that is added changes that: copies with --method copy keep the context",
            statements=", ".join(denying),
        )


def _lacking(policy: dict[str, Any] | None, target: Target) -> tuple[dict[str, Any], ...]:
    partition = Arn.parse(target.key_arn).partition
    return reader_statements(policy, bucket=target.bucket, partition=partition)


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
                rules=", ".join(blind),
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


def _unreadable(bucket: Bucket) -> tuple[str, ...]:
    parts = (
        bucket.versioning,
        bucket.notifications,
        bucket.replication,
        bucket.lifecycle_rules,
        bucket.object_lock,
    )
    return tuple(part.call for part in parts if isinstance(part, Unreadable))
