"""
Which actions each verb needs, and on what: one table, for `trailseal permissions` and for the pages.

Source of the names, and of what each can be narrowed to:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class On(StrEnum):
    """What an action is allowed on; `narrowing.py` says which resources and conditions each is."""

    ANYTHING = "AccountWide"
    ADMINISTRATORS = "Administrators"
    TRAILS = "Trails"
    KEYS = "Keys"
    CHANGED_KEYS = "ChangedKeys"
    CHANGED_POLICIES = "ChangedKeyPolicies"
    ALIASES = "Aliases"
    NEW_KEYS = "NewKeys"
    NEW_TAGS = "NewKeysTags"
    REPLICATED = "ReplicatedKeys"
    LINKED_ROLE = "ServiceLinkedRole"
    BUCKETS = "Buckets"
    LOG_FILES = "LogFiles"
    OTHER_OBJECTS = "OtherObjects"
    COPIES = "Copies"
    PROBE = "Probe"
    PLACE = "Place"
    KEYS_BY_S3 = "KeysThroughS3"
    TABLES = "Tables"
    NEW_JOBS = "NewJobs"
    JOBS = "Jobs"
    JOB_ROLE = "JobRole"
    MEMBER_ROLES = "MemberRoles"
    LOG_GROUPS = "LogGroups"
    STORES = "EventDataStores"
    ACCESS_POINTS = "AccessPoints"


class Need(Struct, frozen=True, order=True):
    """An action, and what it is needed on."""

    on: On
    action: str


def needs(on: On, *actions: str) -> tuple[Need, ...]:
    """Return the need of each action."""
    return tuple(Need(on, action) for action in actions)


ORGANIZATION = needs(On.ANYTHING, "organizations:DescribeOrganization")
ADMINISTRATORS = (
    *ORGANIZATION,
    *needs(On.ADMINISTRATORS, "organizations:ListDelegatedAdministrators"),
)
SET = (
    *ADMINISTRATORS,
    *needs(On.ANYTHING, "cloudtrail:ListTrails"),
    *needs(On.TRAILS, "cloudtrail:GetEventSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus"),
)
"""How trails are set, and whether they deliver."""
TRAILS = (*SET, *needs(On.TRAILS, "cloudtrail:ListTags"))
TRAIL = (*needs(On.ANYTHING, "cloudtrail:ListTrails"), *needs(On.TRAILS, "cloudtrail:GetTrail"))
EVENTS = needs(On.ANYTHING, "cloudtrail:LookupEvents")
KEYS = (
    *needs(On.ANYTHING, "kms:ListAliases"),
    *needs(
        On.KEYS,
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListGrants",
        "kms:ListResourceTags",
    ),
)
BUCKETS = (
    *needs(On.ANYTHING, "s3:GetAccountPublicAccessBlock"),
    *needs(
        On.BUCKETS,
        "s3:GetBucketAcl",
        "s3:GetBucketLogging",
        "s3:GetBucketPolicy",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetEncryptionConfiguration",
        "s3:ListBucket",
    ),
)
EFFECTS = needs(
    On.BUCKETS,
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketVersioning",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
)
"""What SSE-KMS has effects on, in a bucket."""
LOG_FILES = needs(On.LOG_FILES, "s3:GetObject")
OPENED = (*LOG_FILES, *needs(On.KEYS_BY_S3, "kms:Decrypt"))
"""Log files whose content is read, those under a key too."""
RECORDS = (*OPENED, *needs(On.OTHER_OBJECTS, "s3:GetObject"))
"""Where reading is recorded: log files, and access logs in another bucket."""
SEEN = (*TRAILS, *KEYS, *BUCKETS, *LOG_FILES)
DELIVERED = (*TRAIL, *ORGANIZATION, *needs(On.BUCKETS, "s3:ListBucket"), *LOG_FILES)
"""Where log files lie and what they show, whatever else is set."""
HUB = needs(
    On.ANYTHING,
    "securityhub:BatchGetStandardsControlAssociations",
    "securityhub:GetEnabledStandards",
    "securityhub:GetFindings",
    "securityhub:ListFindingAggregators",
    "securityhub:ListSecurityControlDefinitions",
)
GUARDRAILS = needs(
    On.ANYTHING,
    "organizations:DescribePolicy",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
)
PRINCIPALS = (*needs(On.ANYTHING, "iam:GetAccountAuthorizationDetails"), *GUARDRAILS)
OWN_COPIES = (
    *needs(On.ANYTHING, "logs:DescribeLogGroups", "s3:ListAccessPoints"),
    *needs(On.LOG_GROUPS, "logs:DescribeSubscriptionFilters"),
    *needs(On.ACCESS_POINTS, "s3:GetAccessPointPolicy"),
)
"""Those of another account's trails that only their account can tell of."""
COPIES = (
    *OWN_COPIES,
    *needs(On.ANYTHING, "cloudtrail:ListEventDataStores"),
    *needs(On.STORES, "cloudtrail:GetEventDataStore", "cloudtrail:GetResourcePolicy"),
)
"""Where the events lie beside the log files."""
PLANNED = (
    *SEEN,
    *EFFECTS,
    *PRINCIPALS,
    *needs(On.ANYTHING, "cloudformation:DescribeStackResources"),
)
"""What a plan is made from."""
AGAIN = (*SET, *KEYS, *BUCKETS, *LOG_FILES, *PRINCIPALS)
"""What `apply` looks at again: what the plan rests on, and who reads; `undo` where a key policy goes back."""
SWITCHED = (
    *needs(On.TRAILS, "cloudtrail:UpdateTrail"),
    *needs(On.ANYTHING, "kms:ListKeys"),
    *needs(On.CHANGED_KEYS, "kms:DisableKeyRotation", "kms:EnableKeyRotation"),
    *needs(On.CHANGED_POLICIES, "kms:PutKeyPolicy"),
)
"""What is changed, and put back."""
MATERIAL = needs(On.CHANGED_KEYS, "kms:GetParametersForImport", "kms:ImportKeyMaterial")
MADE = (
    *needs(On.ALIASES, "kms:CreateAlias"),
    *needs(On.CHANGED_KEYS, "kms:CreateAlias"),
    *needs(On.NEW_KEYS, "kms:CreateKey"),
    *needs(On.NEW_TAGS, "kms:TagResource"),
    *needs(On.REPLICATED, "kms:ReplicateKey"),
    *needs(On.LINKED_ROLE, "iam:CreateServiceLinkedRole"),
)
NAMELESS = (*needs(On.ALIASES, "kms:DeleteAlias"), *needs(On.CHANGED_KEYS, "kms:DeleteAlias"))
KEY_SHOWN = (
    *KEYS,
    *needs(On.KEYS, "kms:GetKeyLastUsage", "kms:ListKeyRotations"),
    *EVENTS,
)
CENSUS = (
    *TRAIL,
    *needs(
        On.BUCKETS,
        "s3:GetBucketMetadataTableConfiguration",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetInventoryConfiguration",
        "s3:ListBucket",
        "s3:ListBucketVersions",
    ),
    *needs(
        On.LOG_FILES,
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
    ),
    *needs(On.OTHER_OBJECTS, "s3:GetObject"),
    *needs(On.TABLES, "s3tables:GetTableData", "s3tables:GetTableMetadataLocation"),
    *needs(On.KEYS_BY_S3, "kms:Decrypt"),
)
REENCRYPTED = (
    *TRAIL,
    *needs(On.KEYS, "kms:DescribeKey", "kms:GetKeyPolicy"),
    *needs(On.BUCKETS, "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:ListBucket"),
    *ORGANIZATION,
    *GUARDRAILS,
    *EFFECTS,
    *needs(
        On.LOG_FILES,
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:PutObjectAcl",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
        "s3:PutObjectTagging",
        "s3:UpdateObjectEncryption",
    ),
    *needs(On.COPIES, "s3:PutObject"),
    *needs(
        On.PROBE,
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "s3:UpdateObjectEncryption",
    ),
    *needs(
        On.KEYS_BY_S3,
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ),
    *needs(On.PLACE, "s3:GetObject", "s3:PutObject"),
    *needs(On.NEW_JOBS, "s3:CreateJob"),
    *needs(On.JOBS, "s3:DescribeJob"),
    *needs(On.JOB_ROLE, "iam:PassRole"),
)
MEMBER = (
    *PRINCIPALS,
    *ADMINISTRATORS,
    *KEYS,
    *BUCKETS,
    *EFFECTS,
    *needs(On.BUCKETS, "s3:GetBucketOwnershipControls"),
    *RECORDS,
    *OWN_COPIES,
)
"""What verbs look at in a further account, with the credentials of `--also-profile`."""
OTHERS = needs(On.MEMBER_ROLES, "sts:AssumeRole")
"""How one gets there, where the profile assumes a role."""
RESCUED = needs(On.CHANGED_KEYS, "kms:CancelKeyDeletion", "kms:EnableKey")
"""How a key that is out of use is brought back."""

VERBS: dict[str, tuple[Need, ...]] = {
    "check": (*SEEN, *EFFECTS, *HUB, *EVENTS, *OTHERS),
    "explain": (*DELIVERED, *needs(On.BUCKETS, "s3:GetReplicationConfiguration"), *HUB, *OTHERS),
    "plan": (*PLANNED, *RECORDS, *OTHERS),
    "apply": (*AGAIN, *SWITCHED, *RESCUED, *MADE, *NAMELESS, *MATERIAL, *OTHERS),
    "undo": (*AGAIN, *SWITCHED, *NAMELESS, *OTHERS),
    "verify": (
        *DELIVERED,
        *needs(On.TRAILS, "cloudtrail:GetTrailStatus"),
        *EVENTS,
        *OTHERS,
    ),
    "who": (
        *SEEN,
        *EFFECTS,
        *PRINCIPALS,
        *COPIES,
        *needs(On.BUCKETS, "s3:GetBucketOwnershipControls"),
        *OTHERS,
    ),
    "policy": needs(On.KEYS, "kms:DescribeKey", "kms:GetKeyPolicy"),
    "key show": KEY_SHOWN,
    "key rotate": (*KEY_SHOWN, *needs(On.CHANGED_KEYS, "kms:EnableKeyRotation", "kms:RotateKeyOnDemand")),
    "key import": (*KEY_SHOWN, *MATERIAL),
    "cost": (*TRAIL, *needs(On.BUCKETS, "s3:ListBucket"), *OPENED),
    "history census": CENSUS,
    "history reencrypt": REENCRYPTED,
    "history validate": (
        *TRAIL,
        *needs(On.TRAILS, "cloudtrail:GetTrailStatus"),
        *needs(On.ANYTHING, "cloudtrail:ListPublicKeys"),
        *needs(On.BUCKETS, "s3:ListBucket"),
        *OPENED,
    ),
}
WITH_COPIES: dict[str, tuple[Need, ...]] = {"check": (*COPIES, *PRINCIPALS)}
"""What a verb needs beside where it is typed with `--copies`."""
LOCAL = ("simulate", "runs", "lab", "demo", "permissions", "help", "completion")
"""Verbs that call nothing, or whose lab is not AWS."""
