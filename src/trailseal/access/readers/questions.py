"""The two questions that reading comes down to, asked of the engine for one subject."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from trailseal.access.decision import DENIED, Decision, Effect, Reason
from trailseal.access.evaluate import authorize
from trailseal.access.facts import THERE, TRUE_OR_FALSE, Value
from trailseal.access.readers.estate import Estate, identity_layers, join_layers
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.wording import speaks_of
from trailseal.access.request import Policies, Request
from trailseal.messages import message
from trailseal.model.arn import account_of
from trailseal.model.unreadable import Unreadable

GET = "s3:GetObject"
GET_VERSION = "s3:GetObjectVersion"
DECRYPT = "kms:Decrypt"
BY_VERSION = Reason(
    layer="request", outcome="allow", detail=message("only by version, with s3:GetObjectVersion")
)
THE_WAY = ("aws:viaawsservice", "aws:calledvia")
"""What tells a service that fetches from the caller himself."""
BY_A_SERVICE = message("(a service fetches the object for the caller)")
READING = (GET, GET_VERSION, DECRYPT)
GUARDED = ("s3:", "sts:")
"""Whose resource control policies count here.
Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html."""


class RequestUnderPolicies(Struct, frozen=True, kw_only=True):
    """One request with all policies that bear on it."""

    request: Request
    policies: Policies


def unread(layer: str, what: Unreadable) -> Decision:
    """Return the unknown that an unreadable policy makes."""
    reason = Reason(layer=layer, outcome="unknown", detail=f"{what.call}: {what.code}")
    refused = message("{call} was refused", call=what.call)
    return Decision(effect=Effect.UNKNOWN, reasons=(reason,), conditions=(refused,))


def fetch(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    """
    Return whether the subject may get the object's bytes from S3.

    Asking for a version by its ID needs another action, and opens as well: also in a bucket that never
    had versions, where every object is the version `null`.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    if isinstance(estate.bucket_policy, Unreadable):
        return unread("resource", estate.bucket_policy)
    found = _directly(estate, target, subject)
    if found.effect not in DENIED:
        return found
    otherwise = (_directly(estate, target, subject, way) for way in _other_ways(estate, target, subject))
    return next((_possibly(each) for each in otherwise if each.effect not in DENIED), found)


def _other_ways(estate: Estate, target: LogObject, subject: Subject) -> Iterator[dict[str, Value]]:
    """
    Yield what else can be true of a request: plain HTTP where no key asks for TLS, a service that fetches.

    Athena, for one, fetches and decrypts for the principal that queries.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
    """
    if target.sealing is Sealing.SSE_S3:
        yield {"aws:SecureTransport": TRUE_OR_FALSE}
    if subject.has_policies and any(speaks_of(text, THE_WAY) for text in _documents(estate, subject)):
        yield {"aws:ViaAWSService": ("true",), "aws:CalledVia": THERE}


def _documents(estate: Estate, subject: Subject) -> Iterator[str]:
    yield from subject.documents
    yield from (text for text in (estate.bucket_policy, subject.boundary) if isinstance(text, str))
    yield from estate.guardrails


def _possibly(decision: Decision) -> Decision:
    """Whether somebody takes such a way is not known, so that a yes is no more than possible."""
    if not decision.is_allowed:
        return decision
    return Decision(effect=Effect.UNKNOWN, reasons=decision.reasons, conditions=(BY_A_SERVICE,))


def _directly(
    estate: Estate, target: LogObject, subject: Subject, way: dict[str, Value] | None = None
) -> Decision:
    plain = _s3(estate, target, subject, GET, way)
    if plain.is_allowed:
        return plain
    by_version = _s3(estate, target, subject, GET_VERSION, way)
    if not by_version.is_allowed and (plain.effect not in DENIED or by_version.effect in DENIED):
        return plain
    return structs.replace(by_version, reasons=(BY_VERSION, *by_version.reasons))


def _s3(
    estate: Estate, target: LogObject, subject: Subject, action: str, way: dict[str, Value] | None = None
) -> Decision:
    return decide(estate, ask_bucket(estate, target, subject, action, way))


def ask_bucket(
    estate: Estate, target: LogObject, subject: Subject, action: str, way: dict[str, Value] | None = None
) -> RequestUnderPolicies:
    """Return the request for the object itself with all policies that bear on it, directly or by a `way`."""
    request = Request(
        principal=subject.asks_as,
        maker=subject.maker,
        action=action,
        resource=target.arn,
        resource_account=target.bucket_account,
        context=estate.bucket_facts(target.bucket_account)
        | target.caller_context()
        | subject.context
        | (way or {}),
    )
    own = estate.bucket_layers(target.bucket_account)
    return RequestUnderPolicies(request=request, policies=join_layers(caller_layers(estate, subject), own))


def decide(estate: Estate, asked: RequestUnderPolicies) -> Decision:
    """Return the answer to a request that is made now, or later."""
    from_now_on = structs.replace(asked.request, not_before=estate.now)
    return authorize(from_now_on, asked.policies, stored=True)


def decrypt(estate: Estate, target: LogObject, subject: Subject) -> Decision:
    """Return whether S3 may decrypt the object as the subject, with the context that it carries."""
    if isinstance(estate.key_policies, Unreadable):
        return unread("resource", estate.key_policies)
    decision = decide(estate, ask_key(estate, target, subject, DECRYPT))
    if decision.effect is Effect.IMPLICITLY_DENIED and isinstance(estate.grants, Unreadable):
        return unread("grant", estate.grants)
    return decision


def ask_key(
    estate: Estate,
    target: LogObject,
    subject: Subject,
    action: str,
    context: dict[str, Value] | None = None,
) -> RequestUnderPolicies:
    """Return the request on the object's key, by default with what S3 says when it decrypts the object."""
    given = target.decrypt_context() if context is None else context
    request = Request(
        principal=subject.asks_as,
        maker=subject.maker,
        action=action,
        resource=target.kms_key,
        resource_account=target.key_account,
        context=estate.key_facts | given | subject.context,
    )
    own = {**estate.key_layers(), "rcp": estate.rcp(target.key_account)}
    return RequestUnderPolicies(request=request, policies=join_layers(caller_layers(estate, subject), own))


def on_key(estate: Estate, target: LogObject, subject: Subject, action: str) -> Decision:
    """Return whether the subject may do `action` on the key, asked directly."""
    return decide(estate, ask_key(estate, target, subject, action, target.caller_context()))


def on_bucket(estate: Estate, target: LogObject, subject: Subject, action: str) -> Decision:
    """Return whether the subject may do `action` on the bucket itself."""
    request = Request(
        principal=subject.asks_as,
        maker=subject.maker,
        action=action,
        resource=target.bucket_arn,
        resource_account=target.bucket_account,
        context=estate.bucket_facts(target.bucket_account) | target.caller_context() | subject.context,
    )
    own = estate.bucket_layers(target.bucket_account)
    policies = join_layers(caller_layers(estate, subject), own)
    return decide(estate, RequestUnderPolicies(request=request, policies=policies))


def in_iam(estate: Estate, subject: Subject, action: str, resource: str, trust: str = "") -> Decision:
    """Return whether the subject may do an IAM or STS `action`; `trust` is a role's trust policy."""
    return _on_resource(estate, subject, action, resource, policy=trust)


def under_own_policy(
    estate: Estate, subject: Subject, action: str, resource: str, policy: str | Unreadable
) -> Decision:
    """
    Return whether the subject may do `action` on what has a policy of its own, "" for none.

    One that was not read may allow and deny, but takes back no explicit Deny of another.
    """
    if not isinstance(policy, Unreadable):
        return _on_resource(estate, subject, action, resource, policy=policy)
    without = _on_resource(estate, subject, action, resource, policy="")
    return without if without.effect is Effect.EXPLICITLY_DENIED else unread("resource", policy)


def _on_resource(estate: Estate, subject: Subject, action: str, resource: str, *, policy: str) -> Decision:
    account = account_of(resource)
    request = Request(
        principal=subject.asks_as,
        maker=subject.maker,
        action=action,
        resource=resource,
        resource_account=account,
        context=subject.context,
    )
    guarded = action.startswith(GUARDED)
    own = {"resource": policy or None, "rcp": estate.rcp(account) if guarded else None}
    policies = join_layers(caller_layers(estate, subject), own)
    return decide(estate, RequestUnderPolicies(request=request, policies=policies))


def caller_layers(estate: Estate, subject: Subject) -> dict[str, object]:
    """Return the layers of whoever asks for `Policies`; a service has none."""
    if not subject.has_policies:
        return {}
    return identity_layers(
        documents=subject.documents,
        boundary=subject.boundary,
        scp=estate.scp(subject.account),
        federated=subject.is_federated,
    )
