"""
What kinds of keys can do: which rotate, which take new material, and one sentence for each that does not.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html,
https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
"""

from __future__ import annotations

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.messages import Message, message
from trailseal.model.key import KeyMaterial, KmsKey

EXTERNAL = "EXTERNAL"
WAITING = "PENDING_ROTATION"
WAITING_FOR_REPLICAS = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def not_rotating(key: KmsKey, *, by_itself: bool) -> TrailsealError | None:
    """Return why a key does not rotate, by itself or on demand: its spec first, then origin, then replica."""
    if key.key_manager != "CUSTOMER":
        return TrailsealError(message("{key} is managed by AWS, which rotates it each year", key=key.arn))
    if key.key_spec != "SYMMETRIC_DEFAULT":
        return TrailsealError(
            message("{key} is of spec {spec}: only SYMMETRIC_DEFAULT rotates", key=key.arn, spec=key.key_spec)
        )
    if key.key_usage != "ENCRYPT_DECRYPT":
        return TrailsealError(
            message(
                "{key} is for {usage}: only keys for ENCRYPT_DECRYPT rotate", key=key.arn, usage=key.key_usage
            )
        )
    if key.origin not in {"AWS_KMS", EXTERNAL}:
        return TrailsealError(
            message("{key} lies in a custom key store ({origin}): KMS cannot rotate it", key=key.arn,
                    origin=key.origin)
        )  # fmt: skip
    if key.origin == EXTERNAL and by_itself:
        return TrailsealError(
            message("{key} has imported material, which never rotates by itself", key=key.arn),
            to_new_material(key),
        )
    return of_the_primary(key)


def of_the_primary(key: KmsKey) -> TrailsealError | None:
    """Return that new material and rotation are the primary's, of a replica."""
    if not key.is_replica:
        return None
    primary = key.primary_key or "?"
    return TrailsealError(
        message("{key} is a replica: {primary} is what rotates and takes new material", key=key.arn,
                primary=primary),
        message("name the primary: {primary}", primary=primary),
    )  # fmt: skip


def not_taking_material(key: KmsKey, *, new: bool) -> TrailsealError | None:
    """Return why a key takes no material, or no new one."""
    if key.origin != EXTERNAL:
        return UsageProblem(
            message("{key} has origin {origin} and takes no key material", key=key.arn, origin=key.origin),
            message("to make one: trailseal plan --origin external"),
        )
    if new and not key.is_symmetric:
        return TrailsealError(
            message(
                "{key} is of spec {spec}: its first material is its only one", key=key.arn, spec=key.key_spec
            )
        )
    return of_the_primary(key) if new else None


def not_yet_rotating(key: KmsKey, materials: tuple[KeyMaterial, ...]) -> TrailsealError | None:
    """Return why imported material cannot be rotated yet: none is new, or a replica lacks it."""
    states = {each.state for each in materials}
    if WAITING in states:
        return None
    if WAITING_FOR_REPLICAS in states:
        return TrailsealError(
            message("the new material of {key} is not in every replica yet", key=key.arn),
            into_replicas(key),
        )
    return TrailsealError(
        message("{key} has no new material to rotate to", key=key.arn),
        message("bring it first: trailseal key import {key} --new --material FILE", key=key.arn),
    )


def into_replicas(key: KmsKey) -> Message:
    """Return what to do with new material of a primary before it rotates."""
    replicas = [each for each in key.replica_keys if each != key.arn]
    if not replicas:
        return message(
            "import the same material into each replica, which this names: {command}",
            command=f"aws kms describe-key --key-id {key.arn} --region {key.region}",
        )
    return message(
        "import the same material, from a FILE, into each replica: {command}",
        command=" && ".join(f"trailseal key import {each} --material FILE" for each in replicas),
    )


def to_new_material(key: KmsKey) -> Message:
    """Return how imported material is replaced, which only whoever has the new one can do."""
    return message(
        "bring new material, from a FILE, and rotate to it: "
        "trailseal key import {key} --new --material FILE && trailseal key rotate {key} --now",
        key=key.primary_key or key.arn,
    )
