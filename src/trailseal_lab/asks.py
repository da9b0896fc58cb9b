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

from msgspec.structs import replace

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
        "logs": _logs,
        "s3-control": _access_points,
        "organizations": _organizations,
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
        gate.NOW: (gate.moment(call.time),),
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


def _organizations(call: Call) -> list[NeededPermission]:
    """Return the ask, with the service whose administrators are asked for."""
    service = call.params.get("ServicePrincipal")
    context: Context = {"organizations:ServicePrincipal": (service,)} if isinstance(service, str) else {}
    return [replace(ask, context=context) for ask in _plain(call)]


def _sts(call: Call) -> list[NeededPermission]:
    if call.operation != "AssumeRole":
        return _plain(call)
    arn = str(call.params.get("RoleArn", ""))
    account = arn.split(":")[4] if is_arn(arn) else call.caller.account
    role = next((r for r in iam_of(account).roles.values() if r.arn == arn), None)
    context: Context = {"sts:RoleSessionName": (str(call.params.get("RoleSessionName", "")),)}
    if "ExternalId" in call.params:
        context["sts:ExternalId"] = (str(call.params["ExternalId"]),)
    if call.params.get("SourceIdentity"):
        context["sts:SourceIdentity"] = (str(call.params["SourceIdentity"]),)
    if keys := call.params.get("TransitiveTagKeys"):
        context["sts:TransitiveTagKeys"] = tuple(map(str, keys))
    trust = role.assume_role_policy_document if role is not None else None
    # A role that does not exist is refused as one that does not trust the caller: AWS tells no difference.
    nobody = {"Version": "2012-10-17", "Statement": []}
    actions = ["sts:AssumeRole"]
    if call.params.get("Tags"):
        actions.append("sts:TagSession")
    if call.params.get("SourceIdentity") or call.caller.source_identity:
        actions.append("sts:SetSourceIdentity")
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
    named = ("EventDataStore", "ResourceArn", "TrailName", "ResourceId")
    name = call.params.get("Name") if call.operation != "CreateEventDataStore" else ""
    name = name or next((call.params[member] for member in named if call.params.get(member)), None)
    if isinstance(listed := call.params.get("ResourceIdList"), list) and listed:
        name = listed[0]
    if not isinstance(name, str) or not name:
        return _plain(call)
    arn = name if is_arn(name) else f"arn:aws:cloudtrail:{call.region}:{account}:trail/{name}"
    return [NeededPermission(action=f"cloudtrail:{call.operation}", resource=arn, account=account)]


def _logs(call: Call) -> list[NeededPermission]:
    """
    Return the ask for a log group, by its ARN with `:*`; for lists of groups on every one.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    name = call.params.get("logGroupName")
    if not isinstance(name, str) or not name:
        return _plain(call)
    arn = f"arn:aws:logs:{call.region}:{call.caller.account}:log-group:{name}:*"
    return [NeededPermission(action=f"logs:{call.operation}", resource=arn, account=call.caller.account)]


def _access_points(call: Call) -> list[NeededPermission]:
    """
    Return the ask for an access point by its ARN; what else S3 Control does stands on everything.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    name = call.params.get("Name")
    if "AccessPoint" not in call.operation or not isinstance(name, str):
        return _plain(call)
    arn = f"arn:aws:s3:{call.region}:{call.caller.account}:accesspoint/{name}"
    return [NeededPermission(action=f"s3:{call.operation}", resource=arn, account=call.caller.account)]


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
