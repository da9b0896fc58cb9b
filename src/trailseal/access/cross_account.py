"""
The KMS operations that somebody of another account can use on a key at all.

Whatever else a key policy gives to another account has no effect: the call fails.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html (column
"Cross-account use"), and the same section of each operation's page in
https://docs.aws.amazon.com/kms/latest/APIReference/
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
SERVICE = "kms:"
_ACTIONS = frozenset(SERVICE + name.lower() for name in CROSS_ACCOUNT)


def usable_from_elsewhere(action: str) -> bool:
    """Return whether a caller of another account can use this action; only KMS has a list of them."""
    lowered = action.lower()
    return not lowered.startswith(SERVICE) or lowered in _ACTIONS
