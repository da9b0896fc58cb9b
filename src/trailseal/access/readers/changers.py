"""
Who could change the answer: rewrite the key or bucket policy, hand out a grant, send log files elsewhere,
write IAM policies, take away what denies, or run something as a role that reads.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from trailseal.access.caller import ANYBODY
from trailseal.access.decision import Decision, Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.readers.bypasses import access_point_keys
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.crowd import Crowds, is_crowd
from trailseal.access.readers.effects import Ask, effect_for
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.iam_writes import IamWrites, by_identity
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.naming import BOUNDARY, UndecidedPolicy, undecided_statements
from trailseal.access.readers.questions import on_bucket, on_key
from trailseal.access.readers.reading import governing_documents
from trailseal.access.readers.subject import Knowledge, Subject
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.sureness import Sureness, WayToRead, sureness_of
from trailseal.access.readers.walls import Walls, services_of, walls_of
from trailseal.access.readers.writes import (
    ACCESS_POINT,
    ASSUME_ROOT,
    CREATE_GRANT,
    DELETE_BUCKET_POLICY,
    MULTI_REGION,
    ORGANIZATION,
    PUT_BUCKET_POLICY,
    PUT_KEY_POLICY,
    REPLICATE,
    REPLICATION,
    UNLOCK,
    UPDATE_TRAIL,
    asked_actions,
)
from trailseal.model.arn import Arn

Question = Callable[[Estate, LogObject, Subject, str], Decision]


class Changer(Struct, frozen=True, kw_only=True):
    """A principal with its ways, in the order key, bucket, trail, IAM, organization."""

    principal: str
    kind: SubjectKind
    account: str
    ways: tuple[WayToRead, ...]
    undecided: tuple[UndecidedPolicy, ...] = ()
    """Policies that leave some of the ways open because they were not decided."""


def find_changers(
    estate: Estate,
    target: LogObject,
    subjects: tuple[Subject, ...],
    readers: frozenset[str],
) -> tuple[Changer, ...]:
    """Return everybody with at least one way, in the order of `subjects`. Services are left out."""
    asked = tuple(s for s in subjects if s.has_policies and s.knowledge is not Knowledge.MISSING)
    roles = {arn: found for arn in sorted(readers) if (found := services_of(estate, arn))}
    services = tuple(dict.fromkeys(service for found in roles.values() for service in found))
    actions = asked_actions(services)
    ways = _Ways(estate, target, roles, frozenset(s.arn for s in subjects), actions)
    kinds = Kinds(estate, actions, governing_documents(estate))
    answers = answer_by_kind(asked, kinds, ways.answer)
    return tuple(
        Changer(principal=subject.arn, kind=subject.kind, account=subject.account, ways=found, undecided=left)
        for subject, (found, left) in zip(asked, answers, strict=True)
        if found
    )


class _Ways:
    """Asks one subject after the other, only for what can matter in this estate."""

    def __init__(
        self,
        estate: Estate,
        target: LogObject,
        roles: dict[str, tuple[str, ...]],
        own: frozenset[str],
        actions: tuple[str, ...],
    ) -> None:
        self._estate = estate
        self._target = target
        self._walls: Walls = walls_of(estate)
        self._iam = IamWrites(estate, target.partition, self._walls, roles)
        self._delegates = bool(access_point_keys(estate))
        documents = (*governing_documents(estate), *estate.guardrails)
        self._crowds = Crowds(estate=estate, target=target, documents=documents, actions=actions, own=own)

    def answer(self, subject: Subject) -> tuple[tuple[WayToRead, ...], tuple[UndecidedPolicy, ...]]:
        """Return the ways of one subject, and the policies that leave some of them open."""
        found = tuple(self._of(subject))
        if all(way.sureness is Sureness.OPEN for way in found):
            return found, ()
        return found, tuple(self._undecided(subject))

    def _undecided(self, subject: Subject) -> Iterator[UndecidedPolicy]:
        owner = {"account": subject.account}
        for document, name in zip(subject.documents, subject.names, strict=False):
            yield from undecided_statements(document, PolicyKind.IDENTITY, policy=name, **owner)
        if subject.boundary is not None:
            name = subject.boundary_name or BOUNDARY
            yield from undecided_statements(subject.boundary, PolicyKind.BOUNDARY, policy=name, **owner)
        inventory = self._estate.bound(subject.account)
        for level in inventory.service_control_policies if inventory else ():
            for each in level:
                yield from undecided_statements(each.document, PolicyKind.SCP, policy=each.name, **owner)

    def _of(self, subject: Subject) -> Iterator[WayToRead]:
        yield from self._on_resources(subject)
        if subject.account and subject.account == Arn.parse(self._target.trail).account:
            yield from self._way(subject, UPDATE_TRAIL, self._asks(_on_trail, UPDATE_TRAIL))
        if subject.knowledge is Knowledge.READ and not is_crowd(subject):
            for action, sureness in self._iam.of(subject):
                yield WayToRead(action=action, sureness=sureness)
            if subject.account == self._estate.management:
                yield from self._from_above(subject)

    def _on_resources(self, subject: Subject) -> Iterator[WayToRead]:
        for action in self._key_actions(subject):
            yield from self._way(subject, action, self._asks(on_key, action))
        for action in self._bucket_actions(subject):
            yield from self._way(subject, action, self._asks(on_bucket, action))
        if self._delegates and subject.account:
            for action in ACCESS_POINT:
                yield from self._way(subject, action, self._asks(_on_access_point, action))

    def _asks(self, question: Question, action: str) -> Ask:
        return lambda subject: question(self._estate, self._target, subject, action)

    def _key_actions(self, subject: Subject) -> Iterator[str]:
        """A policy and a replica of a key are for its own account alone; a grant may come from anywhere."""
        if self._target.sealing is Sealing.SSE_S3:
            return
        own = subject.account == self._target.key_account
        if own:
            yield PUT_KEY_POLICY
        yield CREATE_GRANT
        if own and self._target.kms_key.partition("/")[2].startswith(MULTI_REGION):
            yield REPLICATE

    def _bucket_actions(self, subject: Subject) -> Iterator[str]:
        """The bucket's policy is for the owner's account alone, whatever the policy says of others."""
        if subject.account == self._target.bucket_account:
            yield PUT_BUCKET_POLICY
            if self._walls.bucket:
                yield DELETE_BUCKET_POLICY
        yield REPLICATION

    def _from_above(self, subject: Subject) -> Iterator[WayToRead]:
        """Yield what the organization's management account may do to policies over and on the bucket."""
        estate, target = self._estate, self._target
        stands = {
            "service_control_policy": self._walls.service_control,
            "resource_control_policy": self._walls.resource_control,
        }
        head = f"arn:{target.partition}:organizations::{subject.account}:policy/{estate.organization}"
        for action in ORGANIZATION:
            decisions = [
                by_identity(estate, subject, action, f"{head}/{kind}/p-{ANYBODY}")
                for kind, there in stands.items()
                if there
            ]
            yield from _ways(action, (d.effect for d in decisions))
        member = target.bucket_account
        if self._walls.bucket and member != subject.account and subject.kind is not SubjectKind.ROOT:
            root, task = (
                f"arn:{target.partition}:iam::{member}:root",
                f"arn:{target.partition}:iam::aws:policy",
            )
            given = {"sts:TaskPolicyArn": (f"{task}/{UNLOCK}",)}
            yield from _ways(ASSUME_ROOT, (by_identity(estate, subject, ASSUME_ROOT, root, given).effect,))

    def _way(self, subject: Subject, action: str, ask: Ask) -> Iterator[WayToRead]:
        yield from _ways(action, (effect_for(self._crowds, subject, ask),))


def _on_trail(estate: Estate, target: LogObject, subject: Subject, action: str) -> Decision:
    return by_identity(estate, subject, action, target.trail)


def _on_access_point(estate: Estate, target: LogObject, subject: Subject, action: str) -> Decision:
    where = f"arn:{target.partition}:s3:{target.region}:{subject.account}:accesspoint/{ANYBODY}"
    return by_identity(estate, subject, action, where)


def _ways(action: str, effects: Iterator[Effect] | tuple[Effect, ...]) -> Iterator[WayToRead]:
    if found := sureness_of(effects):
        yield WayToRead(action=action, sureness=found)
