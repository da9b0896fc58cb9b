"""
The operations that somebody of another account can use at all.

Of KMS's these are few, and of S3's the bucket's own policy is left out. Whatever else a policy gives to
another account has no effect: the call fails.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html (column
"Cross-account use"), and the same section of each operation's page in
https://docs.aws.amazon.com/kms/latest/APIReference/
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

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
OF_THE_OWNER = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What only the bucket owner's account does: S3 answers others with 405, whatever they are allowed."""
SERVICE = "kms:"
_ACTIONS = frozenset(SERVICE + name.lower() for name in CROSS_ACCOUNT)


def usable_from_elsewhere(action: str) -> bool:
    """Return whether a caller of another account can use this action, as far as its service tells."""
    lowered = action.lower()
    return lowered not in OF_THE_OWNER and (not lowered.startswith(SERVICE) or lowered in _ACTIONS)
