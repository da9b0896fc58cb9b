"""One question about readers, asked of one snapshot: who reads, or a proof."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from trailseal.access.parse.document import read_policy
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.key import KeyPolicies
from trailseal.model.log_file import StoredObject
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.codec import belongs
from trailseal.plan.plan import Plan
from trailseal.run.who import (
    Supposing,
    WhoAnswer,
    answer,
    answer_plan,
    choose_trails,
    supposing_plan,
    unread_trails,
)
from trailseal.run.who_proof import ProofAnswer, prove_trail


class Question(Struct, frozen=True, kw_only=True):
    """What the user asked; None and empty leave it open."""

    trail: str | None = None
    key: str | None = None
    principal: str | None = None
    plan: Plan | None = None
    policy: str | None = None
    """The text of a key policy to suppose."""
    only: tuple[str, ...] = ()
    open_world: bool = False


class ObjectReader(Protocol):
    """Looks at one object."""

    def stored(self, bucket: str, key: str, *, region: str) -> StoredObject | Unreadable:
        """Return what HeadObject shows, without asking for the checksum, which would need the key."""
        ...


class SavedObjects:
    """The objects that a snapshot happens to hold."""

    def __init__(self, snapshot: Snapshot) -> None:
        found = [part for d in snapshot.deliveries for part in (d.log_file, d.digest_file)]
        self._objects = {(o.bucket, o.key): o for o in found if isinstance(o, StoredObject)}

    def stored(self, bucket: str, key: str, *, region: str) -> StoredObject | Unreadable:
        """Return the object, or that the snapshot does not hold it."""
        del region
        gone = Unreadable(call="s3:GetObject", code="NotInSnapshot", where=f"{bucket}/{key}")
        return self._objects.get((bucket, key), gone)


def readers(snapshot: Snapshot, asked: Question, objects: ObjectReader) -> WhoAnswer:
    """
    Return who can read, for each trail in question.

    Raises:
        UsageProblem: there is no such trail, principal or object, the policy is none, or the plan is
            for another account.
    """
    _fits(snapshot, asked)
    found = []
    for trail in choose_trails(snapshot, asked.trail):
        if asked.plan is not None:
            found.append(answer_plan(snapshot, trail, asked.plan, only=asked.principal))
            continue
        stored = _stored(trail, asked, objects)
        supposed = supposing(snapshot, trail, asked)
        found.append(answer(snapshot, trail, supposing=supposed, stored=stored, only=asked.principal))
    return WhoAnswer(trails=tuple(found), unread=unread_trails(snapshot, asked.trail))


def proof(snapshot: Snapshot, asked: Question) -> ProofAnswer:
    """
    Return the proof for each trail in question.

    Raises:
        UsageProblem: there is no such trail, a reader is no principal, or the policy is none.
    """
    _fits(snapshot, asked)
    return ProofAnswer(
        trails=tuple(
            prove_trail(
                snapshot,
                trail,
                asked.only,
                supposing=supposing(snapshot, trail, asked),
                open_world=asked.open_world,
            )
            for trail in choose_trails(snapshot, asked.trail)
        ),
        unread=unread_trails(snapshot, asked.trail),
    )


def _fits(snapshot: Snapshot, asked: Question) -> None:
    if asked.plan is not None:
        belongs(asked.plan, account=snapshot.account, name="--plan")


def supposing(snapshot: Snapshot, trail: Trail, asked: Question) -> Supposing:
    """
    Return the state to decide on: the plan's, a given policy's, or what stands.

    Raises:
        UsageProblem: the given policy is none that AWS would take.
    """
    if asked.plan is not None:
        return supposing_plan(snapshot, trail, asked.plan)
    if asked.policy is None:
        return Supposing()
    _is_policy(asked.policy)
    return Supposing(key_policies=KeyPolicies(default=asked.policy))


def _is_policy(text: str) -> None:
    try:
        read_policy(text, PolicyKind.KEY)
    except InvalidPolicyError as problem:
        place = problem.place or "document"
        raise UsageProblem(
            message("AWS would not take the policy of --as-of-policy, because of `{place}`", place=place),
            problem.what,
        ) from None


def _stored(trail: Trail, asked: Question, objects: ObjectReader) -> StoredObject | None:
    if asked.key is None:
        return None
    found = objects.stored(trail.s3_bucket_name, asked.key, region=trail.home_region)
    if isinstance(found, Unreadable):
        raise UsageProblem(
            message("`{key}` cannot be looked at: {code}", key=asked.key, code=found.code),
            message("give the key of an object in {bucket}", bucket=trail.s3_bucket_name),
        )
    return found
