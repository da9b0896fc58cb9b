"""
Object Lock as S3 shows it: a lock to whoever may see it, and no lock as an error of its own.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (permissions)
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html
"""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.wrappers import Response

from trailseal_lab import gate
from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.asks import call_context
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.asks import bucket_ask
from trailseal_lab.s3.retention import lockable, retention_of
from trailseal_lab.world import World

SHOWN_TO = {
    "x-amz-object-lock-mode": "GetObjectRetention",
    "x-amz-object-lock-retain-until-date": "GetObjectRetention",
    "x-amz-object-lock-legal-hold": "GetObjectLegalHold",
}


@answers("s3", "GetObjectRetention", "GetObjectLegalHold")
def get_lock(world: World, call: Call, forward: Forward) -> Answer:
    """
    Answer a part of an object's lock.

    Raises:
        ApiError: InvalidRequest in a bucket without Object Lock, NoSuchObjectLockConfiguration where that
            part was never set; NoSuchKey, NoSuchVersion.
    """
    del world, forward
    found = lockable(call)
    if call.operation == "GetObjectRetention" and (retention := retention_of(found)) is not None:
        return {"Retention": {"Mode": retention.mode, "RetainUntilDate": retention.until}}
    if call.operation == "GetObjectLegalHold" and found.lock_legal_status:
        return {"LegalHold": {"Status": found.lock_legal_status}}
    text = "The specified object does not have a ObjectLock configuration"
    raise ApiError("NoSuchObjectLockConfiguration", text, status=404)


def hide_lock(world: World, call: Call, response: Response) -> Response:
    """Return the answer to GetObject or HeadObject without what the caller may not see of the lock."""
    hidden = [name for name in SHOWN_TO if name in response.headers]
    if (
        response.status_code not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}
        or world.building
        or not hidden
    ):
        return response
    context = call_context(call)
    for name in hidden:
        ask = bucket_ask(call, SHOWN_TO[name], call.params.get("Key"))
        if not gate.is_allowed(call.caller, ask, context):
            del response.headers[name]
    return response
