"""
What permissions a call needs: from an operation to IAM actions, resources and context.

Most operations need the action of their own name. S3, KMS and STS differ and have modules of their own
(`s3/asks.py`, `kms/asks.py`); CloudTrail's actions stand on trails. An operation that nobody knows maps
to `service:Operation` on every resource.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trailseal.model.arn import Arn, is_arn
from trailseal_lab import gate
from trailseal_lab.call import Call
from trailseal_lab.credentials import iam_of
from trailseal_lab.errors import ApiError
from trailseal_lab.faults import denied_code, denied_status
from trailseal_lab.gate import Context, NeededPermission
from trailseal_lab.kms.asks import kms_asks
from trailseal_lab.s3.asks import s3_asks

ACTION_PREFIX = {"s3-control": "s3", "monitoring": "cloudwatch", "tagging": "tag", "email": "ses"}
ACCOUNT_SETTINGS = {
    ("s3-control", "GetPublicAccessBlock"): "GetAccountPublicAccessBlock",
    ("s3-control", "PutPublicAccessBlock"): "PutAccountPublicAccessBlock",
    ("s3-control", "DeletePublicAccessBlock"): "PutAccountPublicAccessBlock",
}
"""Operations that S3 Control names as S3 names a bucket's, with the actions that they need."""
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken"), ("sts", "AssumeRoleWithWebIdentity")}
"""Operations that need no permission."""


def check(call: Call) -> None:
    """
    Return when the caller may make this call.

    Raises:
        ApiError: AccessDenied, worded as the service words it.
    """
    if (call.service, call.operation) in FREE:
        return
    context = call_context(call)
    for ask in asks_of(call):
        decision = gate.decide(call.caller, ask, context)
        if not decision.is_allowed:
            text = gate.refusal_text(call.caller, ask, decision)
            raise ApiError(ask.denial or denied_code(call), text, status=denied_status(call))


def asks_of(call: Call) -> list[NeededPermission]:
    """Return every permission that the call needs, in the order in which AWS asks for them."""
    by_service: dict[str, Callable[[Call], list[NeededPermission]]] = {
        "s3": s3_asks,
        "kms": kms_asks,
        "sts": _sts,
        "iam": _iam,
        "cloudtrail": _cloudtrail,
        "s3tables": _s3tables,
    }
    return by_service.get(call.service, _plain)(call) + _passed_roles(call)


PASSED = {"cloudtrail": "cloudtrail.amazonaws.com", "s3-control": "batchoperations.s3.amazonaws.com"}
"""Services that take a role to act as, with the principal that it is passed to."""


def _passed_roles(call: Call) -> list[NeededPermission]:
    """Return iam:PassRole for each role that the call hands to a service."""
    if call.service not in PASSED:
        return []
    given = (call.params.get(member) for member in ("RoleArn", "CloudWatchLogsRoleArn"))
    context: Context = {"iam:PassedToService": (PASSED[call.service],)}
    account = call.caller.account
    return [
        NeededPermission(action="iam:PassRole", resource=arn, account=account, context=context)
        for arn in given
        if isinstance(arn, str) and is_arn(arn)
    ]


def call_context(call: Call) -> Context:
    """
    Return the context keys that hold for the whole call.

    aws:SecureTransport is true although the lab speaks plain HTTP over loopback: it stands in for an
    HTTPS endpoint, and policies that insist on TLS would otherwise shut everybody out. A service that
    calls for itself shows no network, and whether it says that it calls for somebody is not documented.
    """
    found: Context = {
        "aws:SecureTransport": ("true",),
        "aws:RequestedRegion": (call.region,),
        "aws:CurrentTime": (call.time.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:EpochTime": (str(int(call.time.timestamp())),),
    }
    if call.caller.kind != "service":
        found |= {"aws:SourceIp": (call.source_ip,), "aws:ViaAWSService": ("false",)}
    if agent := call.headers.get("User-Agent"):
        found["aws:UserAgent"] = (agent,)
    noted: Context = call.notes.get("context", {})
    return {**found, **_request_tags(call), **noted}


def _request_tags(call: Call) -> Context:
    given = call.params.get("Tags") or call.params.get("TagsList") or ()
    if not isinstance(given, list):
        return {}
    pairs = {
        str(t.get("Key") or t.get("TagKey")): str(t.get("Value") or t.get("TagValue") or "") for t in given
    }
    if not pairs:
        return {}
    found: Context = {f"aws:RequestTag/{name}": (value,) for name, value in pairs.items()}
    return {**found, "aws:TagKeys": tuple(pairs)}


def _plain(call: Call) -> list[NeededPermission]:
    prefix = ACTION_PREFIX.get(call.service, call.service)
    name = ACCOUNT_SETTINGS.get((call.service, call.operation)) or call.operation or "Unknown"
    return [NeededPermission(action=f"{prefix}:{name}", resource="*", account=call.caller.account)]


def _sts(call: Call) -> list[NeededPermission]:
    if call.operation != "AssumeRole":
        return _plain(call)
    arn = str(call.params.get("RoleArn", ""))
    account = arn.split(":")[4] if is_arn(arn) else call.caller.account
    role = next((r for r in iam_of(account).roles.values() if r.arn == arn), None)
    context: Context = {"sts:RoleSessionName": (str(call.params.get("RoleSessionName", "")),)}
    if "ExternalId" in call.params:
        context["sts:ExternalId"] = (str(call.params["ExternalId"]),)
    trust = role.assume_role_policy_document if role is not None else None
    # A role that does not exist is refused as one that does not trust the caller: AWS tells no difference.
    nobody = {"Version": "2012-10-17", "Statement": []}
    actions = ("sts:AssumeRole", "sts:TagSession") if call.params.get("Tags") else ("sts:AssumeRole",)
    return [
        NeededPermission(
            action=action, resource=arn, account=account, context=context, policy=trust or nobody
        )
        for action in actions
    ]


IAM_RESOURCES = (
    ("PolicyArn", None),
    ("PolicySourceArn", None),
    ("UserName", "user"),
    ("RoleName", "role"),
    ("GroupName", "group"),
    ("PolicyName", "policy"),
)


def _iam(call: Call) -> list[NeededPermission]:
    account = call.caller.account
    resource = "*"
    named = [(m, k) for m, k in IAM_RESOURCES if isinstance(call.params.get(m), str)]
    holders = [(m, k) for m, k in named if k in {"user", "role", "group"}]
    for member, kind in (holders or named)[:1]:
        value = str(call.params[member])
        path = (
            str(call.params.get("Path") or "/")
            if call.operation.startswith("Create")
            else _path(account, kind, value)
        )
        resource = value if kind is None else f"arn:aws:iam::{account}:{kind}{path}{value}"
    context: Context = {}
    if resource != "*" and isinstance(arn := call.params.get("PolicyArn"), str) and holders:
        context["iam:PolicyARN"] = (arn,)
    if isinstance(boundary := call.params.get("PermissionsBoundary"), str):
        context["iam:PermissionsBoundary"] = (boundary,)
    return [
        NeededPermission(action=f"iam:{call.operation}", resource=resource, account=account, context=context)
    ]


def _path(account: str, kind: str | None, name: str) -> str:
    backend = iam_of(account)
    if kind == "user" and name in backend.users:
        return str(backend.users[name].path)
    if kind == "role":
        return next((str(r.path) for r in backend.roles.values() if r.name == name), "/")
    return "/"


def _cloudtrail(call: Call) -> list[NeededPermission]:
    account = call.caller.account
    name = call.params.get("Name") or call.params.get("TrailName") or call.params.get("ResourceId")
    if isinstance(listed := call.params.get("ResourceIdList"), list) and listed:
        name = listed[0]
    if not isinstance(name, str) or not name:
        return _plain(call)
    arn = name if is_arn(name) else f"arn:aws:cloudtrail:{call.region}:{account}:trail/{name}"
    return [NeededPermission(action=f"cloudtrail:{call.operation}", resource=arn, account=account)]


def _s3tables(call: Call) -> list[NeededPermission]:
    """
    Return the ask for a table or table bucket; a table's ARN is told from its name as moto makes it.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3tables.html
    """
    arn = call.params.get("tableBucketARN")
    if not isinstance(arn, str) or not is_arn(arn):
        return _plain(call)
    resource = f"{arn}/table/{call.params['name']}" if call.params.get("name") else arn
    return [
        NeededPermission(
            action=f"s3tables:{call.operation}", resource=resource, account=Arn.parse(arn).account
        )
    ]


def describe(call: Call) -> dict[str, Any]:
    """Return the asks of a call as plain data, for tests and for the curious."""
    return {ask.action: ask.resource for ask in asks_of(call)}
