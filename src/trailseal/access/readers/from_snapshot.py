"""A trail's bucket, key and principals out of a snapshot, as the estate and the object to decide on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from trailseal.access.facts import OTHERS, Lack, Value
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.trail_folders import folders_of
from trailseal.access.request import PublicAccess
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KeyPolicies, KmsKey, Tags, UnreadKey
from trailseal.model.log_file import StoredObject, account_folder
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

CLOCKS_DIFFER = timedelta(minutes=15)
MAX_ALIASES = 50
NEW_KEY = "00000000-0000-0000-0000-000000000000"
KMS = frozenset({"aws:kms", "aws:kms:dsse"})


def estate_of(
    snapshot: Snapshot, trail: Trail, *, kms_key: str, policies: KeyPolicies | None = None
) -> Estate:
    """Return all that decides on reading; `policies` replace those of the key when they are given."""
    organization = snapshot.organization if isinstance(snapshot.organization, Organization) else None
    key = snapshot.key(kms_key)
    return Estate(
        bucket_policy=_bucket_policy(snapshot.bucket(trail.s3_bucket_name)),
        key_policies=policies if policies is not None else _key_policies(key, kms_key),
        grants=key.grants if isinstance(key, KmsKey) else (),
        public_access_block=_public_access(snapshot.bucket(trail.s3_bucket_name)),
        inventories=tuple(i for i in snapshot.inventories if isinstance(i, Inventory)),
        organization=organization.organization_id if organization else "",
        management=organization.management_account if organization else "",
        members=frozenset({snapshot.account, *organization.accounts}) if organization else frozenset(),
        alone=frozenset({snapshot.account} if isinstance(snapshot.organization, NoOrganization) else ()),
        folders=folders_of(snapshot, trail),
        now=not_before(snapshot),
        key_facts=key_facts(key) if isinstance(key, KmsKey) else {},
    )


def not_before(snapshot: Snapshot) -> float:
    """
    Return the time, in seconds since 1970, before which no request is made any more.

    The clock that a snapshot was taken by may be ahead of AWS's, as far as AWS takes requests signed by it.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationTimeStamp
    """
    return (snapshot.taken_at - CLOCKS_DIFFER).timestamp()


def key_facts(key: KmsKey) -> dict[str, Value]:
    """
    Return the condition keys that a key settles for every request on it.

    A key with more aliases than its quota is refused to everybody who depends on its aliases.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/abac.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    """
    facts: dict[str, Value] = {
        "kms:KeySpec": (key.key_spec,),
        "kms:KeyUsage": (key.key_usage,),
        "kms:CustomerMasterKeySpec": (key.key_spec,),
        "kms:CustomerMasterKeyUsage": (key.key_usage,),
        "kms:KeyOrigin": (key.origin,),
        "kms:MultiRegion": ("true" if key.multi_region else "false",),
    }
    if isinstance(key.tags, Tags):
        facts["aws:ResourceTag/" + OTHERS] = ()
        facts |= _tags(key.tags.values)
    if isinstance(key.aliases, tuple):
        facts["kms:ResourceAliases"] = key.aliases if len(key.aliases) <= MAX_ALIASES else Lack.UNKNOWN
    return facts


def _tags(tags: dict[str, str]) -> dict[str, Value]:
    """
    Return a key's tags as condition keys, unknown where two names differ in case only.

    KMS tells such names apart, and a condition key does not: AWS says that it matches one of them.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
    """
    names = Counter(name.lower() for name in tags)
    return {
        f"aws:ResourceTag/{name}": (value,) if names[name.lower()] == 1 else Lack.UNKNOWN
        for name, value in tags.items()
    }


def _bucket_policy(bucket: Bucket | UnreadBucket | None) -> str | Unreadable:
    match bucket:
        case Bucket(policy=policy):
            return policy
        case UnreadBucket(reason=reason):
            return reason
        case _:
            return Unreadable(call="s3:GetBucketPolicy", code="NotRead")


def _public_access(bucket: Bucket | UnreadBucket | None) -> PublicAccess | None:
    """Return whether public policies are restricted, and S3's own word as a witness."""
    if not isinstance(bucket, Bucket):
        return None
    status = bucket.policy_is_public
    witness = status if isinstance(status, bool) else None
    return PublicAccess(restrict_public_buckets=bucket.restricts_public_buckets, is_public=witness)


def _key_policies(key: KmsKey | UnreadKey | None, kms_key: str) -> KeyPolicies | Unreadable:
    match key:
        case KmsKey(policies=policies):
            return policies
        case UnreadKey(reason=reason):
            return reason
        case _:
            return (
                Unreadable(call="kms:GetKeyPolicy", code="NotRead", where=kms_key)
                if kms_key
                else KeyPolicies()
            )


def target_of(snapshot: Snapshot, trail: Trail, *, kms_key: str) -> LogObject:
    """
    Return the next log file that the trail will deliver, in the place of its newest one.

    `kms_key` is "" for SSE-S3. Older objects may be encrypted otherwise; `stored_target` is for them.
    """
    newest = _newest(snapshot, trail)
    folder = account_folder(
        prefix=trail.s3_key_prefix, organization=_organization(snapshot, trail), account=trail.account
    )
    key = newest.key if newest else f"{folder}CloudTrail/{trail.home_region}/a-log-file.json.gz"
    bucket = snapshot.bucket(trail.s3_bucket_name)
    encryption = bucket.encryption if isinstance(bucket, Bucket) else None
    bucket_key = getattr(encryption, "bucket_key_enabled", False)
    return _target(snapshot, trail, key, kms_key=kms_key, bucket_key=bucket_key)


def stored_target(snapshot: Snapshot, trail: Trail, stored: StoredObject) -> LogObject:
    """Return one stored object as what it is: SSE-S3, under a key, or under an S3 Bucket Key."""
    kms_key = stored.kms_key_id if stored.encryption in KMS else ""
    return _target(snapshot, trail, stored.key, kms_key=kms_key, bucket_key=stored.bucket_key_enabled)


def _target(snapshot: Snapshot, trail: Trail, key: str, *, kms_key: str, bucket_key: bool) -> LogObject:
    bucket = snapshot.bucket(trail.s3_bucket_name)
    settings = bucket if isinstance(bucket, Bucket) else None
    sealing = Sealing.BUCKET_KEY if bucket_key else Sealing.DELIVERED
    return LogObject(
        bucket=trail.s3_bucket_name,
        key=key,
        sealing=sealing if kms_key else Sealing.SSE_S3,
        region=_region(bucket) or trail.home_region,
        partition=snapshot.partition,
        bucket_account=(settings.account if settings else "") or snapshot.account,
        kms_key=kms_key,
        trail=trail.arn,
    )


def _region(bucket: Bucket | UnreadBucket | None) -> str:
    return bucket.region if isinstance(bucket, Bucket) and isinstance(bucket.region, str) else ""


def _newest(snapshot: Snapshot, trail: Trail) -> StoredObject | None:
    """Return the newest log file in the trail's folders: other trails may deliver to its bucket too."""
    folders = folders_of(snapshot, trail)
    found = [
        d.log_file
        for d in snapshot.deliveries
        if d.bucket == trail.s3_bucket_name
        and isinstance(d.log_file, StoredObject)
        and d.log_file.key.startswith(folders)
    ]
    return max(found, key=lambda o: o.last_modified, default=None)


def _organization(snapshot: Snapshot, trail: Trail) -> str:
    organization = snapshot.organization
    if trail.is_organization_trail and isinstance(organization, Organization):
        return organization.organization_id
    return ""


def new_key_arn(snapshot: Snapshot, trail: Trail) -> str:
    """Return the ARN that stands for a key that is not there yet, in the bucket's Region."""
    region = _region(snapshot.bucket(trail.s3_bucket_name)) or trail.home_region
    return f"arn:{snapshot.partition}:kms:{region}:{trail.account}:key/{NEW_KEY}"
