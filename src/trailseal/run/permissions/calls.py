"""
Which actions a call needs, where they are not called like it, and what AWS asks for beside.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html and the page
of each row.
"""

from __future__ import annotations

from msgspec import Struct

S3_ACTIONS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"
UPLOADS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"
COPY = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"
UPDATE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html"
SSE_KMS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
KMS = "https://docs.aws.amazon.com/kms/latest/APIReference/API_"


class CallRule(Struct, frozen=True, kw_only=True):
    """The actions that a call needs, and AWS's page that says so; without any it needs none."""

    call: str
    actions: tuple[str, ...]
    page: str
    sometimes: tuple[str, ...] = ()
    """What it needs beside for a version that is named, or for an object with tags."""


class ForAnother(Struct, frozen=True, kw_only=True):
    """
    What a service asks for when it is called: in the caller's name, or as a role of its own.

    `actions` are those that the caller needs beside the call's own; none where it needs none.
    """

    call: str
    who: str
    actions: tuple[str, ...]
    page: str


def _s3(call: str, *actions: str, page: str = S3_ACTIONS) -> CallRule:
    return CallRule(call=f"s3:{call}", actions=tuple(f"s3:{action}" for action in actions), page=page)


RULES = (
    _s3("CompleteMultipartUpload", "PutObject", page=UPLOADS),
    CallRule(
        call="s3:CopyObject",
        actions=("s3:GetObject", "s3:PutObject"),
        sometimes=("s3:GetObjectTagging", "s3:GetObjectVersion", "s3:PutObjectTagging"),
        page=COPY,
    ),
    _s3("CreateMultipartUpload", "PutObject", page=UPLOADS),
    _s3("GetBucketEncryption", "GetEncryptionConfiguration"),
    _s3("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    _s3(
        "GetBucketMetadataConfiguration",
        "GetBucketMetadataTableConfiguration",
        page="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetadataConfiguration.html",
    ),
    _s3("GetBucketNotificationConfiguration", "GetBucketNotification"),
    _s3("GetBucketReplication", "GetReplicationConfiguration"),
    _s3("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    _s3("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    _s3("HeadBucket", "ListBucket"),
    CallRule(
        call="s3:HeadObject",
        actions=("s3:GetObject",),
        sometimes=("s3:GetObjectVersion",),
        page="https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html",
    ),
    _s3("ListBucketInventoryConfigurations", "GetInventoryConfiguration"),
    _s3("ListObjectVersions", "ListBucketVersions"),
    _s3("ListObjectsV2", "ListBucket"),
    _s3("UploadPart", "PutObject", page=UPLOADS),
    CallRule(
        call="s3control:CreateJob",
        actions=("s3:CreateJob", "iam:PassRole"),
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html",
    ),
    CallRule(call="s3control:DescribeJob", actions=("s3:DescribeJob",), page=S3_ACTIONS),
    CallRule(call="s3control:GetAccessPointPolicy", actions=("s3:GetAccessPointPolicy",), page=S3_ACTIONS),
    CallRule(call="s3control:ListAccessPoints", actions=("s3:ListAccessPoints",), page=S3_ACTIONS),
    CallRule(
        call="s3control:GetPublicAccessBlock", actions=("s3:GetAccountPublicAccessBlock",), page=S3_ACTIONS
    ),
    CallRule(
        call="kms:CreateKey",
        actions=("kms:CreateKey", "kms:TagResource"),
        page="https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html",
    ),
    CallRule(
        call="kms:ReplicateKey",
        actions=("kms:ReplicateKey", "kms:CreateKey", "kms:TagResource"),
        page=f"{KMS}ReplicateKey.html",
    ),
    CallRule(
        call="sts:GetCallerIdentity",
        actions=(),
        page="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    ),
)
"""Calls whose actions are not of their own name, or more."""
NEVER = {
    "s3:GetBucketLocation": "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html",
}
"""Calls that AWS's own S3 never gets: HeadBucket shows the Region there, with a refusal too."""
IN_ANOTHERS_NAME = (
    ForAnother(
        call="s3:GetObject",
        who="S3 in the caller's name, of an object encrypted with a key",
        actions=("kms:Decrypt",),
        page="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html",
    ),
    ForAnother(
        call="s3:PutObject",
        who="S3 in the caller's name, of an object or a copy encrypted with a key",
        actions=("kms:GenerateDataKey",),
        page=SSE_KMS,
    ),
    ForAnother(
        call="s3:UpdateObjectEncryption",
        who="S3 in the caller's name",
        actions=("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
        page=UPDATE,
    ),
    ForAnother(
        call="s3control:CreateJob",
        who="S3 Batch Operations as the role that it is passed",
        actions=(),
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html",
    ),
    ForAnother(
        call="cloudtrail:UpdateTrail",
        who="CloudTrail as itself, by the policies of key and bucket",
        actions=(),
        page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    ),
    ForAnother(
        call="kms:CreateKey",
        who="KMS, which makes a service-linked role for keys of several Regions",
        actions=("iam:CreateServiceLinkedRole",),
        page="https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html",
    ),
)
"""Forward access sessions, passed roles and service-linked roles."""
WIDE = {
    "cloudformation:DescribeStackResources": "which stack made a trail is what is asked, by the trail's name",
    "organizations:DescribePolicy": "an account is in one organization: its ARNs narrow nothing",
    "organizations:ListParents": "an account is in one organization: its ARNs narrow nothing",
    "organizations:ListPoliciesForTarget": "an account is in one organization: its ARNs narrow nothing",
    "securityhub:GetEnabledStandards": "an account has one hub in a Region: its ARN narrows nothing",
    "securityhub:GetFindings": "an account has one hub in a Region: its ARN narrows nothing",
}
"""Actions that AWS can narrow to resources and that stand on `*`, and why."""


def actions_of(call: str) -> tuple[str, ...]:
    """Return the actions that a call needs, `service:Operation` as botocore names both."""
    if call in NEVER:
        return ()
    found = next((rule.actions for rule in RULES if rule.call == call), None)
    return (call,) if found is None else found
