"""The calls that change an account, and the reads that each is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws import key_material, key_reader
from trailseal.aws.errors import AwsError, code_of, problem
from trailseal.aws.session import AwsSession
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.arn import Arn
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.unreadable import DENIED
from trailseal.plan.document import as_sent
from trailseal.plan.intent import USUAL_ROTATION
from trailseal.plan.scope import TAG
from trailseal.plan.step import CreateKey, ReplicateKey
from trailseal.run.control import NotYet

PASSING = frozenset(
    {
        "InsufficientEncryptionPolicyException",
        "KmsException",
        "KmsKeyNotFoundException",
        "KMSInvalidStateException",
        "ConflictException",
        "MalformedPolicyDocumentException",
        "DependencyTimeoutException",
        "NotFoundException",
    }
)
"""Refusals that pass by themselves while a change to a key or its policy is still spreading."""

BETWEEN_UPDATES = 1.0
"""Seconds: UpdateTrail allows one call a second. Source: the quotas page of the CloudTrail guide."""

T = TypeVar("T")


class AwsControlPlane:
    """Every call of an apply or undo. Each refusal comes back as one of our errors."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        self._free_at = 0.0

    def account(self) -> str:
        """Return the account that the credentials belong to."""
        return self._session.caller()[0]

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        """Return the key of an ARN, ID or alias in `region`."""
        return key_reader.read_key(self._kms(region), reference)

    def trail_key(self, trail_arn: str, home_region: str) -> str:
        """Return the trail's key ARN, "" for SSE-S3."""
        client = self._session.client("cloudtrail", home_region)
        trail = _ask("cloudtrail:GetTrail", trail_arn, lambda: client.get_trail(Name=trail_arn))["Trail"]
        return str(trail.get("KmsKeyId", ""))

    def key_made_by(self, plan_id: str, region: str) -> str:
        """
        Return the ARN of the key that carries the plan's tag and is not pending deletion, "" for none.

        Another's key may hide its tags from us; a key of this plan cannot, since its policy leaves that
        to IAM. So a refusal counts only when it meets every key alike.
        """
        kms = self._kms(region)
        pages = _ask("kms:ListKeys", region, lambda: list(kms.get_paginator("list_keys").paginate()))
        arns = [key["KeyArn"] for page in pages for key in page["Keys"]]
        refused: list[AwsError] = []
        for arn in arns:
            try:
                if key_reader.read_tags(kms, arn).get(TAG) == plan_id and self._is_kept(arn):
                    return str(arn)
            except (ClientError, BotoCoreError) as error:
                if code_of(error) not in DENIED | {"NotFoundException"}:
                    raise problem(error, call="kms:ListResourceTags", where=arn) from error
                refused.append(error)
        if arns and len(refused) == len(arns):
            raise problem(refused[0], call="kms:ListResourceTags", where=region)
        return ""

    def _is_kept(self, arn: str) -> bool:
        return self.key_state(arn) not in {"PendingDeletion", "PendingReplicaDeletion"}

    def key_state(self, key_arn: str) -> str:
        """Return the key's state, in AWS's word."""
        kms = self._kms(Arn.parse(key_arn).region)
        found = _ask("kms:DescribeKey", key_arn, lambda: kms.describe_key(KeyId=key_arn))
        return str(found["KeyMetadata"]["KeyState"])

    def key_policy(self, key_arn: str) -> str:
        """Return the text of the key's default policy."""
        kms = self._kms(Arn.parse(key_arn).region)
        answer = _ask(
            "kms:GetKeyPolicy", key_arn, lambda: kms.get_key_policy(KeyId=key_arn, PolicyName="default")
        )
        return str(answer["Policy"])

    def alias_target(self, alias: str, region: str) -> str:
        """Return the ARN of the key that the alias names, "" for none."""
        kms = self._kms(region)
        try:
            return str(kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"])
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == "NotFoundException":
                return ""
            raise problem(error, call="kms:DescribeKey", where=alias) from error

    def rotation_days(self, key_arn: str) -> int:
        """Return the days between rotations, 0 when the key does not rotate."""
        kms = self._kms(Arn.parse(key_arn).region)
        raw = _ask("kms:GetKeyRotationStatus", key_arn, lambda: kms.get_key_rotation_status(KeyId=key_arn))
        if not raw["KeyRotationEnabled"]:
            return 0
        return int(raw.get("RotationPeriodInDays") or USUAL_ROTATION)

    def create_key(self, step: CreateKey, plan_id: str) -> str:
        """Make the key, with the plan's tag, and return its ARN."""
        kms = self._kms(step.region)
        answer = _ask(
            "kms:CreateKey",
            step.region,
            lambda: kms.create_key(
                Policy=as_sent(step.policy),
                Description=step.description,
                Origin=step.origin,
                MultiRegion=step.multi_region,
                Tags=_tags(plan_id),
            ),
        )
        return str(answer["KeyMetadata"]["Arn"])

    def replicate_key(self, step: ReplicateKey, plan_id: str) -> str:
        """Make the replica, with the plan's tag, and return its ARN."""
        kms = self._kms(Arn.parse(step.primary).region)
        answer = _ask(
            "kms:ReplicateKey",
            step.primary,
            lambda: kms.replicate_key(
                KeyId=step.primary,
                ReplicaRegion=step.region,
                Policy=as_sent(step.policy),
                Description=step.description,
                Tags=_tags(plan_id),
            ),
        )
        return str(answer["ReplicaKeyMetadata"]["Arn"])

    def put_key_policy(self, key_arn: str, policy: str) -> None:
        """Put the default policy, with AWS's lockout check left on."""
        kms = self._kms(Arn.parse(key_arn).region)
        _ask(
            "kms:PutKeyPolicy",
            key_arn,
            lambda: kms.put_key_policy(KeyId=key_arn, PolicyName="default", Policy=as_sent(policy)),
        )

    def create_alias(self, alias: str, key_arn: str) -> None:
        """Give the key a name."""
        kms = self._kms(Arn.parse(key_arn).region)
        _ask("kms:CreateAlias", alias, lambda: kms.create_alias(AliasName=alias, TargetKeyId=key_arn))

    def delete_alias(self, alias: str, region: str) -> None:
        """Take the name away; the key stays."""
        kms = self._kms(region)
        _ask("kms:DeleteAlias", alias, lambda: kms.delete_alias(AliasName=alias))

    def import_material(self, key_arn: str, material: bytes, valid_to: datetime | None) -> None:
        """Put key material, wrapped on this machine, into a key that waits for it."""
        kms = self._kms(Arn.parse(key_arn).region)
        key_material.import_material(
            kms, key_arn, material, valid_to=valid_to, algorithm="RSA_AES_KEY_WRAP_SHA_256"
        )

    def set_rotation(self, key_arn: str, days: int) -> None:
        """Rotate every so many days, or not at all for 0."""
        kms = self._kms(Arn.parse(key_arn).region)
        if days:
            _ask(
                "kms:EnableKeyRotation",
                key_arn,
                lambda: kms.enable_key_rotation(KeyId=key_arn, RotationPeriodInDays=days),
            )
        else:
            _ask("kms:DisableKeyRotation", key_arn, lambda: kms.disable_key_rotation(KeyId=key_arn))

    def update_trail(self, trail_arn: str, home_region: str, key_arn: str) -> datetime:
        """Point the trail at the key ("" is SSE-S3), nothing else, and return AWS's time of doing so."""
        client = self._session.client("cloudtrail", home_region)
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + BETWEEN_UPDATES
        answer = _ask(
            "cloudtrail:UpdateTrail",
            trail_arn,
            lambda: client.update_trail(Name=trail_arn, KmsKeyId=key_arn),
        )
        return _time_of(answer)

    def _kms(self, region: str) -> Any:
        return self._session.client("kms", region)


def _tags(plan_id: str) -> list[dict[str, str]]:
    return [{"TagKey": TAG, "TagValue": plan_id}]


def _ask(call: str, where: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise _refusal(error, call=call, where=where) from error


def _refusal(error: AwsError, *, call: str, where: str) -> TrailsealError:
    known = problem(error, call=call, where=where)
    if isinstance(error, ClientError) and code_of(error) in PASSING:
        hint = known.hint
        if code_of(error) == "InsufficientEncryptionPolicyException":
            hint = message("look at the key's policy and the bucket's: trailseal check names the statement")
        return NotYet(known.what, hint)
    return known


def _time_of(answer: dict[str, Any]) -> datetime:
    """Return when AWS answered, by its own clock, which is the one that objects are stamped with."""
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return parsedate_to_datetime(said).astimezone(UTC)
    except (TypeError, ValueError):
        return datetime.now(UTC).replace(microsecond=0)
