"""
The condition keys of KMS.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-nitro-enclave.html
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

from typing import Any

from trailseal.access.keys.key import ConditionKey, SetBy, There, Travels, ValueType

PAGE = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"


def actions(text: str) -> tuple[str, ...]:
    """Return KMS actions from a text of their names."""
    return tuple(f"kms:{name}" for name in text.split())


SYMMETRIC = actions("Decrypt Encrypt GenerateDataKey* ReEncrypt*")
CONTEXT = (*SYMMETRIC, *actions("CreateGrant RetireGrant"))
CRYPTOGRAPHIC = (*SYMMETRIC, *actions("DeriveSharedSecret GenerateMac Sign Verify VerifyMac"))
ON_KEYS = actions(
    """
    CancelKeyDeletion CreateAlias CreateGrant Decapsulate Decrypt DeleteAlias
    DeleteImportedKeyMaterial DeriveSharedSecret DescribeKey DisableKey DisableKeyRotation
    EnableKey EnableKeyRotation Encapsulate Encrypt GenerateDataKey* GenerateMac GetKey*
    GetParametersForImport GetPublicKey ImportKeyMaterial ListGrants ListKeyPolicies
    ListKeyRotations ListResourceTags PutKeyPolicy ReEncrypt* ReplicateKey RetireGrant
    RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey
    TagResource UntagResource UpdateAlias UpdateKeyDescription UpdatePrimaryRegion Verify*
    """
)
"""The operations that are authorized for one key. AWS calls them KMS key resource operations."""
WITH_PROPERTIES = (*[a for a in ON_KEYS if a != "kms:RetireGrant"], *actions("CreateKey"))
STORES = actions("*CustomKeyStore*")
GRANTS = actions("CreateGrant")


def _key(name: str, anchor: str, **fields: Any) -> ConditionKey:
    return ConditionKey(name=f"kms:{name}", page=f"{PAGE}#conditions-kms-{anchor}", **fields)


def _sent(name: str, anchor: str, only_for: tuple[str, ...], **fields: Any) -> ConditionKey:
    """Return a key that holds a parameter of the request."""
    defaults: dict[str, Any] = {
        "set_by": SetBy.REQUEST,
        "there": There.SENT,
        "travels": Travels.NO,
        "only_for": only_for,
    }
    return _key(name, anchor, **defaults | fields)


def _of_the_key(name: str, anchor: str, **fields: Any) -> ConditionKey:
    """Return a key that tells a property of the KMS key, asked of CreateKey too."""
    defaults: dict[str, Any] = {
        "set_by": SetBy.RESOURCE,
        "there": There.ALWAYS,
        "travels": Travels.OWN,
        "only_for": WITH_PROPERTIES,
    }
    return _key(name, anchor, **defaults | fields)


OLD_NAME = "an older name of kms:{}, which works alike"
REQUESTS = (
    _sent(
        "BypassPolicyLockoutSafetyCheck",
        "bypass-policy-lockout-safety-check",
        actions("CreateKey PutKeyPolicy"),
        values=ValueType.BOOLEAN,
    ),
    _sent("DataKeyPairSpec", "data-key-spec", actions("GenerateDataKeyPair*"), there=There.ALWAYS),
    _sent(
        "EncryptionAlgorithm",
        "encryption-algorithm",
        SYMMETRIC,
        there=There.ALWAYS,
        travels=Travels.FIXED_BY_S3,
        derives="`SYMMETRIC_DEFAULT` where S3 asks for a reader",
        note="with the default where the request names none: `SYMMETRIC_DEFAULT` for symmetric keys",
    ),
    _sent(
        "EncryptionContext:",
        "encryption-context",
        CONTEXT,
        family=True,
        there=There.MADE_UP,
        travels=Travels.FIXED_BY_S3,
        derives="absent unless given; for a log file the pairs that CloudTrail and S3 set",
        note="keys of asymmetric and HMAC keys have none",
    ),
    _sent(
        "EncryptionContextKeys",
        "encryption-context-keys",
        CONTEXT,
        many=True,
        there=There.MADE_UP,
        travels=Travels.FIXED_BY_S3,
        derives="the names of the given pairs",
    ),
    _sent("ExpirationModel", "expiration-model", actions("ImportKeyMaterial")),
    _sent("GrantConstraintSourceArn", "grant-constraint-source-arn", GRANTS, values=ValueType.ARN),
    _sent("GrantConstraintType", "grant-constraint-type", actions("CreateGrant RetireGrant")),
    _sent("GrantOperations", "grant-operations", GRANTS, many=True, there=There.ALWAYS),
    _sent("GranteePrincipal", "grantee-principal", GRANTS),
    _sent("GranteeServicePrincipal", "grantee-service-principal", GRANTS),
    _sent(
        "KeyAgreementAlgorithm",
        "key-agreement-algorithm",
        actions("DeriveSharedSecret"),
        there=There.ALWAYS,
    ),
    _sent("MacAlgorithm", "mac-algorithm", actions("GenerateMac VerifyMac"), there=There.ALWAYS),
    _sent("MessageType", "message-type", actions("Sign Verify")),
    _sent(
        "PolicyName",
        "policy-name",
        actions("GetKeyPolicy PutKeyPolicy"),
        there=There.ALWAYS,
        sure="M",
        note="`default` when the request names none",
    ),
    _sent("PrimaryRegion", "primary-region", actions("UpdatePrimaryRegion"), there=There.ALWAYS),
    _sent(
        "ReEncryptOnSameKey",
        "reencrypt-on-same-key",
        actions("ReEncrypt*"),
        values=ValueType.BOOLEAN,
        there=There.ALWAYS,
    ),
    _sent("ReplicaRegion", "replica-region", actions("ReplicateKey"), there=There.ALWAYS),
    _sent(
        "RequestAlias",
        "request-alias",
        (*CRYPTOGRAPHIC, *actions("DescribeKey GetPublicKey")),
        travels=Travels.UNVERIFIED,
        note="an alias name, where the request names the key by an alias",
    ),
    _sent("RetiringPrincipal", "retiring-principal", GRANTS),
    _sent("RetiringServicePrincipal", "retiring-service-principal", GRANTS),
    _sent(
        "RotationPeriodInDays",
        "rotation-period-in-days",
        actions("EnableKeyRotation"),
        values=ValueType.INTEGER,
    ),
    _sent(
        "ScheduleKeyDeletionPendingWindowInDays",
        "schedule-key-deletion-pending-window-in-days",
        actions("ScheduleKeyDeletion"),
        values=ValueType.INTEGER,
    ),
    _sent("SigningAlgorithm", "signing-algorithm", actions("Sign Verify"), there=There.ALWAYS),
    _sent("ValidTo", "valid-to", actions("ImportKeyMaterial"), values=ValueType.DATE),
    _sent(
        "WrappingAlgorithm",
        "wrapping-algorithm",
        actions("GetParametersForImport"),
        there=There.ALWAYS,
    ),
    _sent(
        "WrappingKeySpec",
        "wrapping-key-spec",
        actions("GetParametersForImport"),
        there=There.ALWAYS,
    ),
)
CALLERS = (
    _key(
        "CallerAccount",
        "caller-account",
        set_by=SetBy.IDENTITY,
        there=There.SOMETIMES,
        only_for=(*ON_KEYS, *STORES, *actions("CreateKey")),
        travels=Travels.YES,
        derives="the account in the caller's ARN",
        note="every principal's; whether a service principal's hold it is not documented",
    ),
    _key(
        "ViaService",
        "via-service",
        set_by=SetBy.SERVICE,
        there=There.ON_THE_WAY,
        only_for=(*ON_KEYS, *actions("CreateKey")),
        travels=Travels.FIXED_BY_S3,
        derives="`s3.REGION.amazonaws.com` where S3 asks for a reader",
        note="ends in `.amazonaws.com` in every partition",
    ),
    _key(
        "GrantIsForAWSResource",
        "grant-is-for-aws-resource",
        values=ValueType.BOOLEAN,
        set_by=SetBy.SERVICE,
        there=There.SOMETIMES,
        only_for=actions("CreateGrant ListGrants RevokeGrant"),
        travels=Travels.NO,
        note="on a direct call never `true`; whether `false` or missing is not documented",
    ),
    ConditionKey(
        name="kms:RecipientAttestation:",
        family=True,
        set_by=SetBy.REQUEST,
        there=There.MADE_UP,
        only_for=actions("Decrypt DeriveSharedSecret GenerateDataKey GenerateDataKeyPair GenerateRandom"),
        travels=Travels.NO,
        note="only with an attestation document of a Nitro enclave or NitroTPM in the request",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-nitro-enclave.html",
    ),
)
OF_THE_KEY = (
    _of_the_key("CustomerMasterKeySpec", "key-spec-replaced", note=OLD_NAME.format("KeySpec")),
    _of_the_key("CustomerMasterKeyUsage", "key-usage-replaced", note=OLD_NAME.format("KeyUsage")),
    _of_the_key("KeyOrigin", "key-origin"),
    _of_the_key("KeySpec", "key-spec"),
    _of_the_key("KeyUsage", "key-usage"),
    _of_the_key("MultiRegion", "multiregion", values=ValueType.BOOLEAN),
    _of_the_key(
        "MultiRegionKeyType",
        "multiregion-key-type",
        there=There.SOMETIMES,
        note="multi-Region keys only",
    ),
    _of_the_key(
        "ResourceAliases",
        "resource-aliases",
        many=True,
        there=There.SOMETIMES,
        only_for=ON_KEYS,
        note="works in IAM policies only; with more than 50 aliases whoever depends on it is denied",
    ),
    _of_the_key(
        "TrailingDaysWithoutKeyUsage",
        "trailing-days-without-key-usage",
        values=ValueType.INTEGER,
        there=There.SOMETIMES,
        only_for=actions("DisableKey ScheduleKeyDeletion"),
        travels=Travels.NO,
    ),
)
KMS_KEYS = (*REQUESTS, *CALLERS, *OF_THE_KEY)
