"""
The operations that somebody of another account can use at all.

Of KMS's these are few. Of S3's a bucket's own policy and lifecycle are left out, of SQS's what manages a
queue. Whatever else a policy gives to another account has no effect: the call fails.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html (column
"Cross-account use"), and the same section of each operation's page in
https://docs.aws.amazon.com/kms/latest/APIReference/
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html
"""

from __future__ import annotations

from trailseal.access.kleene import Kleene

CROSS_ACCOUNT = frozenset(
    {
        "CreateGrant",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""ReEncrypt asks for two permissions, one on each key, so it stands here as those two actions."""
BUCKET_POLICY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What only the bucket owner's account does: S3 answers others with 405, whatever they are allowed."""
LIFECYCLE = frozenset({"s3:getlifecycleconfiguration", "s3:putlifecycleconfiguration"})
"""What a bucket's owner lets others do "as long as they are within the same account"."""
OF_THE_BUCKETS_OWNER = frozenset({"s3:getbucketrequestpayment", "s3:putbucketlogging"})
"""
For these "you must be the bucket owner"; that a policy lets nobody else in, AWS does not say.

It says the same of s3:GetBucketVersioning, which its own sample for replication gives to another account.
"""
OF_QUEUES = frozenset(
    "sqs:" + name.lower()
    for name in (
        "AddPermission",
        "CancelMessageMoveTask",
        "CreateQueue",
        "DeleteQueue",
        "ListMessageMoveTasks",
        "ListQueueTags",
        "ListQueues",
        "RemovePermission",
        "SetQueueAttributes",
        "StartMessageMoveTask",
        "TagQueue",
        "UntagQueue",
    )
)
"""Actions of SQS that "cross-account permissions don't apply to"."""
SERVICE = "kms:"
NOT_SHARED = BUCKET_POLICY | LIFECYCLE | OF_QUEUES
_ACTIONS = frozenset(SERVICE + name.lower() for name in CROSS_ACCOUNT)


def usable_from_elsewhere(action: str) -> Kleene:
    """
    Return whether a caller of another account can use this action, None where its service does not tell.

    Of an action that its service says nothing about, policies decide.
    """
    lowered = action.lower()
    if lowered in NOT_SHARED:
        return False
    if lowered in OF_THE_BUCKETS_OWNER:
        return None
    return not lowered.startswith(SERVICE) or lowered in _ACTIONS
