"""A key used by a service on behalf of a caller (S3 for its objects), or by a service for itself."""

from __future__ import annotations

from collections.abc import Mapping

from moto.kms.models import Key
from msgspec import Struct
from werkzeug.wrappers import Response

from trailseal_lab import gate
from trailseal_lab.answers import tell
from trailseal_lab.asks import call_context
from trailseal_lab.call import Call
from trailseal_lab.caller import SigningPrincipal
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import Context
from trailseal_lab.kms.asks import encryption_context, key_ask, key_context
from trailseal_lab.kms.facts import note_use
from trailseal_lab.kms.keys import check_usable
from trailseal_lab.world import World


class ServiceKeyUse(Struct, frozen=True, kw_only=True):
    """One KMS operation that `service` makes for `caller`, with the encryption context it sends."""

    operation: str
    key: Key
    caller: SigningPrincipal
    service: str
    pairs: Mapping[str, str]


def use_key(world: World, call: Call, use: ServiceKeyUse) -> None:
    """
    Return when the key may be used, and tell the observers of the KMS call.

    Raises:
        ApiError: AccessDenied, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
    """
    if not world.building:
        check_may_use(call, use)
    check_usable(use.key)
    if use.key.key_spec != "SYMMETRIC_DEFAULT":
        raise ApiError("InvalidKeyUsageException", f"{use.key.arn} key usage is {use.key.key_usage}.")
    note_use(world, use.key, use.operation, _tell(world, call, use))


def check_may_use(call: Call, use: ServiceKeyUse) -> None:
    """
    Return when the caller may use the key through the service.

    Raises:
        ApiError: AccessDenied.
    """
    context: Context = {
        **key_context(use.key),
        **encryption_context(use.pairs),
        "kms:ViaService": (f"{use.service}.{use.key.region}.amazonaws.com",),
    }
    ask = key_ask(f"kms:{use.operation}", use.key, context)
    decision = gate.decide(use.caller, ask, _forwarded(call_context(call), use))
    if not decision.is_allowed:
        raise ApiError("AccessDenied", gate.refusal_text(use.caller, ask, decision), status=403)


def _forwarded(context: Context, use: ServiceKeyUse) -> Context:
    """
    Return the context of the service's call to KMS: a forward access session of the caller's.

    The lab's endpoint stands for a public one, so the caller's address is handed on. A service that calls
    for itself forwards nobody.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    if use.caller.kind == "service":
        return context
    return {**context, "aws:ViaAWSService": ("true",), "aws:CalledVia": (f"{use.service}.amazonaws.com",)}


def _tell(world: World, call: Call, use: ServiceKeyUse) -> str:
    """Tell the observers of the KMS call, and return its request ID."""
    if world.building:
        return ""
    derived = call.derive(
        service="kms",
        operation=use.operation,
        region=use.key.region,
        who=use.caller,
        params={"KeyId": use.key.arn, "EncryptionContext": dict(use.pairs)},
    )
    derived.notes["invoked_by"] = "AWS Internal"
    derived.notes["resources"] = [
        {"accountId": use.key.account_id, "type": "AWS::KMS::Key", "ARN": use.key.arn}
    ]
    tell(world, derived, Response(status=200))
    return derived.request_id
