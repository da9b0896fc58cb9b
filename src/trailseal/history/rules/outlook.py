"""What a re-encryption will mean for this bucket, said before the first object is touched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from trailseal.history.rules.consequences import consequences
from trailseal.history.rules.forms import copied_form, updated_form
from trailseal.history.rules.manifest import Header, Row
from trailseal.history.rules.method import Choice, Method, MethodReason, Target, choose, is_asked_first
from trailseal.history.rules.readers import losing, together
from trailseal.messages import Message
from trailseal.model.bucket import Bucket
from trailseal.model.unreadable import Unreadable

PUTS_A_SECOND = 3500
"""For each partitioned prefix. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html"""
KEY_POLICY = "kms:GetKeyPolicy"


class Share(Struct, frozen=True, kw_only=True):
    """Objects that take one method for one reason."""

    method: Method
    reason: MethodReason
    objects: int
    size: int


class Outlook(Struct, frozen=True, kw_only=True):
    """
    The statement before the start, and all of a dry run.

    `unknown` names what could not be read, so that a consequence may be missing. `reader_statements` are
    what the key policy lacks for readers who are allowed only another form of the objects than they will
    have; `denying` are its statements that deny that form, whatever is added.
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
    denying: tuple[str, ...] = ()
    without_context: int = 0
    """Objects that will not have the trail's encryption context."""
    lost: int = 0
    """Objects that readers would lose, as things stand."""
    of_bucket: bool = False
    """Whether the encryption context will name the bucket, and not the object."""
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
        changed = self.work if self.of_bucket else self.without_context
        return bool(changed) and KEY_POLICY in self.unknown

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
    forms = ((updated, updated_form(target)), (copied, copied_form(target)))
    losses = [(count, losing(policy, form, target)) for count, form in forms if count]
    lost = together((found for _, found in losses), policy)
    prefixes = max(len(shares.prefixes), 1)
    without = updated + (0 if target.context else copied)
    return Outlook(
        bucket=target.bucket,
        key_arn=target.key_arn,
        shares=counted_shares,
        requests=updated + copied,
        seconds_at_least=(updated + copied) / (PUTS_A_SECOND * prefixes),
        prefixes=prefixes,
        consequences=tuple(consequences(bucket, target, header, lost, updated, copied)),
        unknown=(*_unreadable(bucket), *((KEY_POLICY,) if policy is None else ())),
        reader_statements=lost.lacking,
        denying=lost.denying,
        without_context=without,
        lost=sum(count for count, found in losses if found.any),
        of_bucket=target.bucket_key,
        asked_first=shares.asked_first,
    )


def _partition(key: str) -> str:
    """Return account and Region of a key, over which S3's rates spread: its dates come last."""
    return key.rsplit("/", 4)[0]


def _unreadable(bucket: Bucket) -> tuple[str, ...]:
    parts = (
        bucket.versioning,
        bucket.notifications,
        bucket.replication,
        bucket.lifecycle_rules,
        bucket.object_lock,
    )
    return tuple(part.call for part in parts if isinstance(part, Unreadable))
