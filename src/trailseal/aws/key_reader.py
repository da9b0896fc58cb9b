"""One key with its policies, aliases, grants, rotation and tags, each of which may be unreadable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, problem, stops, unreadable
from trailseal.model.key import Grant, KeyPolicies, KeyState, KmsKey, Rotation, Tags, UnreadKey
from trailseal.model.unreadable import Unreadable

T = TypeVar("T")
UNKNOWN_STATE = "UnknownKeyState"
KNOWN_STATES = frozenset(state.value for state in KeyState)
MISSING = frozenset({"NotFoundException", "UnsupportedOperationException"})


def read_key(kms: Any, reference: str) -> KmsKey | UnreadKey:
    """
    Return the key of an ARN, ID or alias as the client `kms` sees it.

    Raises:
        TrailsealError: there are no usable credentials, or nobody answers.
    """
    try:
        meta = kms.describe_key(KeyId=reference)["KeyMetadata"]
    except (ClientError, BotoCoreError) as error:
        if stops(error):
            raise problem(error, call="kms:DescribeKey") from error
        return UnreadKey(arn=reference, reason=unreadable(error, call="kms:DescribeKey", where=reference))
    arn = meta["Arn"]
    if meta["KeyState"] not in KNOWN_STATES:
        # AWS may add a state at any time, and what can be done in it nobody here knows.
        reason = Unreadable(
            call="kms:DescribeKey", code=UNKNOWN_STATE, where=reference, detail=meta["KeyState"]
        )
        return UnreadKey(arn=arn, reason=reason)
    several = meta.get("MultiRegionConfiguration", {})
    customer = meta.get("KeyManager", "CUSTOMER") == "CUSTOMER"
    return KmsKey(
        arn=arn,
        state=KeyState(meta["KeyState"]),
        key_manager=meta.get("KeyManager", "CUSTOMER"),
        key_spec=meta.get("KeySpec", "SYMMETRIC_DEFAULT"),
        key_usage=meta.get("KeyUsage", "ENCRYPT_DECRYPT"),
        origin=meta.get("Origin", "AWS_KMS"),
        multi_region=bool(meta.get("MultiRegion", False)),
        multi_region_key_type=several.get("MultiRegionKeyType", ""),
        primary_key=several.get("PrimaryKey", {}).get("Arn", ""),
        replica_keys=tuple(each["Arn"] for each in several.get("ReplicaKeys", ()) if "Arn" in each),
        created=meta.get("CreationDate"),
        deletion_date=meta.get("DeletionDate"),
        valid_to=meta.get("ValidTo"),
        description=meta.get("Description", ""),
        aliases=_asked("kms:ListAliases", arn, lambda: _aliases(kms, arn)),
        policies=_asked("kms:GetKeyPolicy", arn, lambda: _policies(kms, arn)),
        grants=_asked("kms:ListGrants", arn, lambda: _grants(kms, arn)),
        rotation=_asked("kms:GetKeyRotationStatus", arn, lambda: _rotation(kms, arn, meta)),
        tags=_asked("kms:ListResourceTags", arn, lambda: Tags(values=read_tags(kms, arn)))
        if customer
        else Tags(),
    )


def _asked(call: str, arn: str, ask: Callable[[], T]) -> T | Unreadable:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call=call, where=arn)


def _aliases(kms: Any, arn: str) -> tuple[str, ...]:
    pages = kms.get_paginator("list_aliases").paginate(KeyId=arn)
    return tuple(sorted(alias["AliasName"] for page in pages for alias in page["Aliases"]))


def _policies(kms: Any, arn: str) -> KeyPolicies:
    default = str(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    try:
        shared = str(kms.get_key_policy(KeyId=arn, PolicyName="AWS_RAM")["Policy"])
    except ClientError as error:
        if code_of(error) not in MISSING | {"ValidationException", "MalformedPolicyDocumentException"}:
            raise
        shared = ""
    return KeyPolicies(default=default, aws_ram=shared)


def _grants(kms: Any, arn: str) -> tuple[Grant, ...]:
    pages = kms.get_paginator("list_grants").paginate(KeyId=arn)
    return tuple(_grant(raw) for page in pages for raw in page["Grants"])


def _grant(raw: dict[str, Any]) -> Grant:
    limits = raw.get("Constraints", {})
    return Grant(
        grant_id=raw["GrantId"],
        grantee_principal=raw.get("GranteePrincipal", ""),
        grantee_service_principal=raw.get("GranteeServicePrincipal", ""),
        operations=tuple(raw.get("Operations", ())),
        name=raw.get("Name", ""),
        retiring_principal=raw.get("RetiringPrincipal", ""),
        retiring_service_principal=raw.get("RetiringServicePrincipal", ""),
        issuing_account=raw.get("IssuingAccount", ""),
        encryption_context_equals=limits.get("EncryptionContextEquals"),
        encryption_context_subset=dict(limits.get("EncryptionContextSubset", {})),
        source_arn=limits.get("SourceArn", ""),
    )


def _rotation(kms: Any, arn: str, meta: dict[str, Any]) -> Rotation | None:
    """Return the rotation, None for a key that has none: imported material, asymmetric, AWS's own."""
    if meta.get("Origin") != "AWS_KMS" or meta.get("KeySpec") != "SYMMETRIC_DEFAULT":
        return None
    raw = kms.get_key_rotation_status(KeyId=arn)
    return Rotation(
        enabled=bool(raw["KeyRotationEnabled"]),
        period_in_days=int(raw.get("RotationPeriodInDays", 0)),
        next_rotation=raw.get("NextRotationDate"),
        on_demand_started=raw.get("OnDemandRotationStartDate"),
    )


def read_tags(kms: Any, arn: str) -> dict[str, str]:
    """Return the key's tags; botocore's errors pass through."""
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=arn)
    return {tag["TagKey"]: tag["TagValue"] for page in pages for tag in page["Tags"]}
