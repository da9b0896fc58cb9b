"""
What a new key may be: which uses its kind has, where its material is from, and its tags.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
and https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.moto_app import not_implemented

ENCRYPTS, SIGNS, AGREES = "ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"
USES = {
    "SYMMETRIC_DEFAULT": (ENCRYPTS,),
    "HMAC": ("GENERATE_VERIFY_MAC",),
    "RSA": (ENCRYPTS, SIGNS),
    "ECC_NIST_P": (SIGNS, AGREES),
    "ECC": (SIGNS,),
    "ML_DSA": (SIGNS,),
    "ML_KEM": ("ENCAPSULATE_DECAPSULATE",),
    "SM2": (ENCRYPTS, SIGNS, AGREES),
}
"""The uses of a kind of key, by how its spec begins."""
MOST_TAGS = 50


def check_new_key(call: Call) -> None:
    """
    Return when KMS would make the key that a call asks for, and the lab can.

    Which code tells of a use that does not fit is not on AWS's page.

    Raises:
        ApiError: ValidationException, TagException; NotImplemented for material that the lab cannot have.
    """
    given = call.params
    spec = str(given.get("KeySpec") or given.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT")
    use = str(given.get("KeyUsage") or ENCRYPTS)
    fitting = next((uses for start, uses in USES.items() if spec.startswith(start)), ())
    if use not in fitting or (spec != "SYMMETRIC_DEFAULT" and not given.get("KeyUsage")):
        text = f"KeyUsage of {spec} must be given, as one of {', '.join(fitting)}."
        raise ApiError("ValidationException", text)
    check_tags(call)
    origin = str(given.get("Origin") or "AWS_KMS")
    if given.get("CustomKeyStoreId") or origin not in {"AWS_KMS", "EXTERNAL"}:
        raise not_implemented(call, " in a custom key store")
    if origin == "EXTERNAL" and spec != "SYMMETRIC_DEFAULT":
        raise not_implemented(call, f" with imported material of the kind {spec}")


def check_tags(call: Call) -> None:
    """
    Return when tags have a name each, and none of AWS's own.

    Raises:
        ApiError: TagException.
    """
    names = [str(tag["TagKey"]) for tag in call.params.get("Tags") or ()]
    if len(set(names)) < len(names):
        raise ApiError("TagException", "Duplicate tag keys")
    if any(name.lower().startswith("aws:") for name in names) or len(names) > MOST_TAGS:
        raise ApiError("TagException", "A tag begins with aws:, or there are too many.")
