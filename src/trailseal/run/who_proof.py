"""Proving that nobody outside a list can read: in which world, on what it rests, how to replay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from trailseal.access.prove.proof import Proof, Verdict, World, prove
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.questions import Asked
from trailseal.access.request import Document, PublicAccess
from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.model.arn import is_arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.who import Supposing, situation


class TrailProof(Struct, frozen=True, kw_only=True):
    """
    The proof for one trail.

    `requests` are the lines that `trailseal simulate` answers with `allowed`, when it is refuted.
    `outside` is the proof over the open world where only the closed one is proven.
    """

    trail: str
    only: tuple[str, ...]
    proof: Proof
    assumptions: tuple[Message, ...]
    requests: tuple[dict[str, Any], ...] = ()
    outside: Proof | None = None


class ProofAnswer(Struct, frozen=True, kw_only=True):
    """All trails that were asked about."""

    format: Literal[1] = 1
    trails: tuple[TrailProof, ...]
    unread: tuple[Unreadable, ...] = ()
    """Trails that were asked about and could not be described: nothing is proven of them."""

    @property
    def exit_code(self) -> int:
        """0 when all are proven, 3 when one is refuted, else 4."""
        verdicts = {trail.proof.verdict for trail in self.trails}
        if Verdict.REFUTED in verdicts:
            return 3
        return 4 if self.unread or Verdict.UNKNOWN in verdicts else 0


def prove_trail(
    snapshot: Snapshot,
    trail: Trail,
    only: tuple[str, ...],
    *,
    supposing: Supposing | None = None,
    open_world: bool = False,
) -> TrailProof:
    """
    Return the proof: in the open world first, then, unless only that will do, over the inventory.

    Raises:
        UsageProblem: `only` holds something that is neither an ARN nor a service.
    """
    for reader in only:
        if not is_arn(reader) and not reader.endswith(".amazonaws.com"):
            raise UsageProblem(message("`{reader}` is not a principal's ARN", reader=reader))
    target, estate = situation(snapshot, trail, supposing or Supposing())
    listed = frozenset(only)
    now = snapshot.taken_at.timestamp()
    found = prove(estate, target, listed, world=World.OPEN, now=now)
    outside = None
    account = target.key_account or target.bucket_account
    if found.verdict is not Verdict.PROVEN and not open_world and account in estate.by_account:
        closed = prove(estate, target, listed, world=World.CLOSED, now=now)
        found, outside = closed, found if closed.verdict is Verdict.PROVEN else None
    return TrailProof(
        trail=trail.arn,
        only=only,
        proof=found,
        assumptions=(*_assumptions(found, target, estate), *_about_acls(snapshot.bucket(target.bucket))),
        requests=tuple(replay(asked, f"way-in-{n}") for n, asked in enumerate(found.way_in, 1)),
        outside=outside,
    )


def _assumptions(proof: Proof, target: LogObject, estate: Estate) -> Iterator[Message]:
    if proof.world is World.CLOSED:
        yield message(
            "closed inventory: the account has no principal, and no IAM policy, but those that were read"
        )
    else:
        yield message("open world: any principal may exist in any account, with any IAM policy")
    yield message("accounts whose IAM was not read are taken at their worst: they allow everything")
    if target.sealing is not Sealing.SSE_S3:
        yield message("grants are complete: those that ListGrants shows")
        yield message("log files lie under this key: those delivered before it was set are not covered")
    yield message("the policies stay as they are: who could change them is told by `trailseal who`")
    if estate.bucket_policy:
        yield message("access points and S3 Access Grants on the bucket are not looked at")


def _about_acls(bucket: Bucket | UnreadBucket | None) -> Iterator[Message]:
    if not isinstance(bucket, Bucket) or bucket.has_acls is not False:
        yield message("the ACLs of objects let nobody else fetch: they are not looked at")


def replay(asked: Asked, name: str) -> dict[str, Any]:
    """Return the line for `trailseal simulate` that asks the same question, with everything given."""
    request, policies = asked.request, asked.policies
    principal: object = request.principal
    if not is_arn(request.principal) and request.principal != "anonymous":
        principal = {"service": request.principal}
    parts: dict[str, Any] = {
        "identity": _documents(policies.identity),
        "boundary": _documents(policies.boundary),
        "scp": _levels(policies.scp),
        "rcp": _levels(policies.rcp),
        "resource": _document(policies.resource),
        "grants": list(policies.grants) if policies.grants else None,
        "public_access_block": _block(policies.public_access_block),
    }
    return {
        "id": name,
        "request": {
            "principal": principal,
            "action": request.action,
            "resource": request.resource,
            "resource_account": request.resource_account,
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


def _levels(levels: tuple[tuple[Document, ...], ...] | None) -> list[Any] | None:
    return None if levels is None else [_documents(level) for level in levels]


def _document(document: Document | None) -> Any:
    if document is None or isinstance(document, Mapping):
        return document
    return json.loads(document)
