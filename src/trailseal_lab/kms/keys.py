"""Finding a key by id, ARN or alias, in whichever account and Region it is; AWS managed keys on first use."""

from __future__ import annotations

import json
from typing import Any

from moto.kms.models import Key, KmsBackend, kms_backends

from trailseal.model.arn import ACCOUNT, Arn, is_arn
from trailseal_lab.errors import ApiError

AWS_ALIAS = "alias/aws/"


def kms_of(account: str, region: str) -> KmsBackend:
    """Return KMS of one account and Region."""
    backend: KmsBackend = kms_backends[account][region]
    return backend


def has_region(account: str, region: str) -> bool:
    """Whether KMS has a Region of this name."""
    return region in kms_backends[account].regions


def find_key(key_id: str, *, account: str, region: str) -> Key | None:
    """Return the key of that id, ARN, alias or alias ARN, None when there is none."""
    if is_arn(key_id):
        arn = Arn.parse(key_id)
        if arn.service != "kms":
            return None
        account, region, key_id = arn.account, arn.region, arn.resource.removeprefix("key/")
    if not ACCOUNT.fullmatch(account) or not has_region(account, region):
        return None
    backend = kms_of(account, region)
    if not key_id.startswith("alias/"):
        return backend.keys.get(key_id)
    found = next((key for key in backend.keys.values() if key_id in key.aliases), None)
    if found is None and key_id.startswith(AWS_ALIAS):
        return aws_managed_key(key_id.removeprefix(AWS_ALIAS), account=account, region=region)
    return found


def require_key(key_id: str, *, account: str, region: str) -> Key:
    """
    Return the key; KMS knows only those of the Region that is asked.

    Raises:
        ApiError: NotFoundException.
    """
    if is_arn(key_id) and Arn.parse(key_id).region != region:
        raise ApiError("NotFoundException", f"Invalid arn {Arn.parse(key_id).region}")
    key = find_key(key_id, account=account, region=region)
    if key is not None:
        return key
    if key_id.startswith("alias/"):
        text = f"Alias arn:aws:kms:{region}:{account}:{key_id} is not found."
    elif is_arn(key_id):
        text = f"Key '{key_id}' does not exist"
    else:
        text = f"Key 'arn:aws:kms:{region}:{account}:key/{key_id}' does not exist"
    raise ApiError("NotFoundException", text)


def aws_managed_key(service: str, *, account: str, region: str) -> Key:
    """Return the account's AWS managed key for a service (`s3`), made when it is first needed."""
    backend = kms_of(account, region)
    alias = AWS_ALIAS + service
    for key in backend.keys.values():
        if alias in key.aliases:
            return key
    policy = json.dumps(_managed_policy(service, account, region))
    description = f"Default key that protects my {service.upper()} objects when no other key is defined"
    key = backend.create_key(policy, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
    key.key_manager = "AWS"
    key.key_rotation_status = True
    backend.create_alias(key.id, alias)
    return key


def _managed_policy(service: str, account: str, region: str) -> dict[str, Any]:
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key."""
    through = {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-2",
        "Statement": [
            {
                "Sid": f"Allow access through {service.upper()} for all principals in the account",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": {"StringEquals": through},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    }


def grants_of(key: Key) -> tuple[dict[str, Any], ...]:
    """Return the key's grants as ListGrants shows them."""
    return tuple(
        {
            "KeyId": key.arn,
            "GrantId": grant.id,
            "Name": grant.name or "",
            "GranteePrincipal": grant.grantee_principal,
            "RetiringPrincipal": grant.retiring_principal or "",
            "IssuingAccount": f"arn:aws:iam::{key.account_id}:root",
            "Operations": list(grant.operations or ()),
            "Constraints": dict(grant.constraints or {}),
        }
        for grant in key.grants.values()
    )


def check_usable(key: Key) -> None:
    """
    Return when cryptographic operations work in the key's state.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html

    Raises:
        ApiError: DisabledException or KMSInvalidStateException.
    """
    match key.key_state:
        case "Enabled" | "Updating":
            return
        case "Disabled":
            raise ApiError("DisabledException", f"{key.arn} is disabled.")
        case "PendingDeletion" | "PendingReplicaDeletion":
            raise ApiError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
        case "PendingImport":
            raise ApiError("KMSInvalidStateException", f"{key.arn} is pending import.")
        case state:
            raise ApiError("KMSInvalidStateException", f"{key.arn} is {state}.")
