"""
Steps: one AWS call each, with what it replaces.

Showing a step, checking whether the world has moved and undoing it all read the same value. A key is
named by its ARN, or by `new:REGION` while the plan has yet to make it.
"""

from __future__ import annotations

from typing import Literal, assert_never

from msgspec import Struct, structs

from trailseal.model.arn import Arn
from trailseal.plan.names import Account, Alias, KeyName, KeyNameOrNothing, Region, TrailArn

NEW = "new:"
Description = Literal["CloudTrail log files"]
"""What KMS is told that a key is for. No step shows it, so it can be nothing else."""


class CreateKey(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="kms:CreateKey"
):
    """Make a key, tagged with the plan's tag, so that a second run finds it and makes no other."""

    key: KeyName
    account: Account
    region: Region
    description: Description
    policy: str
    multi_region: bool = False
    origin: Literal["AWS_KMS", "EXTERNAL"] = "AWS_KMS"


class ReplicateKey(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="kms:ReplicateKey"
):
    """Make a replica of a multi-Region key in another bucket's Region: same key ID, same material."""

    key: KeyName
    primary: KeyName
    region: Region
    description: Description
    policy: str


class ImportKeyMaterial(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="call",
    tag="kms:ImportKeyMaterial",
):
    """Wait for the user's own key material: until it is in the key, no later step runs."""

    key: KeyName


class PutKeyPolicy(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="kms:PutKeyPolicy"
):
    """Put a policy on a key. Both texts are whole documents; nothing is edited by AWS in between."""

    key: KeyName
    before: str
    after: str


class CreateAlias(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="kms:CreateAlias"
):
    """Give a key a name that no key of the Region has."""

    alias: Alias
    key: KeyName


class DeleteAlias(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="kms:DeleteAlias"
):
    """Take a name away again. Only ever the inverse of `CreateAlias`; the key stays."""

    alias: Alias
    key: KeyName


class SetKeyRotation(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="call",
    tag="kms:EnableKeyRotation",
):
    """Rotate a key every so many days; 0 is no rotation, and then the call is kms:DisableKeyRotation."""

    key: KeyName
    before: int
    after: int


class CancelKeyDeletion(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="call",
    tag="kms:CancelKeyDeletion",
):
    """Keep a key that KMS would delete; it is Disabled then, so `EnableKey` follows."""

    key: KeyName
    before: Literal["PendingDeletion", "PendingReplicaDeletion"]


class EnableKey(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="kms:EnableKey"
):
    """Make a disabled key usable again; `before` is what it was before the plan's first step."""

    key: KeyName
    before: Literal["Disabled", "PendingDeletion", "PendingReplicaDeletion"]


class UpdateTrail(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="call",
    tag="cloudtrail:UpdateTrail",
):
    """Point a trail at a key, and change nothing else of it."""

    trail_arn: TrailArn
    home_region: Region
    before: KeyNameOrNothing
    """The key's ARN; "" is SSE-S3, as in the API."""
    after: KeyNameOrNothing


Doing = (
    CreateKey
    | ReplicateKey
    | ImportKeyMaterial
    | PutKeyPolicy
    | CreateAlias
    | DeleteAlias
    | SetKeyRotation
    | CancelKeyDeletion
    | EnableKey
    | UpdateTrail
)
Rescue = CancelKeyDeletion | EnableKey
"""What brings a key back. Undo leaves it standing: what lies under the key would close again."""


class Leave(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="call", tag="leave"):
    """
    Leave standing what a step made: the inverse of what must not be taken back.

    A key is never deleted or disabled, because objects may lie under it that nothing else opens; that goes
    for one that was brought back, too.
    """

    step: Doing


Step = Doing | Leave


def undo(step: Step) -> Step:  # noqa: PLR0911 - one answer for each kind of step
    """Return the step that puts back what `step` changes; undoing that gives `step` again."""
    match step:
        case CreateKey() | ReplicateKey() | ImportKeyMaterial() | CancelKeyDeletion() | EnableKey():
            return Leave(step=step)
        case Leave(step=left):
            return left
        case PutKeyPolicy(key=key, before=before, after=after):
            return PutKeyPolicy(key=key, before=after, after=before)
        case CreateAlias(alias=alias, key=key):
            return DeleteAlias(alias=alias, key=key)
        case DeleteAlias(alias=alias, key=key):
            return CreateAlias(alias=alias, key=key)
        case SetKeyRotation(key=key, before=days, after=wanted):
            return SetKeyRotation(key=key, before=wanted, after=days)
        case UpdateTrail(trail_arn=arn, home_region=region, before=before, after=after):
            return UpdateTrail(trail_arn=arn, home_region=region, before=after, after=before)
        case _:
            assert_never(step)


def roll_back(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """
    Return what undoes `steps`, last first.

    A key that the steps made is left as it stands, with its alias and its rotation: it is the only
    thing that opens what was delivered under it, and people find it by its name.
    """
    return tuple(_inverse(step) for step in reversed(steps))


def _inverse(step: Step) -> Step:
    match step:
        case CreateAlias(key=key) | SetKeyRotation(key=key) if is_new(key):
            return Leave(step=step)
        case _:
            return undo(step)


def call_of(step: Step) -> str:
    """Return the API call that a step makes, in AWS's words."""
    return str(step.__struct_config__.tag)


def is_new(key: str) -> bool:
    """Whether `key` stands for one that the plan has yet to make."""
    return key.startswith(NEW)


def new_key(region: str) -> str:
    """Return the name, within a plan, of the key that it makes in `region`."""
    return NEW + region


def key_region(key: str) -> str:
    """Return the Region of a key, made or yet to be made."""
    return key.removeprefix(NEW) if is_new(key) else Arn.parse(key).region


def keys_of(step: Step) -> tuple[str, ...]:
    """Return the keys that `step` names, of which some may yet have to be made."""
    match step:
        case Leave(step=left):
            return keys_of(left)
        case ReplicateKey(key=key, primary=primary):
            return (key, primary)
        case UpdateTrail(before=before, after=after):
            return tuple(key for key in (before, after) if key)
        case (
            CreateKey()
            | ImportKeyMaterial()
            | PutKeyPolicy()
            | CreateAlias()
            | DeleteAlias()
            | SetKeyRotation()
            | CancelKeyDeletion()
            | EnableKey()
        ):
            return (step.key,)
        case _:
            assert_never(step)


def named(step: Step, keys: dict[str, str]) -> Step:
    """Return `step` with each key that has been made under its ARN."""
    match step:
        case Leave(step=left):
            inner = named(left, keys)
            return step if isinstance(inner, Leave) else Leave(step=inner)
        case ReplicateKey(key=key, primary=primary):
            return structs.replace(step, key=keys.get(key, key), primary=keys.get(primary, primary))
        case UpdateTrail(before=before, after=after):
            return structs.replace(step, before=keys.get(before, before), after=keys.get(after, after))
        case _:
            return structs.replace(step, key=keys.get(step.key, step.key))
