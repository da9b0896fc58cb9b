"""
What trailseal rests on in each answer: without it the answer is none.

botocore leaves out what is not there, and what is left out reads as off, none or the empty text, which
would be taken for what AWS said. What AWS may leave out, by the operation's page, is not asked for here:
its reader knows what it means then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from trailseal.model.arn import is_arn

Wire = Mapping[str, Any]
RESTS_ON: dict[str, tuple[str, ...]] = {
    "GetCallerIdentity": ("Account", "Arn=arn"),
    # CloudTrail
    "ListTrails": ("Trails[].TrailARN=arn",),
    "GetTrail": ("Trail.TrailARN=arn", "Trail.Name", "Trail.S3BucketName", "Trail.KmsKeyId?=arn"),
    "GetTrailStatus": ("IsLogging",),
    "GetEventSelectors": (
        "EventSelectors|AdvancedEventSelectors",
        "EventSelectors?[].DataResources?[].Type",
        "AdvancedEventSelectors?[].FieldSelectors[].Field",
    ),
    "ListTags": ("ResourceTagList[].ResourceId", "ResourceTagList[].TagsList?[].Key"),
    "LookupEvents": ("Events[].EventTime",),
    "ListEventDataStores": ("EventDataStores[].EventDataStoreArn=arn",),
    "GetEventDataStore": (
        "EventDataStoreArn=arn",
        "Name",
        "KmsKeyId?=arn",
        "AdvancedEventSelectors?[].FieldSelectors[].Field",
    ),
    "ListPublicKeys": ("PublicKeyList[].Fingerprint", "PublicKeyList[].Value"),
    # KMS
    "DescribeKey": ("KeyMetadata.Arn=arn", "KeyMetadata.KeyState"),
    "GetKeyPolicy": ("Policy",),
    "ListAliases": ("Aliases[].AliasName",),
    "ListGrants": ("Grants[].GrantId",),
    "ListKeys": ("Keys[].KeyArn=arn",),
    "GetKeyRotationStatus": ("KeyRotationEnabled",),
    "ListKeyRotations": ("Rotations",),
    "ListResourceTags": ("Tags[].TagKey", "Tags[].TagValue"),
    "GetParametersForImport": ("ImportToken", "PublicKey"),
    "CreateKey": ("KeyMetadata.Arn=arn",),
    "ReplicateKey": ("ReplicaKeyMetadata.Arn=arn",),
    # S3 leaves out empty lists
    "ListObjectsV2": ("Contents?[].Key", "Contents?[].LastModified", "CommonPrefixes?[].Prefix"),
    "HeadObject": ("ContentLength", "LastModified"),
    "GetBucketPolicyStatus": ("PolicyStatus.IsPublic",),
    "GetBucketEncryption": ("ServerSideEncryptionConfiguration.Rules",),
    "GetBucketOwnershipControls": ("OwnershipControls.Rules[].ObjectOwnership",),
    "GetBucketReplication": ("ReplicationConfiguration.Rules",),
    "GetBucketNotificationConfiguration": (
        "TopicConfigurations?[].TopicArn",
        "QueueConfigurations?[].QueueArn",
        "LambdaFunctionConfigurations?[].LambdaFunctionArn",
    ),
    "GetBucketLogging": ("LoggingEnabled?.TargetBucket",),
    "ListAccessPoints": ("AccessPointList?[].Name", "AccessPointList?[].AccessPointArn=arn"),
    "GetAccessPointPolicy": ("Policy",),
    "GetPublicAccessBlock": ("PublicAccessBlockConfiguration",),
    "CreateJob": ("JobId",),
    "DescribeJob": ("Job.Status",),
    # CloudWatch Logs
    "DescribeLogGroups": ("logGroups[].logGroupName", "logGroups[].kmsKeyId?=arn"),
    "DescribeSubscriptionFilters": ("subscriptionFilters[].destinationArn=arn",),
    # Organizations, IAM and CloudFormation
    "DescribeOrganization": ("Organization.Id", "Organization.MasterAccountId"),
    "ListDelegatedAdministrators": ("DelegatedAdministrators[].Id",),
    "ListParents": ("Parents[].Id",),
    "ListPoliciesForTarget": ("Policies[].Id",),
    "DescribePolicy": ("Policy.PolicySummary.Name", "Policy.Content"),
    "GetAccountAuthorizationDetails": (
        "UserDetailList|RoleDetailList|GroupDetailList|Policies|IsTruncated",
        "UserDetailList?[].Arn=arn",
        "UserDetailList?[].UserPolicyList?[].PolicyName",
        "UserDetailList?[].UserPolicyList?[].PolicyDocument",
        "UserDetailList?[].AttachedManagedPolicies?[].PolicyArn",
        "UserDetailList?[].Tags?[].Key",
        "UserDetailList?[].Tags?[].Value",
        "RoleDetailList?[].Arn=arn",
        "RoleDetailList?[].AssumeRolePolicyDocument",
        "RoleDetailList?[].RolePolicyList?[].PolicyName",
        "RoleDetailList?[].RolePolicyList?[].PolicyDocument",
        "RoleDetailList?[].AttachedManagedPolicies?[].PolicyArn",
        "RoleDetailList?[].Tags?[].Key",
        "RoleDetailList?[].Tags?[].Value",
        "GroupDetailList?[].Arn=arn",
        "GroupDetailList?[].GroupName",
        "GroupDetailList?[].GroupPolicyList?[].PolicyName",
        "GroupDetailList?[].GroupPolicyList?[].PolicyDocument",
        "GroupDetailList?[].AttachedManagedPolicies?[].PolicyArn",
        "Policies?[].Arn=arn",
        "Policies?[].PolicyVersionList?[].Document",
    ),
    "DescribeStackResources": ("StackResources[].ResourceType", "StackResources[].StackName"),
    # Security Hub
    "GetEnabledStandards": ("StandardsSubscriptions[].StandardsArn=arn",),
    "ListSecurityControlDefinitions": ("SecurityControlDefinitions[].SecurityControlId",),
    "BatchGetStandardsControlAssociations": (
        "StandardsControlAssociationDetails[].StandardsArn",
        "StandardsControlAssociationDetails[].SecurityControlId",
        "StandardsControlAssociationDetails[].AssociationStatus",
    ),
    "GetFindings": ("Findings[].Id",),
}
"""
By operation, paths into its answer: `[]` is each of a list, `?` what may be left out, `|` one of several
at least, `=arn` a text that is an ARN.
"""


class NeededMember(Struct, frozen=True, kw_only=True):
    """One step of the paths, with the steps below it, so that a list is gone through once."""

    names: tuple[str, ...]
    of_each: bool
    may_lack: bool
    is_arn: bool
    below: tuple[NeededMember, ...]


def _needs(paths: Iterable[str]) -> tuple[NeededMember, ...]:
    """Return the paths as a tree: those that begin alike share their beginning."""
    by_step: dict[str, list[str]] = {}
    for path in paths:
        step, _, rest = path.partition(".")
        by_step.setdefault(step, []).append(rest)
    return tuple(
        NeededMember(
            names=tuple(step.removesuffix("=arn").rstrip("[]?").split("|")),
            of_each="[]" in step,
            may_lack="?" in step,
            is_arn=step.endswith("=arn"),
            below=_needs(rest for rest in rests if rest),
        )
        for step, rests in by_step.items()
    )


NEEDS = {operation: _needs(paths) for operation, paths in RESTS_ON.items()}


def lacks(operation: str, answer: Wire) -> str:
    """Return the first path that the answer of an operation does not hold, "" where it holds all."""
    return _lacks(answer, NEEDS.get(operation, ()))


def _lacks(value: Wire, needs: tuple[NeededMember, ...]) -> str:
    for need in needs:
        found = next((value[name] for name in need.names if value.get(name) is not None), None)
        if found is None or (need.may_lack and found == ""):
            if need.may_lack:
                continue
            return "|".join(need.names)
        if (need.below or need.is_arn) and (lacking := _below(found, need)):
            return lacking
    return ""


def _below(found: Any, need: NeededMember) -> str:
    name = need.names[0]
    for each in found if need.of_each else (found,):
        if need.is_arn and not is_arn(each):
            return name
        if need.below and (lacking := _lacks(each, need.below)):
            return f"{name}.{lacking}"
    return ""
