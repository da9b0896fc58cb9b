"""moto as a WSGI application inside this process, and the way a call is sent on to it."""

from __future__ import annotations

from http import HTTPStatus

from moto.moto_server import werkzeug_app
from moto.s3.models import s3_backends
from werkzeug.wrappers import Response

from trailseal.model.arn import Arn, is_arn
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

setattr(werkzeug_app, "DISABLE_GLOBAL_CORS", True)  # noqa: B010 - not exported; no web page may ask us
MOTO = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)


def send_to_moto(call: Call) -> Response:
    """
    Return moto's response to `call`, asked in the account that owns what is called upon.

    Raises:
        ApiError: NotImplemented, for what neither moto nor the lab knows.
    """
    environ = call.environ
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = owner_account(call)
    try:
        response = Response.from_app(MOTO, environ, buffered=True)
    except NotImplementedError as problem:
        raise _not_implemented(call) from problem
    if (
        response.status_code == HTTPStatus.NOT_FOUND
        and b"<title>404 Not Found</title>" in response.get_data()
    ):
        raise _not_implemented(call)  # the web framework's own page: no such route in moto
    response.headers.pop("Access-Control-Allow-Origin", None)
    return response


def _not_implemented(call: Call) -> ApiError:
    text = f"The lab does not implement {call.service}:{call.operation or 'this operation'}."
    return ApiError("NotImplemented", text, status=501)


def owner_account(call: Call) -> str:
    """Return the account that owns the bucket, key or role that is called upon; else the caller's."""
    if "moto_account" in call.notes:
        return str(call.notes["moto_account"])
    bucket = call.params.get("Bucket")
    if (
        call.service == "s3"
        and call.operation != "CreateBucket"
        and isinstance(bucket, str)
        and bucket in s3_backends.bucket_accounts
    ):
        return str(s3_backends.bucket_accounts[bucket][1])
    key = call.params.get("KeyId")
    if call.service == "kms" and isinstance(key, str) and is_arn(key):
        return Arn.parse(key).account or call.caller.account
    return call.caller.account
