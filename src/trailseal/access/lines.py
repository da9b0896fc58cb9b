"""
`simulate`'s JSON lines: one request with its policies in, one decision out.

A document is kept as the text that stood in the line, so that policies which come again are read once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.evaluate import authorize
from trailseal.access.request import Document, Policies, PublicAccess, Request
from trailseal.messages import Words

KEPT = 4096
SENTENCES = frozenset({Effect.UNKNOWN, Effect.INVALID})
Scalar = str | bool | int | float


class ServicePrincipal(Struct, frozen=True, forbid_unknown_fields=True):
    """A caller that is an AWS service: `{"service": "cloudtrail.amazonaws.com"}`."""

    service: str


class AskedRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The request of a line; a context value may be one value or a list of them."""

    principal: str | ServicePrincipal
    action: str
    resource: str
    resource_account: str = ""
    context: dict[str, Scalar | list[Scalar]] = {}


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of input."""

    request: AskedRequest
    id: Raw = Raw(b"null")
    policies: Raw = Raw(b"{}")
    derive: bool = True
    unknown_context: Literal["absent", "unknown"] = "unknown"


class GivenBlock(Struct, frozen=True, forbid_unknown_fields=True, rename="pascal"):
    """As S3's GetPublicAccessBlock has it. Only RestrictPublicBuckets bears on a request."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


class GivenPolicies(Struct, frozen=True, forbid_unknown_fields=True):
    """The policies of a line. A document is an object, or a text that holds one."""

    identity: list[Raw] | None = None
    boundary: list[Raw] | None = None
    session: Raw = Raw(b"null")
    scp: list[list[Raw]] | None = None
    rcp: list[list[Raw]] | None = None
    resource: Raw = Raw(b"null")
    resource_shared: Raw = Raw(b"null")
    vpc_endpoint: list[Raw] | None = None
    grants: list[dict[str, object]] | None = None
    public_access_block: GivenBlock | None = None


class Answer(Struct, frozen=True):
    """One line of output."""

    id: Raw
    effect: Effect
    reasons: tuple[Reason, ...]
    conditions: tuple[Words, ...]


class _Identified(Struct):
    id: Raw = Raw(b"null")


_LINE = msgspec.json.Decoder(Line)
_POLICIES = msgspec.json.Decoder(GivenPolicies)
_IDENTIFIED = msgspec.json.Decoder(_Identified)
_ENCODER = msgspec.json.Encoder()
_NOT_READABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def answer_line(raw: bytes) -> bytes:
    """Return the answer to one line, without a line end. A line that cannot be read is `invalid`."""
    try:
        line = _LINE.decode(raw)
        policies = _policies(bytes(line.policies))
    except _NOT_READABLE as problem:
        return _refused(raw, str(problem))
    asked = line.request
    request = Request(
        principal=asked.principal if isinstance(asked.principal, str) else asked.principal.service,
        action=asked.action,
        resource=asked.resource,
        resource_account=asked.resource_account,
        context={
            key: (value,) if type(value) is str else _values(value) for key, value in asked.context.items()
        },
    )
    decision = authorize(request, policies, derive=line.derive, unknown_context=line.unknown_context)
    return _written(line.id, decision)


def _written(identity: Raw, decision: Decision) -> bytes:
    """What a machine reads is English. Only these two effects come with sentences of ours."""
    if decision.effect in SENTENCES:
        reasons = tuple([replace(r, detail=str(r.detail)) for r in decision.reasons])
        conditions = tuple(map(str, decision.conditions))
        return _ENCODER.encode(Answer(identity, decision.effect, reasons, conditions))
    return _ENCODER.encode(Answer(identity, decision.effect, decision.reasons, decision.conditions))


def _refused(raw: bytes, problem: str) -> bytes:
    """Return the answer to a line that is no request, with its id where it has one."""
    try:
        identity = _IDENTIFIED.decode(raw).id
    except _NOT_READABLE:
        identity = Raw(b"null")
    reason = Reason(layer="request", outcome="invalid", detail=problem)
    return _written(identity, Decision(effect=Effect.INVALID, reasons=(reason,)))


def _values(value: Scalar | list[Scalar]) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, list) else (_text(value),)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


@lru_cache(maxsize=KEPT)
def _policies(raw: bytes) -> Policies:
    given = _POLICIES.decode(raw)
    return Policies(
        identity=_documents(given.identity),
        boundary=_documents(given.boundary),
        session=_document(given.session),
        scp=_levels(given.scp),
        rcp=_levels(given.rcp),
        resource=_document(given.resource),
        resource_shared=_document(given.resource_shared),
        vpc_endpoint=_documents(given.vpc_endpoint),
        grants=None if given.grants is None else tuple(given.grants),
        public_access_block=_block(given.public_access_block),
    )


def _block(given: GivenBlock | None) -> PublicAccess | None:
    if given is None:
        return None
    return PublicAccess(restrict_public_buckets=given.restrict_public_buckets)


def _document(raw: Raw) -> Document | None:
    text = bytes(raw).decode()
    if text == "null":
        return None
    return msgspec.json.decode(text, type=str) if text.startswith('"') else text


def _documents(given: list[Raw] | None) -> tuple[Document, ...] | None:
    return None if given is None else tuple(_document(each) or "null" for each in given)


def _levels(given: list[list[Raw]] | None) -> tuple[tuple[Document, ...], ...] | None:
    return None if given is None else tuple(_documents(level) or () for level in given)
