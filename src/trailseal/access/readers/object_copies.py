"""
Copies of the log files in other buckets, and access points, which are ways to the log files themselves.

Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from trailseal.access.decision import Decision
from trailseal.access.readers.copy_reader import readers_among, unread_principals
from trailseal.access.readers.doubt import doubtful_readings
from trailseal.access.readers.effects import Ask, at_most_possible, both, effects_for
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.event_copy import Copy, CopyKind, CopyReader
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import DECRYPT, GET, decrypt, fetch, under_own_policy
from trailseal.access.readers.reading import RANK, Access, Reading, read_all
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.sureness import Sureness, WayToRead
from trailseal.access.readers.trail_folders import folders_of
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, account_of, is_arn
from trailseal.model.bucket import Bucket, Replication, ReplicationRule, UnreadBucket
from trailseal.model.copies import AccessPoint
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import NOT_ASKED, Unreadable

LOOKED_FOR = "s3:GetReplicationConfiguration"
LEFT_OUT = message("log files encrypted with the trail's key are not replicated there: those with SSE-S3 are")
OWN = message("the log files' own")
VPC = "VPC"
"""The network origin of an access point that takes requests from one VPC alone."""


def replicas(snapshot: Snapshot, trail: Trail) -> Iterator[Copy]:
    """Yield each bucket that log files are replicated to; `snapshot` holds those and their keys."""
    source = snapshot.bucket(trail.s3_bucket_name)
    found = source.replication if isinstance(source, Bucket) else None
    if isinstance(source, UnreadBucket) or isinstance(found, Unreadable):
        reason = source.reason if isinstance(source, UnreadBucket) else found
        yield Copy(
            kind=CopyKind.REPLICA, name=trail.s3_bucket_name, unread=(_asked(reason),), looked_at=False
        )
    elif isinstance(found, Replication):
        folders = folders_of(snapshot, trail)
        for rule in _by_destination(found, folders):
            yield _replica(snapshot, trail, rule)


def _asked(reason: object) -> Unreadable:
    given = reason if isinstance(reason, Unreadable) else Unreadable(call=LOOKED_FOR, code=NOT_ASKED)
    return structs.replace(given, call=LOOKED_FOR)


def _by_destination(found: Replication, folders: tuple[str, ...]) -> Iterator[ReplicationRule]:
    """Yield a rule for each destination of the trail's folders; of several, one that takes SSE-KMS too."""
    rules: dict[str, ReplicationRule] = {}
    for rule in found.rules:
        if rule.enabled and any(f.startswith(rule.prefix) or rule.prefix.startswith(f) for f in folders):
            kept = rules.get(rule.destination)
            rules[rule.destination] = kept if kept and kept.replicates_sse_kms else rule
    yield from rules.values()


def _replica(snapshot: Snapshot, trail: Trail, rule: ReplicationRule) -> Copy:
    name = Arn.parse(rule.destination).resource if is_arn(rule.destination) else rule.destination
    bucket = snapshot.bucket(name)
    under_key = trail.is_sealed and rule.replicates_sse_kms
    remarks = (LEFT_OUT,) if trail.is_sealed and not under_key else ()
    key = rule.replica_kms_key_id if under_key else ""
    if not isinstance(bucket, Bucket) or isinstance(bucket.policy, Unreadable):
        reason = bucket.reason if isinstance(bucket, UnreadBucket) else getattr(bucket, "policy", None)
        why = reason if isinstance(reason, Unreadable) else _not_asked("s3:GetBucketPolicy", name)
        return Copy(
            kind=CopyKind.REPLICA, name=name, kms_key=key, encryption=_guard(key, under_key=under_key),
            remarks=remarks, unread=(why,), looked_at=isinstance(bucket, Bucket),
        )  # fmt: skip
    if under_key and not is_arn(key):
        readers: tuple[CopyReader, ...] = ()
        lacking: tuple[Unreadable, ...] = (_not_asked("kms:GetKeyPolicy", key or name),)
    else:
        readers, lacking = _readers(snapshot, structs.replace(trail, s3_bucket_name=name), key)
    return Copy(
        kind=CopyKind.REPLICA,
        name=name,
        account=bucket.account,
        kms_key=key,
        encryption=_guard(key, under_key=under_key),
        readers=readers,
        remarks=remarks,
        unread=(*lacking, *unread_principals(snapshot, bucket.account or snapshot.account)),
    )


def _not_asked(call: str, where: str) -> Unreadable:
    return Unreadable(call=call, code=NOT_ASKED, where=where)


def _guard(key: str, *, under_key: bool) -> Message | None:
    """Return what guards a replica. One of an SSE-S3 object S3 encrypts by SSE-S3 or the bucket's default."""
    if under_key:
        return message("key {key}", key=key) if key else None
    return message("SSE-S3, or what the bucket has for a default")


def _readers(
    snapshot: Snapshot, trail: Trail, key: str
) -> tuple[tuple[CopyReader, ...], tuple[Unreadable, ...]]:
    """
    Return who may read there, with what was not read of the key.

    Whether a replica keeps the trail's encryption context no page says: who reads with one of the contexts
    alone is no more than possible.
    """
    estate = estate_of(snapshot, trail, kms_key=key)
    target = target_of(snapshot, trail, kms_key=key)
    readings = doubtful_readings(estate, target, read_all(estate, target, population(estate, target)))
    lacking = (estate.key_policies, estate.grants) if key else ()
    return tuple(map(_as_reader, filter(_may_read, readings))), tuple(
        each for each in lacking if isinstance(each, Unreadable)
    )


def _may_read(reading: Reading) -> bool:
    one_of = (reading.access, *reading.elsewhere.values())
    gone = reading.knowledge is Knowledge.MISSING or reading.kind is SubjectKind.SERVICE
    return not gone and any(access in RANK for access in one_of)


def _as_reader(reading: Reading) -> CopyReader:
    others = {access for sealing, access in reading.elsewhere.items() if sealing != Sealing.SSE_S3.value}
    sure = reading.access is Access.READ and not others
    way = WayToRead(action=GET, sureness=Sureness.OPEN if sure else Sureness.UNKNOWN)
    return CopyReader(principal=reading.principal, kind=reading.kind, account=reading.account, ways=(way,))


def access_point(snapshot: Snapshot, estate: Estate, target: LogObject, point: AccessPoint) -> Copy:
    """
    Return an access point: whom its own policy, the bucket and the key let in, all three.

    `estate` and `target` are the log files'. A condition of the bucket's policy on the access point is open
    when the bucket is asked, so that whom it leaves to access points is no more than possible. So is
    everybody where only a VPC leads there: who can get into that was not looked at.
    """
    policy, owner = point.policy, account_of(point.arn)
    behind = structs.replace(estate, bucket_policy=policy, public_access_block=None)

    def ask(subject: Subject) -> Decision:
        through = under_own_policy(estate, subject, GET, f"{point.arn}/object/{target.key}", policy)
        direct = fetch(estate, target, subject)
        found = both(at_most_possible(through) if point.network_origin == VPC else through, direct)
        return found if target.sealing is Sealing.SSE_S3 else both(found, decrypt(estate, target, subject))

    named = {s.arn: s for s in (*population(estate, target), *population(behind, target))}
    asks: dict[str, Ask] = {GET: ask}
    own = (policy,) if isinstance(policy, str) and policy else ()
    found = effects_for(estate, target, tuple(named.values()), asks, about=(DECRYPT,), beside=own)
    return Copy(
        kind=CopyKind.ACCESS_POINT,
        name=point.arn,
        account=owner,
        kms_key=target.kms_key,
        encryption=OWN,
        readers=readers_among(estate, found, owner=target.bucket_account),
        remarks=(message("from the network: {origin}", origin=point.network_origin),)
        if point.network_origin
        else (),
        unread=(
            *((policy,) if isinstance(policy, Unreadable) else ()),
            *unread_principals(snapshot, target.bucket_account),
        ),
    )
