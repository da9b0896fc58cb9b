"""The key verbs: look at a key, rotate it, put the user's own material into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace

from trailseal.errors import ExitCode, Incomplete, TrailsealError, UsageProblem
from trailseal.messages import Message, message
from trailseal.model.key import KeyLastUse, KeyMaterial, KeyState, KmsKey, Rotation
from trailseal.model.moment import in_utc
from trailseal.model.unreadable import Unreadable
from trailseal.plan.intent import LONGEST_ROTATION, SHORTEST_ROTATION
from trailseal.plan.key_kinds import (
    EXTERNAL,
    WAITING,
    WAITING_FOR_REPLICAS,
    into_replicas,
    not_rotating,
    not_taking_material,
    not_yet_rotating,
)
from trailseal.run.control import Doubtful, NotYet
from trailseal.run.course import PATIENCE, SETTLE, pauses
from trailseal.run.key_sense import sense_of
from trailseal.run.ports import Clock

SOON = timedelta(days=60)
ROTATING = message(
    "A rotation cannot be undone, AWS allows 25 on demand in a key's life, and the first two of a key add to "
    "its price each month. Rotate it now?"
)
"""
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html and
https://aws.amazon.com/kms/pricing/
"""
LONGEST_VALIDITY = timedelta(days=365)
"""Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html."""


class KeyService(Protocol):
    """Reads and changes one key."""

    def read(self, reference: str) -> KmsKey:
        """Return the key of an ARN, ID or alias, with its past rotations."""
        ...

    def rotate_every(self, key_arn: str, days: int) -> None:
        """Rotate the key every so many days."""
        ...

    def rotate_now(self, key_arn: str) -> None:
        """
        Rotate the key on demand; the call is sent once.

        Raises:
            Doubtful: KMS may have done it.
            NotYet: it has not, and may when it is asked again.
        """
        ...

    def rotated_on_demand(self, key_arn: str) -> int | Unreadable:
        """Return how often the key was rotated on demand, one that is under way counted in."""
        ...

    def import_material(
        self, key_arn: str, material: bytes, *, valid_to: datetime | None, algorithm: str, new: bool
    ) -> None:
        """Put key material, wrapped on this machine, into the key; new material waits for a rotation."""
        ...

    def materials(self, key_arn: str) -> tuple[KeyMaterial, ...] | Unreadable:
        """Return every material of the key, those that wait for a rotation too."""
        ...

    def last_use(self, key_arn: str) -> KeyLastUse | Unreadable | None:
        """Return what the key was last used for; None where it cannot be asked."""
        ...


class KeyShown(Struct, frozen=True, kw_only=True):
    """A key as it stands, and what to watch out for."""

    format: Literal[1] = 1
    key: KmsKey
    warnings: tuple[Message, ...] = ()
    materials: tuple[KeyMaterial, ...] | Unreadable = ()
    """Of a key with imported material, those that wait for a rotation too."""
    last_use: KeyLastUse | Unreadable | None = None
    """None of another account's key, and where botocore does not know how to ask."""
    policy_sense: tuple[Message, ...] = ()
    """What the key policy means, in few words."""
    done: tuple[Message, ...] = ()
    """What was changed before this was read."""

    @property
    def exit_code(self) -> ExitCode:
        """4 when anything of the key could not be read, else 0."""
        key, rotation = self.key, self.key.rotation
        past = rotation.past if isinstance(rotation, Rotation) else ()
        user = self.last_use.user if isinstance(self.last_use, KeyLastUse) else ""
        facts = (
            *(key.aliases, key.policies, key.grants, key.tags, rotation, past),
            *(self.materials, self.last_use, user),
        )
        unread = any(isinstance(fact, Unreadable) for fact in facts)
        return ExitCode.INCOMPLETE if unread else ExitCode.CLEAN


def show(reference: str, service: KeyService, clock: Clock) -> KeyShown:
    """
    Return the key and its warnings.

    Raises:
        UsageProblem: there is no such key.
    """
    key = service.read(reference)
    materials = service.materials(key.arn) if key.origin == EXTERNAL else ()
    return KeyShown(
        key=key,
        warnings=(*_warnings(key, clock.now()), *_waiting(key, materials)),
        materials=materials,
        last_use=service.last_use(key.arn),
        policy_sense=sense_of(key),
    )


def _waiting(key: KmsKey, materials: tuple[KeyMaterial, ...] | Unreadable) -> Iterator[Message]:
    """Yield what comes next for material that waits: the replicas first, then the rotation."""
    states = {each.state for each in materials} if isinstance(materials, tuple) else set()
    if WAITING_FOR_REPLICAS in states:
        yield into_replicas(key)
    if WAITING in states:
        primary = key.primary_key or key.arn
        yield message("new material waits for its rotation: trailseal key rotate {key} --now", key=primary)


def _warnings(key: KmsKey, now: datetime) -> tuple[Message, ...]:
    found: list[Message] = []
    if not key.state.is_usable:
        found.append(
            message(
                "a trail with this key cannot deliver, and nobody can read, while it is {state}",
                state=key.state,
            )
        )
    if key.valid_to and key.valid_to - now <= SOON:
        found.append(
            message(
                "the key material expires at {when}: import the same material again before that",
                when=in_utc(key.valid_to),
            )
        )
    if isinstance(key.rotation, Rotation) and not key.rotation.enabled and key.key_manager == "CUSTOMER":
        found.append(message("the key does not rotate: Security Hub's KMS.4 asks for it"))
    return tuple(found)


def refuse_without_a_way(*, days: int | None, now: bool) -> None:
    """
    Return where it is said how to rotate.

    Raises:
        UsageProblem: nothing was asked for, or the period is out of AWS's bounds.
    """
    if days is None and not now:
        raise UsageProblem(message("say how to rotate"), message("--now for once, --every DAYS from now on"))
    if days is not None and not SHORTEST_ROTATION <= days <= LONGEST_ROTATION:
        raise UsageProblem(message("a key rotates every 90 to 2560 days, not every {days}", days=days))


def rotate(
    reference: str,
    service: KeyService,
    clock: Clock,
    *,
    days: int | None,
    now: bool,
    settle: timedelta = SETTLE,
) -> KeyShown:
    """
    Rotate the key on demand, or every so many days, or both, and return it as it stands then.

    `settle` is how long KMS is given to show a rotation whose answer was lost, before it is asked again.

    Raises:
        UsageProblem: nothing was asked for, or the period is out of AWS's bounds.
        Incomplete: the answer was lost, and whether the key was rotated cannot be read.
        TrailsealError: the key cannot rotate that way; where something was done before, its hint says what.
    """
    refuse_without_a_way(days=days, now=now)
    key = service.read(reference)
    if refused := not_rotating(key, by_itself=days is not None) or _waits(key, service, now=now):
        raise refused
    done: Message | None = None
    try:
        if days is not None:
            service.rotate_every(key.arn, days)
            done = message(
                "{key} rotates every {days} days from now on: trailseal key show {key}",
                key=key.arn,
                days=days,
            )
        if now:
            _rotate_once(key.arn, service, clock, settle)
            done = _rotated(key.arn, days)
        return replace(show(key.arn, service, clock), done=tuple(_done(days, now=now)))
    except TrailsealError as problem:
        if done is None:
            raise
        raise type(problem)(problem.what, done) from problem


def _done(days: int | None, *, now: bool) -> Iterator[Message]:
    """Yield what was done, for whoever sees the key after it."""
    if now:
        yield message("Rotated on demand: what was encrypted before is decrypted as ever.")
    if days is not None:
        yield message("It rotates every {days} days from now on.", days=days)


def _rotated(key_arn: str, days: int | None) -> Message:
    """Return what was done, for whoever reads of an error after it."""
    if days is None:
        return message("{key} was rotated: trailseal key show {key}", key=key_arn)
    return message(
        "{key} was rotated, and rotates every {days} days from now on: trailseal key show {key}",
        key=key_arn,
        days=days,
    )


def _waits(key: KmsKey, service: KeyService, *, now: bool) -> TrailsealError | None:
    """Return why there is nothing to rotate to; where that may not be read, KMS is left to say it."""
    if not now or key.origin != EXTERNAL:
        return None
    materials = service.materials(key.arn)
    return not_yet_rotating(key, materials) if isinstance(materials, tuple) else None


def _rotate_once(key_arn: str, service: KeyService, clock: Clock, settle: timedelta) -> None:
    """Rotate on demand once: 25 are all that a key has, so no call is repeated that KMS may have done."""
    before = service.rotated_on_demand(key_arn)
    waits = pauses(PATIENCE)
    for doubts_left in (1, 0):
        try:
            _until_taken(key_arn, service, clock, waits)
        except Doubtful:
            if _shows(key_arn, before, service, clock, settle):
                return
            if not doubts_left:
                raise
        else:
            return


def _until_taken(key_arn: str, service: KeyService, clock: Clock, waits: Iterator[float]) -> None:
    while True:
        try:
            return service.rotate_now(key_arn)
        except NotYet:
            pause = next(waits, None)
            if pause is None:
                raise
            clock.sleep(pause)


def _shows(
    key_arn: str, before: int | Unreadable, service: KeyService, clock: Clock, settle: timedelta
) -> bool:
    """
    Whether KMS shows a rotation more than before, within its time to show it.

    Raises:
        Incomplete: it does not let us look.
    """
    for pause in (*pauses(settle), 0.0):
        after = service.rotated_on_demand(key_arn)
        for count in (before, after):
            if isinstance(count, Unreadable):
                raise _not_known(key_arn, count)
        if after > before:  # type: ignore[operator]
            return True
        clock.sleep(pause)
    return False


def _not_known(key_arn: str, reason: Unreadable) -> Incomplete:
    return Incomplete(
        message(
            "whether {key} was rotated is not known: the answer was lost, and {call} says {code}",
            key=key_arn,
            call=reason.call,
            code=reason.code,
        ),
        message("look with trailseal key show {key} before it is rotated again", key=key_arn),
    )


def bring_material(
    reference: str,
    material: bytes,
    service: KeyService,
    clock: Clock,
    *,
    valid_to: datetime | None,
    algorithm: str,
    new: bool = False,
) -> KeyShown:
    """
    Import the user's own key material and return the key as it stands then.

    `new` material waits in the key: of a multi-Region one the same is imported into every replica, as it is
    and not as new, and then the primary is rotated on demand.

    Raises:
        UsageProblem: the key takes no material, or the time of expiry cannot be.
        TrailsealError: KMS refuses.
    """
    key = service.read(reference)
    if refused := not_taking_material(key, new=new):
        raise refused
    if key.state not in {KeyState.PENDING_IMPORT, KeyState.ENABLED, KeyState.DISABLED}:
        raise TrailsealError(
            message("{key} is {state}, which takes no material", key=key.arn, state=key.state)
        )
    if valid_to and not clock.now() < valid_to <= clock.now() + LONGEST_VALIDITY:
        raise UsageProblem(
            message("material can expire within the next 365 days, not at {when}", when=in_utc(valid_to))
        )
    service.import_material(key.arn, material, valid_to=valid_to, algorithm=algorithm, new=new)
    done = message("The key material is imported. Keep it: KMS never gives it out again.")
    return replace(show(key.arn, service, clock), done=(done,))
