"""
Temporary credentials that work: AssumeRole after its trust policy, and GetSessionToken.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
import secrets
import xml.etree.ElementTree as ET
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from moto.sts.models import sts_backends
from msgspec.structs import replace
from werkzeug.wrappers import Response

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.credentials import iam_of, new_key_id
from trailseal_lab.errors import ApiError
from trailseal_lab.layers import document_of
from trailseal_lab.world import World

STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
SHORTEST = 900


@answers("sts", "AssumeRole")
def assume_role(world: World, call: Call, forward: Forward) -> Response:
    """
    Hand out a session of a role; the gate has asked its trust policy already.

    Raises:
        ApiError: ValidationError, InvalidParameterValue for tags, or AccessDenied for the root user.
    """
    del world
    if call.caller.kind == "root":
        raise ApiError("AccessDenied", "Roles may not be assumed by root accounts.", status=403)
    arn = str(call.params.get("RoleArn", ""))
    name = str(call.params.get("RoleSessionName", ""))
    if not SESSION_NAME.fullmatch(name):
        raise ApiError("ValidationError", f"Value '{name}' at 'roleSessionName' failed to satisfy constraint")
    _check_duration(arn, int(call.params.get("DurationSeconds") or 3600))
    _check_tags(call)
    response = forward()
    if response.status_code == HTTPStatus.OK:
        _note_session(call, arn, response)
    return response


@answers("sts", "GetSessionToken")
def get_session_token(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Hand out temporary credentials of the caller itself."""
    del forward
    if call.caller.session_token:
        raise ApiError("AccessDenied", "Cannot call GetSessionToken with session credentials", status=403)
    until = call.time + timedelta(seconds=int(call.params.get("DurationSeconds") or 43200))
    key_id, token = new_key_id("ASIA"), secrets.token_urlsafe(48)
    world.issued[key_id] = replace(
        call.caller, access_key_id=key_id, session_token=token, issued=call.time, expires=until
    )
    return {
        "Credentials": {
            "AccessKeyId": key_id,
            "SecretAccessKey": secrets.token_urlsafe(30),
            "SessionToken": token,
            "Expiration": until,
        }
    }


def _check_duration(arn: str, seconds: int) -> None:
    account = arn.split(":")[4]
    role = next((r for r in iam_of(account).roles.values() if r.arn == arn), None)
    longest = int((role.max_session_duration if role is not None else None) or 3600)
    if not SHORTEST <= seconds <= longest:
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise ApiError("ValidationError", text)


def _check_tags(call: Call) -> None:
    """
    Return when tags, whose keys are the same in any case, can be given and handed on.

    AWS's pages do not tell the code of the refusals: it is what users see.

    Raises:
        ApiError: InvalidParameterValue.
    """
    given = [key.lower() for key, _ in _given_tags(call)]
    kept = {key.lower() for key in call.caller.transitive_tags}
    text = ""
    if len(set(given)) < len(given):
        text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    elif kept & set(given):
        text = f"Tags of the session before cannot be overridden: {', '.join(sorted(kept & set(given)))}"
    elif {key.lower() for key in _transitive(call)} - kept - set(given):
        text = "The specified transitive tag key must be included in the requested tags."
    if text:
        raise ApiError("InvalidParameterValue", text)


def _transitive(call: Call) -> list[str]:
    return [str(key) for key in call.params.get("TransitiveTagKeys") or ()]


def _given_tags(call: Call) -> list[tuple[str, str]]:
    return [(str(tag.get("Key")), str(tag.get("Value", ""))) for tag in call.params.get("Tags") or ()]


def _note_session(call: Call, role_arn: str, response: Response) -> None:
    """
    Keep what moto forgets of a session: its managed policies, named by ARN, its tags, its source identity.

    A source identity stays when another role is assumed from the session, and so do transitive tags.
    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    account = role_arn.split(":")[4]
    root = ET.fromstring(response.get_data())  # noqa: S314 - moto's own answer
    key_id = root.findtext(f".//{STS}AccessKeyId") or root.findtext(".//AccessKeyId") or ""
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(key_id)
    named = [str(p.get("arn", "")) for p in call.params.get("PolicyArns") or ()]
    documents = [document for arn in named if (document := document_of(account, arn)) is not None]
    if session is not None:
        inline = [str(call.params["Policy"])] if call.params.get("Policy") else []
        vars(session)["lab_policies"] = tuple(inline + documents)
        handed_on = {key.lower() for key in call.caller.transitive_tags}
        kept = [(key, value) for key, value in call.caller.session_tags if key.lower() in handed_on]
        vars(session)["lab_tags"] = (*kept, *_given_tags(call))
        vars(session)["lab_transitive_tags"] = (*call.caller.transitive_tags, *_transitive(call))
        given = str(call.params.get("SourceIdentity") or "")
        vars(session)["lab_source_identity"] = given or call.caller.source_identity
        vars(session)["lab_issued"] = call.time
