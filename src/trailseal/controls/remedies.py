"""
What mends a finding: a command that can be typed as it stands, or who must do it where nobody here can.

A remedy with a command keeps it as its fact `command`, apart from the words before it.
"""

from __future__ import annotations

from trailseal.controls.estate import changed_in
from trailseal.controls.typed import one_after_another, typed
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, account_of
from trailseal.model.key import KeyState, KmsKey
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


def of_trail(remedy: Message, trail: Trail, snapshot: Snapshot) -> Message:
    """Return a remedy, or who must do it, where the trail is not changed in the account at hand."""
    return _by(changed_in(trail.arn, snapshot), remedy)


def of_key(remedy: Message, arn: str, snapshot: Snapshot) -> Message:
    """Return a remedy, or who must do it, where the key belongs to another account."""
    owner = account_of(arn)
    return _by("" if owner == snapshot.account else owner, remedy)


def of_bucket(remedy: Message, owner: str, snapshot: Snapshot) -> Message:
    """Return a remedy, or who must do it, where the bucket belongs to another account; "" is not known."""
    return _by("" if owner in {"", snapshot.account} else owner, remedy)


def _by(owner: str, remedy: Message) -> Message:
    if not owner:
        return remedy
    todo = remedy.facts.get("command", str(remedy))
    return message("account {owner} must do this there: {todo}", owner=owner, todo=todo)


def update_trail(trail: Trail, **settings: str | bool) -> str:
    """Return the command that changes a trail's settings."""
    return typed("aws cloudtrail update-trail", name=trail.arn, region=trail.home_region, **settings)


def plan(*trails: Trail, key: str = "") -> str:
    """Return the command that plans a switch of some trails; its last line says how to apply it."""
    return typed("trailseal plan", trail=tuple(trail.arn for trail in trails), key=key)


def another_key(trails: tuple[Trail, ...], snapshot: Snapshot) -> Message:
    """Return how trails get a key that serves them."""
    remedy = message("let the trail use another key: {command}", command=plan(*trails, key="create"))
    return of_trail(remedy, trails[0], snapshot)


def usable_again(key: KmsKey, trails: tuple[str, ...], snapshot: Snapshot) -> Message:
    """Return how a key gets into the state in which it can be used; `trails` are those under it."""
    if key.account == snapshot.account and key.state.can_be_brought_back:
        return message("let a plan bring it back: {command}", command=typed("trailseal plan", trail=trails))
    return of_key(_usable_again(key), key.arn, snapshot)


def _usable_again(key: KmsKey) -> Message:
    enable = typed("aws kms enable-key", key_id=key.arn, region=key.region)
    match key.state:
        case KeyState.DISABLED:
            return message("enable it: {command}", command=enable)
        case KeyState.PENDING_DELETION | KeyState.PENDING_REPLICA_DELETION:
            cancel = typed("aws kms cancel-key-deletion", key_id=key.arn, region=key.region)
            return message(
                "cancel the deletion and enable it: {command}", command=one_after_another(cancel, enable)
            )
        case KeyState.PENDING_IMPORT:
            return message(
                "whoever keeps its key material must import it again, from a FILE: "
                "trailseal key import {key} --material FILE",
                key=key.arn,
            )
        case _:
            return message("wait until KMS says Enabled, then look again")


def rotate(key: KmsKey, snapshot: Snapshot) -> Message:
    """
    Return how a key is made to rotate: a multi-Region key on its primary.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    """
    arn = key.primary_key if key.multi_region_key_type == "REPLICA" and key.primary_key else key.arn
    command = typed("aws kms enable-key-rotation", key_id=arn, region=Arn.parse(arn).region)
    return of_key(message("turn it on: {command}", command=command), arn, snapshot)


def organization_of(trail: Trail, snapshot: Snapshot) -> str:
    """Return the organization that a trail delivers for, "" for none or where it is not known."""
    told = snapshot.organization
    return told.organization_id if trail.is_organization_trail and isinstance(told, Organization) else ""


def key_to_seal_with(trails: tuple[Trail, ...], region: str, snapshot: Snapshot) -> str:
    """Return the key of one of the trails that can serve in a Region, "" where none has one."""
    for key in (snapshot.key(trail.kms_key_id) for trail in trails if trail.is_sealed):
        if isinstance(key, KmsKey) and key.is_symmetric and key.state.is_usable and key.region == region:
            return key.arn
    return ""
