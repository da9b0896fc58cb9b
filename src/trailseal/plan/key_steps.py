"""The steps that a key needs before a trail may name it: made, copied to another Region, or amended."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.model.key import KeyPolicies, KmsKey, Rotation, UnreadKey
from trailseal.plan.document import same
from trailseal.plan.intent import DEFAULT_ALIAS, USUAL_ROTATION, Intent
from trailseal.plan.scope import KeyGroup
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    Description,
    ImportKeyMaterial,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
)

DESCRIPTION: Description = "CloudTrail log files"


def key_steps(group: KeyGroup, intent: Intent, *, account: str, policy: str, primary: str) -> Iterator[Step]:
    """
    Yield the steps for one group's key, whose policy shall be `policy`.

    `primary` names the multi-Region key that this one shall be a replica of, "" for none. A key of
    another account gets no steps: it can be changed only there.
    """
    match group.key:
        case None if primary:
            yield from _replica(group, intent, policy=policy, primary=primary)
        case None:
            yield from _new(group, intent, account=account, policy=policy)
        case KmsKey() as key if key.account == account:
            yield from _amended(key, intent, policy=policy)
        case _:
            return


def policy_of(key: KmsKey | UnreadKey | None) -> str:
    """Return the text of the key's default policy, "" where there is none to see."""
    if isinstance(key, KmsKey) and isinstance(key.policies, KeyPolicies):
        return key.policies.default
    return ""


def _new(group: KeyGroup, intent: Intent, *, account: str, policy: str) -> Iterator[Step]:
    external = intent.origin == "external"
    yield CreateKey(
        key=group.key_name,
        account=account,
        region=group.region,
        description=DESCRIPTION,
        policy=policy,
        multi_region=intent.multi_region,
        origin="EXTERNAL" if external else "AWS_KMS",
    )
    yield CreateAlias(alias=intent.alias or DEFAULT_ALIAS, key=group.key_name)
    if external:
        yield ImportKeyMaterial(key=group.key_name)
    else:
        yield SetKeyRotation(key=group.key_name, before=0, after=intent.rotation_days or USUAL_ROTATION)


def _replica(group: KeyGroup, intent: Intent, *, policy: str, primary: str) -> Iterator[Step]:
    """Yield the steps of a replica: its policy and alias are its own, its rotation is the primary's."""
    yield ReplicateKey(
        key=group.key_name, primary=primary, region=group.region, description=DESCRIPTION, policy=policy
    )
    yield CreateAlias(alias=intent.alias or DEFAULT_ALIAS, key=group.key_name)
    if intent.origin == "external":
        yield ImportKeyMaterial(key=group.key_name)


def _amended(key: KmsKey, intent: Intent, *, policy: str) -> Iterator[Step]:
    before = policy_of(key)
    if not same(before, policy):
        yield PutKeyPolicy(key=key.arn, before=before, after=policy)
    if intent.alias and isinstance(key.aliases, tuple) and intent.alias not in key.aliases:
        yield CreateAlias(alias=intent.alias, key=key.arn)
    days = _rotation_days(key)
    if intent.rotation_days and days is not None and days != intent.rotation_days:
        yield SetKeyRotation(key=key.arn, before=days, after=intent.rotation_days)


def _rotation_days(key: KmsKey) -> int | None:
    return _days(key.rotation) if isinstance(key.rotation, Rotation) and not key.is_replica else None


def _days(rotation: Rotation) -> int:
    return (rotation.period_in_days or USUAL_ROTATION) if rotation.enabled else 0
