"""
`simulate`'s JSON lines: one request with its policies in, one decision out.

A document is kept as the text that stood in the line, so that policies which come again are read once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.evaluate import authorize
from trailseal.access.given_grant import GivenGrant
from trailseal.access.one_request import plain, problem_of
from trailseal.access.parse.json_text import doubled
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.request import Document, Policies, PublicAccess, Request
from trailseal.messages import Words
from trailseal.model.json_text import count_names, marks, names_twice

KEPT = 4096
NO_ID, NO_POLICIES = Raw(b"null"), Raw(b"{}")
Scalar = str | bool | int | float


class ServicePrincipal(Struct, frozen=True, forbid_unknown_fields=True):
    """A caller that is an AWS service: `{"service": "cloudtrail.amazonaws.com"}`."""

    service: str


class AskedRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The request of a line; a context value may be one value or a list of them."""

    principal: str | ServicePrincipal
    action: str
    resource: str
    resource_account: str | UnsetType = UNSET
    context: dict[str, Scalar | tuple[Scalar, ...]] | UnsetType = UNSET
    maker: str | UnsetType = UNSET


class RequestLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of input."""

    request: AskedRequest
    id: Raw = NO_ID
    policies: Raw = NO_POLICIES
    derive: bool | UnsetType = UNSET
    unknown_context: Literal["absent", "unknown"] | UnsetType = UNSET


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
    grants: list[GivenGrant] | None = None
    public_access_block: GivenBlock | None = None


class AnswerLine(Struct, frozen=True):
    """One line of output."""

    id: Raw
    effect: Effect
    reasons: tuple[Reason, ...]
    conditions: tuple[Words, ...]


class _Identified(Struct):
    id: Raw = Raw(b"null")


_LINE = msgspec.json.Decoder(RequestLine)
_POLICIES = msgspec.json.Decoder(GivenPolicies)
_IDENTIFIED = msgspec.json.Decoder(_Identified)
_ENCODER = msgspec.json.Encoder()
_NOT_READABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
IN_A_DOCUMENT = re.compile(r"policies\.(?!grants\b|public_access_block\b)\w+(?:\[\d+\])*\.")


def answer_line(raw: bytes) -> bytes:
    """Return the answer to one line, without a line end. A line that cannot be read is `invalid`."""
    try:
        line = _LINE.decode(raw)
        policies, beside = _policies(bytes(line.policies))
        more = marks(raw) - beside - _names(line)
        if more > 0 and more > count_names(msgspec.json.decode(bytes(line.id))):
            _check_names(raw)
    except _NOT_READABLE as problem:
        return _refused(raw, "", str(problem))
    except InvalidPolicyError as problem:
        return _refused(raw, problem.place, str(problem.what))
    asked = line.request
    given = {} if asked.context is UNSET else asked.context
    request = Request(
        principal=asked.principal if isinstance(asked.principal, str) else asked.principal.service,
        action=asked.action,
        resource=asked.resource,
        resource_account="" if asked.resource_account is UNSET else asked.resource_account,
        context={key: (value,) if type(value) is str else _values(value) for key, value in given.items()},
        maker="" if asked.maker is UNSET else asked.maker,
    )
    if (refusal := problem_of(request)) is not None:
        return _refused(raw, "", str(refusal))
    if "${" in request.resource:
        request = replace(request, resource=plain(request.resource))
    unknown = "unknown" if line.unknown_context is UNSET else line.unknown_context
    decision = authorize(
        request, policies, derive=line.derive is not False, unknown_context=unknown, again=True
    )
    return _written(line.id, decision)


def _names(line: RequestLine) -> int:
    """Return how many names were read from a line, but for those in its id and in its policies."""
    asked = line.request
    count = 4 if type(asked.principal) is str else 5
    if asked.context is not UNSET:
        count += 1 + len(asked.context)
    for given in (asked.resource_account, asked.maker, line.derive, line.unknown_context):
        if given is not UNSET:
            count += 1
    return count + (line.policies is not NO_POLICIES) + (line.id is not NO_ID)


def _check_names(raw: bytes) -> None:
    """A name that stands twice in a document is the engine's to find: it tells the layer and the place."""
    for place in names_twice(raw):
        if not IN_A_DOCUMENT.match(place):
            raise doubled(place)


def _written(identity: Raw, decision: Decision) -> bytes:
    """What a machine reads is English: sentences of ours are filled in."""
    reasons, conditions = decision.reasons, decision.conditions
    for reason in reasons:
        if type(reason.detail) is not str:
            reasons = tuple([replace(r, detail=str(r.detail)) for r in reasons])
            break
    if conditions:
        conditions = tuple(map(str, conditions))
    return _ENCODER.encode(AnswerLine(identity, decision.effect, reasons, conditions))


def _refused(raw: bytes, place: str, problem: str) -> bytes:
    """Return the answer to a line that is no request, with its id where it has one."""
    try:
        identity = _IDENTIFIED.decode(raw).id
    except _NOT_READABLE:
        identity = Raw(b"null")
    reason = Reason(layer="request", outcome="invalid", statement=place, detail=problem)
    return _written(identity, Decision(effect=Effect.INVALID, reasons=(reason,)))


def _values(value: Scalar | tuple[Scalar, ...]) -> tuple[str, ...]:
    return tuple([_text(each) for each in value]) if isinstance(value, tuple) else (_text(value),)


def _text(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


@lru_cache(maxsize=KEPT)
def _policies(raw: bytes) -> tuple[Policies, int]:
    """Return a line's policies and their `marks`: both are found once for all the lines that have them."""
    given = _POLICIES.decode(raw)
    names = marks(raw)
    if names > count_names(msgspec.json.decode(raw)):
        _check_names(b'{"policies":%b}' % raw)
    policies = Policies(
        identity=_documents(given.identity),
        boundary=_documents(given.boundary),
        session=_session(given.session),
        scp=_levels(given.scp),
        rcp=_levels(given.rcp),
        resource=_document(given.resource),
        resource_shared=_document(given.resource_shared),
        vpc_endpoint=_documents(given.vpc_endpoint),
        grants=None if given.grants is None else tuple(grant.entry() for grant in given.grants),
        public_access_block=_block(given.public_access_block),
    )
    return policies, names


def _block(given: GivenBlock | None) -> PublicAccess | None:
    if given is None:
        return None
    return PublicAccess(restrict_public_buckets=given.restrict_public_buckets)


def _document(raw: Raw) -> Document | None:
    text = bytes(raw).decode()
    if text == "null":
        return None
    return msgspec.json.decode(text, type=str) if text.startswith('"') else text


def _session(raw: Raw) -> Document | tuple[Document, ...] | None:
    """One session policy, or a list of them."""
    if not bytes(raw).startswith(b"["):
        return _document(raw)
    return _documents(msgspec.json.decode(raw, type=list[Raw]))


def _documents(given: list[Raw] | None) -> tuple[Document, ...] | None:
    return None if given is None else tuple(_document(each) or "null" for each in given)


def _levels(given: list[list[Raw]] | None) -> tuple[tuple[Document, ...], ...] | None:
    return None if given is None else tuple(_documents(level) or () for level in given)
