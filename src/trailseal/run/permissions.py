"""
The IAM actions that each verb calls for: one table, for `trailseal permissions` and for the pages.

Source of the names: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from typing import Any

from trailseal.errors import UsageProblem
from trailseal.messages import message

TRAILS = (
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetTrail",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:ListTags",
    "cloudtrail:ListTrails",
    "organizations:DescribeOrganization",
    "organizations:ListDelegatedAdministrators",
    "sts:GetCallerIdentity",
)
KEYS = (
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListResourceTags",
)
BUCKETS = (
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketAcl",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
)
OBJECTS = ("s3:GetObject", "s3:ListBucket")
HUB = (
    "securityhub:BatchGetStandardsControlAssociations",
    "securityhub:GetEnabledStandards",
    "securityhub:GetFindings",
    "securityhub:ListSecurityControlDefinitions",
)
PRINCIPALS = (
    "iam:GetAccountAuthorizationDetails",
    "organizations:DescribePolicy",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "organizations:ListRoots",
)
READERS = ("cloudtrail:LookupEvents", "kms:Decrypt", "s3:GetObject")
ESTATE = (*TRAILS, *KEYS, *BUCKETS, *OBJECTS)
SWITCH = (
    "cloudtrail:UpdateTrail",
    "kms:CreateAlias",
    "kms:CreateKey",
    "kms:DeleteAlias",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:GenerateDataKey",
    "kms:ListKeys",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:TagResource",
    "kms:UpdateAlias",
)
MATERIAL = ("kms:GetParametersForImport", "kms:ImportKeyMaterial")

ACTIONS: dict[str, tuple[str, ...]] = {
    "check": (*ESTATE, *HUB),
    "explain": (*ESTATE, *HUB),
    "plan": (*ESTATE, *PRINCIPALS, *READERS, "cloudformation:DescribeStackResources"),
    "apply": (*ESTATE, *PRINCIPALS, "cloudformation:DescribeStackResources", *SWITCH, *MATERIAL),
    "undo": (*TRAILS, *KEYS, *OBJECTS, "s3:GetBucketLocation", *SWITCH),
    "verify": (*ESTATE, "cloudtrail:LookupEvents"),
    "who": (*ESTATE, *PRINCIPALS, *READERS, "s3:GetBucketOwnershipControls"),
    "policy": (*TRAILS, *KEYS, "s3:GetBucketLocation"),
    "key": (*TRAILS, *KEYS, *MATERIAL, "kms:ListKeyRotations", "kms:RotateKeyOnDemand"),
    "cost": (*TRAILS, *OBJECTS, "kms:Decrypt", "s3:GetBucketLocation"),
    "history": (
        *TRAILS,
        *OBJECTS,
        "cloudtrail:ListPublicKeys",
        "iam:PassRole",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GetKeyPolicy",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "s3:CreateJob",
        "s3:DeleteObject",
        "s3:DescribeJob",
        "s3:GetBucketLocation",
        "s3:GetBucketMetadataTableConfiguration",
        "s3:GetBucketNotification",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketVersioning",
        "s3:GetInventoryConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetObjectAcl",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:GetReplicationConfiguration",
        "s3:ListBucketVersions",
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
        "s3:PutObjectTagging",
        "s3:UpdateObjectEncryption",
        "s3tables:GetTableData",
        "s3tables:GetTableMetadataLocation",
    ),
}
LOCAL = ("simulate", "lab", "demo", "permissions", "report", "export")
"""Verbs that call nothing, or whose lab is not AWS."""


def actions(verb: str = "") -> tuple[str, ...]:
    """
    Return the actions of a verb, or of all of them, sorted.

    Raises:
        UsageProblem: there is no verb of that name.
    """
    if verb in LOCAL:
        return ()
    if verb and verb not in ACTIONS:
        raise UsageProblem(
            message("there is no verb `{verb}` that calls AWS", verb=verb),
            message("the verbs are {verbs}", verbs=", ".join(ACTIONS)),
        )
    named = ACTIONS[verb] if verb else tuple(action for each in ACTIONS.values() for action in each)
    return tuple(sorted(set(named)))


def policy(verb: str = "") -> dict[str, Any]:
    """
    Return the IAM policy that lets a verb do all that it does, a statement for each service.

    Resources are `*`: which keys, buckets and trails there are is what the verbs find out. Narrow it.

    Raises:
        UsageProblem: there is no verb of that name.
    """
    by_service: dict[str, list[str]] = {}
    for action in actions(verb):
        by_service.setdefault(action.partition(":")[0], []).append(action)
    statements = [
        {"Sid": f"Trailseal{service.capitalize()}", "Effect": "Allow", "Action": named, "Resource": "*"}
        for service, named in by_service.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}
