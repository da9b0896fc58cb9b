"""What bears on who can read beside the policies that were decided on, and what was not read of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trailseal.access.public import may_be_public
from trailseal.access.readers.bypasses import access_point_keys, hands_out_grants
from trailseal.access.readers.crowd import ANYWHERE
from trailseal.access.readers.doubt import unread_guardrails
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import BY_BUCKET_KEY, LogObject, Sealing
from trailseal.access.readers.reading import Reading
from trailseal.access.readers.subject import Knowledge
from trailseal.messages import Message, message
from trailseal.model.bucket import Bucket, PublicAccessBlock, UnreadBucket
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import NOT_ASKED, Unreadable


def notes(snapshot: Snapshot, trail: Trail) -> Iterator[Message]:
    """Yield what makes the answer surer."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if isinstance(bucket, Bucket) and bucket.has_acls is False:
        yield message("ACLs are disabled on the bucket: policies alone decide who fetches")


def caveats(
    snapshot: Snapshot, trail: Trail, target: LogObject, estate: Estate, readers: frozenset[str]
) -> Iterator[Message]:
    """Yield what the answer does not hold for, or does not look at."""
    if target.sealing in BY_BUCKET_KEY:
        yield message(
            "an S3 Bucket Key is on: whoever could read before a key policy was tightened may read on for a "
            "while, until cached bucket keys expire; KMS events show fewer readers than there are"
        )
    if target.sealing is not Sealing.SSE_S3:
        yield message("objects delivered before the key was set stay under SSE-S3: S3 alone guards those")
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if isinstance(bucket, Bucket):
        yield from _acls(bucket)
    yield from _ways_around(estate, readers)
    yield from (text for _, text in unread_guardrails(estate))


def unread_accounts(readings: Iterable[Reading]) -> Iterator[Message]:
    """Yield which accounts that something names were not asked for their principals."""
    named = [r for r in readings if r.account and r.kind not in ANYWHERE]
    accounts = sorted({r.account for r in named if r.knowledge is Knowledge.NOT_READ})
    if accounts:
        yield message(
            "the principals of {accounts} were not read: --also-profile or a further --snapshot does",
            accounts=tuple(accounts),
        )


def _acls(bucket: Bucket) -> Iterator[Message]:
    """
    Yield what ACLs may open, and what they are a sign of: objects of several owners.

    What CloudTrail writes, with full control for the bucket's owner, is the owner's where he prefers it so.
    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    if bucket.acl_is_public is True:
        yield message("the bucket's ACL is public: SSE-S3 objects in it may be open to anybody")
    if bucket.has_acls:
        yield message(
            "ACLs are enabled on the bucket, and those of its objects are not looked at: one may let another "
            "account fetch the object"
        )
    elif bucket.has_acls is None:
        yield message(
            "whether ACLs are enabled on the bucket is not known: one may let another account fetch an object"
        )
    if bucket.has_acls is not False and bucket.object_ownership != "BucketOwnerPreferred":
        yield message(
            "a log file may belong to whoever wrote it: what the bucket policy says applies to the objects "
            "of the bucket's owner only"
        )


def _ways_around(estate: Estate, readers: frozenset[str]) -> Iterator[Message]:
    if keys := access_point_keys(estate):
        yield message(
            "the bucket policy leaves requests through access points to their own policies, which are not "
            "looked at: {keys}",
            keys=tuple(keys),
        )
    for role in hands_out_grants(estate, readers):
        yield message("{role} reads for S3 Access Grants: whom those let in is not looked at", role=role)


def unread(snapshot: Snapshot, trail: Trail, target: LogObject, estate: Estate) -> Iterator[Unreadable]:
    """Yield what the answer needs and could not be read; each makes it incomplete."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if isinstance(bucket, UnreadBucket):
        yield bucket.reason
    ownership = bucket.object_ownership if isinstance(bucket, Bucket) else ""
    parts = (estate.bucket_policy, estate.key_policies, estate.grants, ownership, *_settings(bucket))
    yield from (part for part in parts if isinstance(part, Unreadable) and part.code != NOT_ASKED)
    yield from (i for i in snapshot.inventories if isinstance(i, Unreadable))
    bound = (estate.bound(account) for account in estate.by_account)
    yield from (i.guardrails for i in bound if i and i.guardrails)
    account = target.key_account or target.bucket_account
    if account not in {i.account for i in snapshot.inventories if isinstance(i, Inventory)}:
        yield Unreadable(call="iam:GetAccountAuthorizationDetails", code="NotRead", where=account)


def _settings(bucket: Bucket | UnreadBucket | None) -> tuple[PublicAccessBlock | Unreadable | None, ...]:
    """Return both levels of Block Public Access where something rests on them."""
    if isinstance(bucket, Bucket) and isinstance(bucket.policy, str) and may_be_public(bucket.policy):
        return bucket.block_levels
    return ()
