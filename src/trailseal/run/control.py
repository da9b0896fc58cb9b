"""The port for changing an account: each read that a step is compared with, and each call that a step is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from trailseal.errors import TrailsealError
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.plan.facts import Facts
from trailseal.plan.step import CreateKey, ReplicateKey


class NotYet(TrailsealError):
    """
    AWS refused in a way that may pass by itself: an earlier change has not spread everywhere yet.

    KMS and CloudTrail are eventually consistent; AWS gives no bound, so retries end after a while.
    """


class UnknownPrincipal(NotYet):
    """
    KMS refused a policy because it names somebody whom it does not see.

    That passes by itself only for somebody who is new: whom a policy names that KMS holds is gone for good.
    """


class Doubtful(TrailsealError):
    """
    A call ended so that nobody knows whether AWS has acted: cut off, timed out, failed within AWS.

    Of calls that must not be made twice. The others are simply made again, below this port, but for those
    to which an answer came that is none of AWS's.
    """


class KeyReader(Protocol):
    """Describes one key."""

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        """Return the key of an ARN, ID or alias in `region`; `NotFoundException` when there is none."""
        ...


class ControlPlane(KeyReader, Protocol):
    """
    The calls of an apply, an undo and the key verbs.

    Every method raises a `TrailsealError` when AWS refuses or does not answer, and `NotYet` where the
    refusal may pass by itself. Reads return "" for what is not there. The calls that make something, which
    are sent once and never repeated here, raise `Doubtful` where AWS may have acted.
    """

    def account(self) -> str:
        """Return the account that the credentials belong to."""
        ...

    def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
        """Return the trail's settings and whether it is logging, as its home Region tells them."""
        ...

    def bucket_facts(self, name: str) -> Facts:
        """Return where the bucket lies, whose it is, its policy and its default encryption."""
        ...

    def tagged_keys(self, tag: str, region: str) -> tuple[KmsKey | UnreadKey, ...]:
        """Return every key of the Region that carries the plan's tag with this value; none for ""."""
        ...

    def key_state(self, key_arn: str) -> str:
        """Return the key's state, in AWS's word."""
        ...

    def alias_target(self, alias: str, region: str) -> str:
        """Return the ARN of the key that the alias names."""
        ...

    def create_key(self, step: CreateKey, tag: str) -> str:
        """Make the key, with the plan's tag, and return its ARN."""
        ...

    def replicate_key(self, step: ReplicateKey, tag: str) -> str:
        """Make the replica, with the plan's tag, and return its ARN."""
        ...

    def put_key_policy(self, key_arn: str, policy: str) -> None:
        """Put the default policy, with AWS's lockout check left on."""
        ...

    def create_alias(self, alias: str, key_arn: str) -> None:
        """Give the key a name."""
        ...

    def delete_alias(self, alias: str, region: str) -> None:
        """Take the name away; the key stays."""
        ...

    def import_material(self, key_arn: str, material: bytes, valid_to: datetime | None) -> None:
        """Put key material, wrapped on this machine, into a key that waits for it."""
        ...

    def set_rotation(self, key_arn: str, days: int) -> None:
        """Rotate every so many days, or not at all for 0."""
        ...

    def cancel_key_deletion(self, key_arn: str) -> None:
        """Keep a key that KMS would delete; it is disabled then."""
        ...

    def enable_key(self, key_arn: str) -> None:
        """Make a disabled key usable again."""
        ...

    def update_trail(self, trail_arn: str, home_region: str, key_arn: str) -> datetime:
        """Point the trail at the key ("" is SSE-S3), nothing else, and return AWS's time of doing so."""
        ...
