"""
The calls that can make a reader of somebody, and those beside them that are not asked about.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html (owner's account only, else 405)
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from trailseal.access.service_name import usual_name
from trailseal.messages import message

PUT_KEY_POLICY, CREATE_GRANT, REPLICATE = "kms:PutKeyPolicy", "kms:CreateGrant", "kms:ReplicateKey"
PUT_BUCKET_POLICY, DELETE_BUCKET_POLICY = "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"
REPLICATION = "s3:PutReplicationConfiguration"
ACCESS_POINT = ("s3:CreateAccessPoint", "s3:PutAccessPointPolicy")
UPDATE_TRAIL = "cloudtrail:UpdateTrail"
PASSING = "iam:PassRole"
ASSUME_ROOT = "sts:AssumeRoot"
UNLOCK = "root-task/S3UnlockBucketPolicy"
MULTI_REGION = "mrk-"
"""How the IDs of multi-Region keys begin; no other key can be replicated."""
IAM_ACTIONS = {
    "user": (
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
    ),
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"),
    "group": ("iam:PutGroupPolicy", "iam:AttachGroupPolicy", "iam:AddUserToGroup"),
    "policy": ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
}
ON_ONESELF = frozenset(
    {
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    }
)
"""Writes by which the caller gains something even where they are about nobody but himself."""
TAKE_DENY = {
    "user": ("iam:DeleteUserPolicy", "iam:DetachUserPolicy"),
    "role": ("iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
}
TAKE_GROUP_DENY = ("iam:DeleteGroupPolicy", "iam:DetachGroupPolicy", "iam:RemoveUserFromGroup")
TAKE_BOUNDARY = {
    "user": ("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
    "role": ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
}
ORGANIZATION = ("organizations:DetachPolicy", "organizations:UpdatePolicy")
STARTS = {
    "ec2.amazonaws.com": ("ec2:RunInstances", "ec2:AssociateIamInstanceProfile"),
    "lambda.amazonaws.com": ("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
    "ecs-tasks.amazonaws.com": ("ecs:RunTask", "ecs:RegisterTaskDefinition"),
    "glue.amazonaws.com": ("glue:CreateJob",),
    "cloudformation.amazonaws.com": ("cloudformation:CreateStack",),
    "codebuild.amazonaws.com": ("codebuild:CreateProject",),
    "sagemaker.amazonaws.com": ("sagemaker:CreateNotebookInstance",),
}
"""What somebody who may pass a role has to be able to call besides, by the service that takes the role."""
NOT_ASKED = (
    message(
        "code and commands on what already runs as a reader (lambda:UpdateFunctionCode, ssm:SendCommand)"
    ),
    message("ACLs of the bucket and its objects, and new S3 Access Grants"),
    message("tags and aliases that a policy looks at, and the bucket's Block Public Access"),
    message("identity providers and permission sets by which people get into roles"),
    message("what a delegated administrator or an organization's management account may do in a member"),
)
IAM_WRITES = frozenset(
    action
    for table in (IAM_ACTIONS, TAKE_DENY, TAKE_BOUNDARY)
    for actions in table.values()
    for action in actions
) | frozenset(TAKE_GROUP_DENY)


def asked_actions(services: tuple[str, ...]) -> tuple[str, ...]:
    """Return all actions that may be asked of somebody; `services` are those that take readers' roles."""
    starts = (action for service in services for action in STARTS.get(usual_name(service), ()))
    return (
        *(PUT_KEY_POLICY, CREATE_GRANT, REPLICATE, PUT_BUCKET_POLICY, DELETE_BUCKET_POLICY, REPLICATION),
        *ACCESS_POINT,
        UPDATE_TRAIL,
        *sorted(IAM_WRITES),
        *((PASSING, *starts) if services else ()),
        ASSUME_ROOT,
        *ORGANIZATION,
    )
