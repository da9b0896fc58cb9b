"""
How far each need is narrowed: the resources that it is allowed on, and the conditions.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html,
https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from trailseal.access.service_name import CLOUDTRAIL
from trailseal.errors import UsageProblem
from trailseal.history.rules.method import PROBE_PREFIX
from trailseal.history.rules.readers import via_s3
from trailseal.messages import message
from trailseal.model.arn import Arn, bucket_arn, is_arn
from trailseal.model.given import S3
from trailseal.plan.intent import CREATE
from trailseal.plan.scope import TAG
from trailseal.run.permissions.needs import On

EVERYTHING = ("*",)
MULTI_REGION_ROLE = (
    "role/aws-service-role/mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
)
"""Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html."""
FOLDERS = ("AWSLogs", "*/AWSLogs")
"""Where CloudTrail delivers in a bucket, without and with a prefix of the trail's."""
Conditions = dict[str, dict[str, Any]]
Grant = tuple[tuple[str, ...], Conditions]
"""Resources, and the conditions that they are allowed under."""
ACCOUNT_WIDE = frozenset({On.ANYTHING, On.ADMINISTRATORS})
KEY_CHANGES = frozenset({On.CHANGED_KEYS, On.CHANGED_POLICIES})
SAFE: Conditions = {"BoolIfExists": {"kms:BypassPolicyLockoutSafetyCheck": "false"}}
TAGGED: Conditions = {"Null": {f"aws:RequestTag/{TAG}": "false"}}
OWN: Conditions = {"Null": {f"aws:ResourceTag/{TAG}": "false"}}
FIXED: dict[On, Conditions] = {
    On.ADMINISTRATORS: {"StringEquals": {"organizations:ServicePrincipal": CLOUDTRAIL}},
    On.NEW_TAGS: {**TAGGED, "ForAllValues:StringEquals": {"aws:TagKeys": [TAG]}},
    On.REPLICATED: OWN,
    On.LINKED_ROLE: {"StringEquals": {"iam:AWSServiceName": "mrk.kms.amazonaws.com"}},
    On.COPIES: {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    On.JOB_ROLE: {"StringEquals": {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}},
}


class Narrowing(Struct, frozen=True, kw_only=True):
    """What the user named to narrow a policy by; nothing named is everything of its kind."""

    partition: str = "aws"
    trails: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """ARNs, and `create` where keys may be made too; nothing is `create` alone."""
    aliases: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    place: str = ""
    """Where a Batch job's manifest and report, or a ledger, are: `s3://BUCKET/PREFIX`."""
    job_role: str = ""
    member_roles: tuple[str, ...] = ()
    multi_region: bool = False
    copies: bool = False

    @property
    def makes_keys(self) -> bool:
        """Whether keys may be made."""
        return not self.keys or CREATE in self.keys

    @property
    def named_keys(self) -> tuple[str, ...]:
        """The keys that there are, by ARN."""
        return tuple(key for key in self.keys if key != CREATE)


def narrowed(**given: Any) -> Narrowing:
    """
    Return what the user named, in the partition that it lies in.

    Raises:
        UsageProblem: the names lie in several partitions.
    """
    made = Narrowing(**given)
    named = (*made.trails, *made.named_keys, made.job_role, *made.member_roles)
    found = sorted({Arn.parse(each).partition for each in named if is_arn(each)})
    if len(found) > 1:
        raise UsageProblem(
            message("the names lie in several partitions: {partitions}", partitions=tuple(found)),
            message("a policy is for one: print it once for each"),
        )
    return Narrowing(**{**given, "partition": found[0]}) if found else made


def resources(on: On, narrowing: Narrowing) -> tuple[str, ...]:
    """Return the ARNs that a need is allowed on, none where what was named leaves no use for it."""
    by = narrowing
    if on in ACCOUNT_WIDE:
        return EVERYTHING
    match on:
        case On.BUCKETS | On.LOG_FILES | On.OTHER_OBJECTS | On.COPIES | On.PROBE:
            return _in_buckets(on, by)
        case On.NEW_JOBS | On.JOBS | On.JOB_ROLE:
            return _of_jobs(on, by)
        case On.PLACE:
            return (_place(by),) if by.place else ()
        case On.TRAILS:
            return by.trails or (_arn(by, "cloudtrail", "*:*:trail/*"),)
        case _:
            return _others(on, by)


def _arn(by: Narrowing, service: str, rest: str) -> str:
    return f"arn:{by.partition}:{service}:{rest}"


def _place(by: Narrowing) -> str:
    """Return all that lies in a place; signs that a policy takes for any others are written as themselves."""
    named = by.place.removeprefix(S3).rstrip("/")
    return bucket_arn(re.sub(r"[*?$]", r"${\g<0>}", named) + "/*", by.partition)


def _in_buckets(on: On, by: Narrowing) -> tuple[str, ...]:
    """Return the buckets, or what is looked at, copied or tried in them."""
    buckets = by.buckets or ("*",)
    match on:
        case On.BUCKETS:
            below: tuple[str, ...] = ("",)
        case On.PROBE:
            below = (f"/{PROBE_PREFIX}*",)
        case On.OTHER_OBJECTS:
            below = ("/*",)
        case _:
            below = tuple(f"/{folder}/*" for folder in (FOLDERS if by.buckets else FOLDERS[:1]))
    return tuple(bucket_arn(f"{bucket}{each}", by.partition) for bucket in buckets for each in below)


def _of_jobs(on: On, by: Narrowing) -> tuple[str, ...]:
    """Return what a Batch job is made with: only where there is a role for it."""
    if not by.job_role:
        return ()
    match on:
        case On.NEW_JOBS:
            return EVERYTHING
        case On.JOBS:
            return (_arn(by, "s3", f"*:{Arn.parse(by.job_role).account}:job/*"),)
        case _:
            return (by.job_role,)


def grants(on: On, narrowing: Narrowing) -> tuple[Grant, ...]:
    """Return the resources that a need is allowed on, each with its conditions; none where it has no use."""
    if on in KEY_CHANGES:
        return _changes(on, narrowing)
    found = resources(on, narrowing)
    return ((found, conditions(on, narrowing)),) if found else ()


def _changes(on: On, by: Narrowing) -> tuple[Grant, ...]:
    """Return the keys of a plan's own, by the tag that they are made with, and those that are named."""
    safe = SAFE if on is On.CHANGED_POLICIES else {}
    found: list[Grant] = []
    if by.makes_keys:
        found.append(((_arn(by, "kms", "*:*:key/*"),), {**OWN, **safe}))
    if by.named_keys:
        found.append((by.named_keys, safe))
    return tuple(found)


def _others(on: On, by: Narrowing) -> tuple[str, ...]:
    """Return the tables, roles, keys and their names; what makes a key only where one may be made."""
    every_key = (_arn(by, "kms", "*:*:key/*"),)
    makes, several = by.makes_keys, by.makes_keys and by.multi_region
    found = {
        On.LOG_GROUPS: (_arn(by, "logs", "*:*:log-group:*"),),
        On.STORES: (_arn(by, "cloudtrail", "*:*:eventdatastore/*"),),
        On.ACCESS_POINTS: (_arn(by, "s3", "*:*:accesspoint/*"),),
        On.TABLES: (_arn(by, "s3tables", "*:*:bucket/*"),),
        On.MEMBER_ROLES: by.member_roles,
        On.ALIASES: tuple(_arn(by, "kms", f"*:*:{alias}") for alias in by.aliases or ("alias/*",)),
        On.NEW_KEYS: EVERYTHING if makes else (),
        On.NEW_TAGS: every_key if makes else (),
        On.REPLICATED: every_key if several else (),
        On.LINKED_ROLE: (_arn(by, "iam", f":*:{MULTI_REGION_ROLE}"),) if several else (),
    }
    return found.get(on, every_key if makes else by.named_keys)


def conditions(on: On, narrowing: Narrowing) -> Conditions:
    """Return the conditions that a need is allowed under, beside its resources."""
    match on:
        case On.NEW_KEYS:
            return _of_a_new_key(narrowing)
        case On.KEYS_BY_S3:
            return {"StringLike": {"kms:ViaService": via_s3(narrowing.partition)}}
        case _:
            return FIXED.get(on, {})


def _of_a_new_key(by: Narrowing) -> Conditions:
    """
    Return what a key must be that may be made.

    A replica takes kms:CreateKey too, and which of these AWS shows for it no page says: there only the
    lockout check is asked for.
    """
    if by.multi_region:
        return SAFE
    return {
        **SAFE,
        **TAGGED,
        "StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"},
        "Bool": {"kms:MultiRegion": "false"},
    }
