"""Importing key material: parameters from KMS, wrapping here, and the import."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, problem
from trailseal.aws.wrapping import wrap
from trailseal.errors import TrailsealError
from trailseal.messages import message

SPEC = "RSA_4096"
REFUSED = {
    "IncorrectKeyMaterialException": message(
        "this is not the material that the key had before; new material is given with --new"
    ),
    "UnsupportedOperationException": message("the key is not one for imported material (Origin EXTERNAL)"),
}


def import_material(
    kms: Any, key_arn: str, material: bytes, *, valid_to: datetime | None, algorithm: str, new: bool = False
) -> None:
    """
    Put `material` into the key; with `valid_to` it expires then, else never.

    `new` material waits there for a rotation on demand; else it is the key's first, or the same again.

    Raises:
        TrailsealError: KMS refuses, or the material is not the one that the key had.
    """
    call = "kms:GetParametersForImport"
    try:
        given = kms.get_parameters_for_import(
            KeyId=key_arn, WrappingAlgorithm=algorithm, WrappingKeySpec=SPEC
        )
        expiry = (
            {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}
            if valid_to
            else {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        )
        kind = {"ImportType": "NEW_KEY_MATERIAL"} if new else {}
        call = "kms:ImportKeyMaterial"
        kms.import_key_material(
            KeyId=key_arn,
            ImportToken=given["ImportToken"],
            EncryptedKeyMaterial=_wrapped(material, given["PublicKey"], algorithm),
            **expiry,
            **kind,
        )
    except (ClientError, BotoCoreError) as error:
        if known := REFUSED.get(code_of(error)):
            raise TrailsealError(known) from error
        raise problem(error, call=call, where=key_arn) from error


def _wrapped(material: bytes, public_key: bytes, algorithm: str) -> bytes:
    try:
        return wrap(material, public_key, algorithm)
    except ValueError as error:
        raise TrailsealError(
            message("what kms:GetParametersForImport gave cannot wrap key material")
        ) from error
