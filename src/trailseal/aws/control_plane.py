"""The calls that change an account, and the reads that each is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws import key_material, key_reader
from trailseal.aws.accounts import AwsAccounts
from trailseal.aws.bucket_facts import read_bucket_facts
from trailseal.aws.errors import AwsError, code_of, problem
from trailseal.aws.once import ask_once
from trailseal.aws.refusals import refusal
from trailseal.aws.session import AwsSession
from trailseal.aws.trail_status import trail_status
from trailseal.aws.trails import read_trail
from trailseal.model.arn import Arn, is_arn
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import http_time_in
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.trail import UnreadTrail
from trailseal.model.unreadable import DENIED
from trailseal.plan.document import as_sent
from trailseal.plan.facts import ARN, NO_TRAIL, NOT_THERE, Facts, trail_facts
from trailseal.plan.scope import TAG
from trailseal.plan.step import CreateKey, ReplicateKey

T = TypeVar("T")


class AwsControlPlane:
    """Every call of an apply or undo. Each refusal comes back as one of our errors."""

    def __init__(self, session: AwsSession, *, further: Sequence[AwsSession] = ()) -> None:
        self._session = session
        self._accounts = AwsAccounts(session, further)

    def account(self) -> str:
        """Return the account that the credentials belong to."""
        return self._session.caller()[0]

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        """Return the key of an ARN, ID or alias in `region`, as the account sees it that it names."""
        return key_reader.read_key(self._of(reference).client("kms", region), reference)

    def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
        """
        Return the trail's settings and whether it is logging, as its home Region tells them.

        Raises:
            TrailsealError: CloudTrail does not answer.
        """
        client = self._session.client("cloudtrail", home_region)
        entry = {"TrailARN": trail_arn, "Name": trail_arn, "HomeRegion": home_region}
        trail = read_trail(client, entry)
        if isinstance(trail, UnreadTrail):
            return NOT_THERE if trail.reason.code == NO_TRAIL else {ARN: trail.reason}
        return trail_facts(trail, trail_status(client, trail_arn, home_region))

    def bucket_facts(self, name: str) -> Facts:
        """
        Return where the bucket lies, whose it is, its policy and its default encryption.

        Raises:
            TrailsealError: S3 does not answer.
        """
        session = self._accounts.holding(name)
        return read_bucket_facts(session, name, account=session.caller()[0])

    def tagged_keys(self, tag: str, region: str) -> tuple[KmsKey | UnreadKey, ...]:
        """
        Return every key of the Region that carries the plan's tag with this value; none for "".

        Another's key may hide its tags from us; a key of this plan cannot, since its policy leaves that
        to IAM. So a refusal counts only when it meets every key alike.
        """
        if not tag:
            return ()
        kms = self._kms(region)
        pages = _ask("kms:ListKeys", region, lambda: list(kms.get_paginator("list_keys").paginate()))
        arns = [str(key["KeyArn"]) for page in pages for key in page["Keys"]]
        found: list[KmsKey | UnreadKey] = []
        refused: list[AwsError] = []
        for arn in arns:
            try:
                if key_reader.read_tags(kms, arn).get(TAG) == tag:
                    found.append(key_reader.read_key(kms, arn))
            except (ClientError, BotoCoreError) as error:
                if code_of(error) not in DENIED | {"NotFoundException"}:
                    raise problem(error, call="kms:ListResourceTags", where=arn) from error
                refused.append(error)
        if arns and len(refused) == len(arns):
            raise problem(refused[0], call="kms:ListResourceTags", where=region)
        return tuple(found)

    def key_state(self, key_arn: str) -> str:
        """Return the key's state, in AWS's word."""
        kms = self._of(key_arn).client("kms", Arn.parse(key_arn).region)
        found = _ask("kms:DescribeKey", key_arn, lambda: kms.describe_key(KeyId=key_arn))
        return str(found["KeyMetadata"]["KeyState"])

    def alias_target(self, alias: str, region: str) -> str:
        """Return the ARN of the key that the alias names, "" for none."""
        kms = self._kms(region)
        try:
            return str(kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"])
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == "NotFoundException":
                return ""
            raise problem(error, call="kms:DescribeKey", where=alias) from error

    def create_key(self, step: CreateKey, tag: str) -> str:
        """Make the key, with the plan's tag, and return its ARN."""
        kms = self._kms(step.region, once=True)
        answer = ask_once(
            "kms:CreateKey",
            step.region,
            lambda: kms.create_key(
                Policy=as_sent(step.policy),
                Description=step.description,
                Origin=step.origin,
                MultiRegion=step.multi_region,
                Tags=_tags(tag),
            ),
        )
        return str(answer["KeyMetadata"]["Arn"])

    def replicate_key(self, step: ReplicateKey, tag: str) -> str:
        """Make the replica, with the plan's tag, and return its ARN."""
        kms = self._kms(Arn.parse(step.primary).region, once=True)
        answer = ask_once(
            "kms:ReplicateKey",
            step.primary,
            lambda: kms.replicate_key(
                KeyId=step.primary,
                ReplicaRegion=step.region,
                Policy=as_sent(step.policy),
                Description=step.description,
                Tags=_tags(tag),
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
        kms = self._kms(Arn.parse(key_arn).region, once=True)
        ask_once("kms:CreateAlias", alias, lambda: kms.create_alias(AliasName=alias, TargetKeyId=key_arn))

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

    def cancel_key_deletion(self, key_arn: str) -> None:
        """Keep a key that KMS would delete; it is disabled then."""
        kms = self._kms(Arn.parse(key_arn).region)
        _ask("kms:CancelKeyDeletion", key_arn, lambda: kms.cancel_key_deletion(KeyId=key_arn))

    def enable_key(self, key_arn: str) -> None:
        """Make a disabled key usable again."""
        kms = self._kms(Arn.parse(key_arn).region)
        _ask("kms:EnableKey", key_arn, lambda: kms.enable_key(KeyId=key_arn))

    def update_trail(self, trail_arn: str, home_region: str, key_arn: str) -> datetime:
        """Point the trail at the key ("" is SSE-S3), nothing else, and return AWS's time of doing so."""
        client = self._session.client("cloudtrail", home_region)
        answer = _ask(
            "cloudtrail:UpdateTrail",
            trail_arn,
            lambda: client.update_trail(Name=trail_arn, KmsKeyId=key_arn),
        )
        return _time_of(answer)

    def _of(self, reference: str) -> AwsSession:
        return self._accounts.of(Arn.parse(reference).account) if is_arn(reference) else self._session

    def _kms(self, region: str, *, once: bool = False) -> Any:
        return self._session.client("kms", region, once=once)


def _tags(tag: str) -> list[dict[str, str]]:
    return [{"TagKey": TAG, "TagValue": tag}]


def _ask(call: str, where: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise refusal(error, call=call, where=where) from error


def _time_of(answer: dict[str, Any]) -> datetime:
    """Return when AWS answered, by its own clock, which is the one that objects are stamped with."""
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return http_time_in(said)
    except ForeignError:
        return datetime.now(UTC).replace(microsecond=0)
