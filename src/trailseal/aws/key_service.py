"""What `trailseal key` asks of KMS and does to a key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import structs

from trailseal.aws import key_reader
from trailseal.aws.errors import unreadable
from trailseal.aws.key_material import import_material
from trailseal.aws.key_use import last_use
from trailseal.aws.once import ask_once
from trailseal.aws.session import AwsSession
from trailseal.errors import Incomplete, TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal.model.arn import Arn
from trailseal.model.key import KeyLastUse, KeyMaterial, KmsKey, Rotation, UnreadKey
from trailseal.model.unreadable import Unreadable


class AwsKeyService:
    """One key at a time, named by ARN, ID or alias."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def read(self, reference: str) -> KmsKey:
        """
        Return the key with its past rotations.

        Raises:
            UsageProblem: there is no such key here, or its ARN is of another partition.
            Incomplete: the caller may not look at it, or its state is not known here.
        """
        kms = self._kms(reference)
        key = key_reader.read_key(kms, reference)
        if isinstance(key, UnreadKey):
            raise _not_described(reference, key.reason)
        if isinstance(key.rotation, Rotation):
            past = _past(kms, key.arn)
            return structs.replace(key, rotation=structs.replace(key.rotation, past=past))
        return key

    def rotate_every(self, key_arn: str, days: int) -> None:
        """Rotate the key every so many days."""
        kms = self._kms(key_arn)
        ask_once(
            "kms:EnableKeyRotation",
            key_arn,
            lambda: kms.enable_key_rotation(KeyId=key_arn, RotationPeriodInDays=days),
            spreading=False,
        )

    def rotate_now(self, key_arn: str) -> None:
        """Rotate the key on demand, once; AWS allows 25 such rotations in a key's life."""
        kms = self._session.client("kms", self._session.region_of(key_arn), once=True)
        ask_once(
            "kms:RotateKeyOnDemand",
            key_arn,
            lambda: kms.rotate_key_on_demand(KeyId=key_arn),
            spreading=False,
        )

    def rotated_on_demand(self, key_arn: str) -> int | Unreadable:
        """Return how often the key was rotated on demand, one that is under way counted in."""
        kms, call = self._kms(key_arn), "kms:ListKeyRotations"
        try:
            done = sum(each.get("RotationType") == "ON_DEMAND" for each in _rotations(kms, key_arn))
            call = "kms:GetKeyRotationStatus"
            status = kms.get_key_rotation_status(KeyId=key_arn)
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call=call, where=key_arn)
        return int(done) + ("OnDemandRotationStartDate" in status)

    def import_material(
        self, key_arn: str, material: bytes, *, valid_to: datetime | None, algorithm: str, new: bool
    ) -> None:
        """Put key material, wrapped on this machine, into the key."""
        kms = self._kms(key_arn)
        import_material(kms, key_arn, material, valid_to=valid_to, algorithm=algorithm, new=new)

    def materials(self, key_arn: str) -> tuple[KeyMaterial, ...] | Unreadable:
        """Return every material of the key, those that wait for a rotation too."""
        kms = self._kms(key_arn)
        try:
            listed = _rotations(kms, key_arn, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="kms:ListKeyRotations", where=key_arn)
        return tuple(_material(each) for each in listed if "KeyMaterialId" in each)

    def last_use(self, key_arn: str) -> KeyLastUse | Unreadable | None:
        """Return what the key was last used for; None of another account's, and where botocore cannot ask."""
        account, _ = self._session.caller()
        known = hasattr(self._kms(key_arn), "get_key_last_usage")
        return last_use(self._session, key_arn) if known and Arn.parse(key_arn).account == account else None

    def _kms(self, reference: str) -> Any:
        return self._session.client("kms", self._session.region_of(reference))


def _not_described(reference: str, reason: Unreadable) -> TrailsealError:
    if reason.is_denied:
        return Incomplete(
            message("AWS does not allow {call} on {where}", call=reason.call, where=reference),
            message(
                "give the caller {call}; trailseal permissions prints all that is needed", call=reason.call
            ),
        )
    if reason.code == key_reader.UNKNOWN_STATE:
        return Incomplete(
            message("trailseal does not know the key's state `{state}`", state=reason.detail),
            message("a newer version may know it"),
        )
    return UsageProblem(
        message("key `{key}` cannot be described: {code}", key=reference, code=reason.code),
        message("name it by ARN, ID or alias, and give its --region"),
    )


def _material(raw: dict[str, Any]) -> KeyMaterial:
    return KeyMaterial(
        material_id=str(raw["KeyMaterialId"]),
        state=str(raw.get("KeyMaterialState", "")),
        import_state=str(raw.get("ImportState", "")),
        valid_to=raw.get("ValidTo"),
        rotated=raw.get("RotationDate"),
    )


def _rotations(kms: Any, key_arn: str, **which: str) -> list[dict[str, Any]]:
    pages = kms.get_paginator("list_key_rotations").paginate(KeyId=key_arn, **which)
    return [each for page in pages for each in page["Rotations"]]


def _past(kms: Any, key_arn: str) -> tuple[tuple[datetime, str], ...] | Unreadable:
    """Return the past rotations, newest first."""
    try:
        listed = _rotations(kms, key_arn)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call="kms:ListKeyRotations", where=key_arn)
    dated = [
        (each["RotationDate"], each.get("RotationType", "")) for each in listed if "RotationDate" in each
    ]
    return tuple(sorted(dated, reverse=True))
