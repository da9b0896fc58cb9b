"""
One API call as a CloudTrail event.

Secrets never get into an event: plaintext, passwords, tokens and key material are left out or starred,
as CloudTrail does.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from trailseal_lab.answers import output_of
from trailseal_lab.call import Call
from trailseal_lab.caller import SigningPrincipal

HIDDEN = re.compile(
    r"password|secret|plaintext|ciphertext|keymaterial|importtoken|sessiontoken|privatekey|^body$|publickey",
    re.IGNORECASE,
)
CODE = re.compile(rb"<Code>([^<]+)</Code>|\"__type\":\s*\"([^\"]+)\"")
TEXT = re.compile(rb"<Message>([^<]*)</Message>|\"[Mm]essage\":\s*\"([^\"]*)\"")
READS = ("Get", "List", "Describe", "Head", "Lookup", "Batch", "Simulate", "Search", "Select", "Test")
KMS_READS = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncrypt",
        "Sign",
        "Verify",
    }
)
GLOBAL = {"iam": "us-east-1", "organizations": "us-east-1"}
S3_OBJECT = frozenset(
    {
        "GetObject",
        "PutObject",
        "HeadObject",
        "DeleteObject",
        "DeleteObjects",
        "CopyObject",
        "UpdateObjectEncryption",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "GetObjectTagging",
        "PutObjectTagging",
        "GetObjectAcl",
        "PutObjectAcl",
        "RestoreObject",
        "GetObjectAttributes",
    }
)


def iso(moment: datetime) -> str:
    """Return a time as CloudTrail writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_data_event(call: Call) -> bool:
    """Whether this is a data event: of CloudTrail's data event types, the lab has S3 objects."""
    return call.service == "s3" and call.operation in S3_OBJECT


def is_read_only(operation: str) -> bool:
    """Whether CloudTrail calls the operation read-only."""
    return operation.startswith(READS) or operation in KMS_READS


def event_of(call: Call, response: Response) -> dict[str, Any]:
    """Return the event of a call and its outcome."""
    event: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": identity_of(call.caller, str(call.notes.get("invoked_by", ""))),
        "eventTime": iso(call.time),
        "eventSource": f"{call.service.replace('s3-control', 's3')}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": GLOBAL.get(call.service, call.region),
        "sourceIPAddress": call.notes.get("invoked_by") or call.source_ip,
        "userAgent": call.notes.get("invoked_by") or whole(call.headers.get("User-Agent", "")),
        **_error(response),
        "requestParameters": _parameters(call),
        "responseElements": None if is_read_only(call.operation) else _elements(call, response),
        "requestID": call.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": is_read_only(call.operation),
        "resources": call.notes.get("resources") or _resources(call),
        "eventType": "AwsApiCall",
        "managementEvent": not is_data_event(call),
        "recipientAccountId": call.caller.account or str(call.notes.get("recipient", "")),
        "eventCategory": "Data" if is_data_event(call) else "Management",
    }
    if context := call.notes.get("additional"):
        event["additionalEventData"] = context
    return {name: value for name, value in event.items() if value not in ([], "")}


def identity_of(caller: SigningPrincipal, invoked_by: str) -> dict[str, Any]:
    """Return `userIdentity`; a call that AWS makes for somebody says through what."""
    via = {"invokedBy": invoked_by} if invoked_by else {}
    match caller.kind:
        case "service":
            return {"type": "AWSService", "invokedBy": caller.arn}
        case "user":
            kind: dict[str, Any] = {"type": "IAMUser", "userName": caller.user_name}
        case "role":
            kind = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": _issuer(caller)}}
        case "federated":
            kind = {"type": "FederatedUser"}
        case _:
            kind = {"type": "Root"}
    return {
        **kind,
        "principalId": caller.principal_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key_id,
        **via,
    }


def _issuer(caller: SigningPrincipal) -> dict[str, str]:
    return {
        "type": "Role",
        "principalId": caller.issuer_id,
        "arn": caller.issuer_arn,
        "accountId": caller.account,
        "userName": caller.issuer_arn.rpartition("/")[2],
    }


def _parameters(call: Call) -> dict[str, Any] | None:
    if call.service == "s3":
        named = {"bucketName": call.params.get("Bucket"), "key": call.params.get("Key")}
        named["versionId"] = call.params.get("VersionId")
        return {name: whole(str(value)) for name, value in named.items() if value} or None
    return camel(call.params) or None


def camel(value: Any) -> Any:
    """Return members in CloudTrail's spelling, without anything secret and without raw bytes."""
    if isinstance(value, dict):
        return (
            {
                whole(f"{name[:1].lower()}{name[1:]}"): camel(inner)
                for name, inner in value.items()
                if not HIDDEN.search(str(name)) and not isinstance(inner, bytes)
            }
            if not _is_context(value)
            else {whole(str(name)): whole(str(inner)) for name, inner in value.items()}
        )
    if isinstance(value, list | tuple):
        return [camel(each) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    return value if isinstance(value, int | float | bool) or value is None else whole(str(value))


def whole(text: str) -> str:
    """Return text that UTF-8 can hold: halves of a character join, one that stands alone is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_context(value: dict[str, Any]) -> bool:
    """An encryption context's keys are data, not members: `aws:cloudtrail:arn` stays as it is."""
    return bool(value) and all(":" in str(name) for name in value)


def _elements(call: Call, response: Response) -> dict[str, Any] | None:
    if response.status_code >= 400 or call.protocol not in {"json", "rest-json"}:  # noqa: PLR2004 - HTTP
        return None
    return camel(output_of(response)) or None


def _error(response: Response) -> dict[str, str]:
    if response.status_code < 400:  # noqa: PLR2004 - HTTP
        return {}
    body = response.get_data()
    code, text = CODE.search(body), TEXT.search(body)
    found = {
        "errorCode": _first(code) or response.headers.get("x-amzn-ErrorType", "") or str(response.status_code)
    }
    return {**found, "errorMessage": json.dumps(_first(text))[1:-1]}


def _first(match: re.Match[bytes] | None) -> str:
    return next((g.decode(errors="replace") for g in match.groups() if g), "") if match else ""


def _resources(call: Call) -> list[dict[str, str]]:
    if call.service == "s3" and (bucket := call.params.get("Bucket")):
        found = [{"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}]
        if key := call.params.get("Key"):
            found.insert(0, {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"})
        return found
    if call.service == "kms" and str(call.params.get("KeyId", "")).startswith("arn:"):
        return [{"type": "AWS::KMS::Key", "ARN": str(call.params["KeyId"])}]
    return []
