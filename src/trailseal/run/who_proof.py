"""Proving that nobody outside a list can read: in which world, on what it rests, how to replay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from trailseal.access.caller import read_caller
from trailseal.access.one_request import written
from trailseal.access.prove.proof import AccessProof, ProofVerdict, WayIn, WorldAssumption, prove
from trailseal.access.readers.copies import copies_of
from trailseal.access.readers.event_copy import TrailCopies
from trailseal.access.readers.questions import RequestUnderPolicies
from trailseal.access.request import Document, Levels, NotTold, PublicAccess
from trailseal.errors import ExitCode
from trailseal.messages import Message
from trailseal.model.arn import is_arn
from trailseal.model.given import not_a_principal
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.who import Supposing, situation
from trailseal.run.who_assumptions import assumptions


class FoundReader(Struct, frozen=True, kw_only=True):
    """
    One class of readers outside the list, by one of them.

    `requests` are lines that `trailseal simulate` answers with `allowed`.
    """

    principal: str
    sealing: str
    requests: tuple[dict[str, Any], ...]


class TrailAccessProof(Struct, frozen=True, kw_only=True):
    """
    The proof for one trail.

    `readers` are all who were found outside the list, and `requests` the lines of them all.
    `outside` is the proof over the open world where only the closed one is proven.
    """

    trail: str
    only: tuple[str, ...]
    proof: AccessProof
    assumptions: tuple[Message, ...]
    readers: tuple[FoundReader, ...] = ()
    requests: tuple[dict[str, Any], ...] = ()
    outside: AccessProof | None = None
    copies: TrailCopies | None = None
    """Where the events lie beside the log files, of which the proof is; None: not looked at."""


class ProofAnswer(Struct, frozen=True, kw_only=True):
    """All trails that were asked about."""

    format: Literal[1] = 1
    trails: tuple[TrailAccessProof, ...]
    unread: tuple[Unreadable, ...] = ()
    """Trails that were asked about and could not be described: nothing is proven of them."""

    @property
    def exit_code(self) -> ExitCode:
        """0 when all are proven, 3 when one is refuted, else 4."""
        verdicts = {trail.proof.verdict for trail in self.trails}
        if ProofVerdict.REFUTED in verdicts:
            return ExitCode.FINDINGS
        return ExitCode.INCOMPLETE if self.unread or ProofVerdict.UNKNOWN in verdicts else ExitCode.CLEAN


def prove_trail(
    snapshot: Snapshot,
    trail: Trail,
    only: tuple[str, ...],
    *,
    supposing: Supposing | None = None,
    open_world: bool = False,
) -> TrailAccessProof:
    """
    Return the proof: in the open world first, then, unless only that will do, over the inventory.

    Raises:
        UsageProblem: `only` holds something that is neither an ARN nor a service.
    """
    for reader in only:
        try:
            read_caller(reader)
        except ValueError:
            raise not_a_principal(reader) from None
    target, estate = situation(snapshot, trail, supposing or Supposing())
    listed = frozenset(only)
    now = snapshot.taken_at.timestamp()
    found = prove(estate, target, listed, world=WorldAssumption.OPEN, now=now)
    outside = None
    account = target.key_account or target.bucket_account
    if found.verdict is not ProofVerdict.PROVEN and not open_world and account in estate.by_account:
        closed = prove(estate, target, listed, world=WorldAssumption.CLOSED, now=now)
        found, outside = closed, found if closed.verdict is ProofVerdict.PROVEN else None
    readers = tuple(_found(way, number) for number, way in enumerate(found.ways, 1))
    return TrailAccessProof(
        trail=trail.arn,
        only=only,
        proof=found,
        assumptions=tuple(assumptions(found, target, estate, snapshot.bucket(target.bucket), listed)),
        readers=readers,
        requests=tuple(line for reader in readers for line in reader.requests),
        outside=outside,
        copies=copies_of(snapshot, trail, target, estate),
    )


def _found(way: WayIn, number: int) -> FoundReader:
    lines = (replay(asked, f"way-in-{number}-{n}") for n, asked in enumerate(way.requests, 1))
    return FoundReader(principal=way.principal, sealing=way.sealing, requests=tuple(lines))


def replay(asked: RequestUnderPolicies, name: str) -> dict[str, Any]:
    """Return the line for `trailseal simulate` that asks the same question, with everything given."""
    request, policies = asked.request, asked.policies
    principal: object = request.principal
    if not is_arn(request.principal) and request.principal != "anonymous":
        principal = {"service": request.principal}
    parts: dict[str, Any] = {
        "identity": _documents(policies.identity),
        "boundary": _documents(policies.boundary),
        "session": _sessions(policies.session),
        "scp": _levels(policies.scp),
        "rcp": _levels(policies.rcp),
        "resource": _document(policies.resource),
        "resource_shared": _document(policies.resource_shared),
        "grants": list(policies.grants) if policies.grants else None,
        "public_access_block": _block(policies.public_access_block),
    }
    return {
        "id": name,
        "request": {
            "principal": principal,
            "action": request.action,
            "resource": written(request.resource),
            "resource_account": request.resource_account,
            **({"maker": request.maker} if request.maker else {}),
            "context": {
                key: list(values)
                for key, values in request.context.items()
                if isinstance(values, tuple) and values
            },
        },
        "policies": {part: value for part, value in parts.items() if value is not None},
        "unknown_context": "absent",
    }


def _block(given: PublicAccess | None) -> dict[str, bool] | None:
    """A way in passed with a setting that was not read, so it passes with the strictest too."""
    return {"RestrictPublicBuckets": given.restrict_public_buckets is not False} if given else None


def _documents(documents: tuple[Document, ...] | None) -> list[Any] | None:
    return None if documents is None else [_document(document) for document in documents]


def _sessions(given: Document | tuple[Document, ...] | None) -> Any:
    return _documents(given) if isinstance(given, tuple) else _document(given)


def _levels(levels: Levels | None) -> list[Any] | None:
    """A way in passed beside a level of which nothing is told, which so does not bind whoever takes it."""
    if levels is None:
        return None
    return [_documents(level) for level in levels if not isinstance(level, NotTold)]


def _document(document: Document | None) -> Any:
    if document is None or isinstance(document, Mapping):
        return document
    return json.loads(document)
