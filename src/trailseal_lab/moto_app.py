"""moto as a WSGI application inside this process, and the way a call is sent on to it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any

from botocore.utils import parse_to_aware_datetime
from moto.backends import list_of_moto_modules
from moto.core import responses, serialize
from moto.core.request import Request
from moto.core.utils import method_names_from_class
from moto.moto_server import werkzeug_app
from moto.s3.models import s3_backends
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from trailseal.model.arn import Arn, is_arn
from trailseal_lab.answers import output_of
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

FULL = 3
"""Parts of an answer of moto's: status, headers and content. Else it is the content."""
TOKENS = ("NextToken", "nextToken", "Marker", "PaginationToken", "ContinuationToken")
"""Members that say where a page begins, of which moto counts on its own."""
OF_TOKENS = (
    "InvalidNextTokenException",
    "InvalidPaginationTokenException",
    "InvalidInputException",
    "InvalidParameterException",
    "ValidationException",
)
"""Which error tells of a token that was not given out: the first that an operation has."""
LOG = logging.getLogger(__name__)
setattr(werkzeug_app, "DISABLE_GLOBAL_CORS", True)  # noqa: B010 - not exported; no web page may ask us
# moto lists a class's methods anew for each call, which takes longer than many a call itself.
setattr(responses, "method_names_from_class", cache(method_names_from_class))  # noqa: B010 - replaces moto's


def _time_of(value: Any) -> datetime:
    """Return a time that is to be written; botocore reads a number by the machine's zone, which is slow."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    found: datetime = parse_to_aware_datetime(value)
    return found


setattr(serialize, "parse_to_aware_datetime", _time_of)  # noqa: B010 - replaces botocore's


class _Dispatcher(werkzeug_app.DomainDispatcherApplication):
    """moto's own, which says that it has no backend for a service; moto's prints that and fails over it."""

    def get_backend_for_host(self, host: str | None) -> Any:
        """Return the backend of AWS's host name, or of moto's own name; None where none is named."""
        if host is None or host in list_of_moto_modules():
            return host
        named = (backend for backend, pattern in self.backend_url_patterns if pattern.match(f"http://{host}"))
        backend = next(named, None)
        if backend is None:
            raise NotImplementedError(host)
        return backend


def _application(service: Any) -> Any:
    """Return moto's application for a service; what it is made of may not be installed."""
    try:
        return werkzeug_app.create_backend_app(service)
    except ImportError as missing:
        raise NotImplementedError(str(missing)) from missing


MOTO = _Dispatcher(_application)


class _MotoRequest(Request):
    """moto's request, marked as one that came over HTTP."""

    from_wsgi_server = True


class _MotoResponse(Response):
    """An answer whose type is what moto's web framework takes for granted."""

    default_mimetype = "text/html"


def _ask_moto(environ: dict[str, Any]) -> Response:
    """
    Return moto's answer, asked without its web framework, which takes as long as moto itself.

    What the framework's router does not match at once it is given to answer itself.
    """
    application = MOTO.get_application(environ)
    try:
        # a pattern's `.` stands for no line's end, which an object's key may hold
        path = environ["PATH_INFO"].replace("\n", "_")
        endpoint, _ = application.url_map.bind_to_environ(environ).match(path)
    except HTTPException:
        return Response.from_app(application, environ, buffered=True)
    request = _MotoRequest(environ)
    view: Any = application.view_functions[endpoint]
    try:
        given = view.callback(request, request.raw_url, dict(request.headers))
    except HTTPException as problem:
        return Response.from_app(problem, environ, buffered=True)
    status, headers, content = given if len(given) == FULL else (HTTPStatus.OK, {}, given)
    response = _MotoResponse(content, status=status, headers=headers)
    if request.method == "HEAD" and "content-length" in headers:
        response.headers["Content-Length"] = headers["content-length"]
    return response


def send_to_moto(call: Call) -> Response:
    """
    Return moto's response to `call`, asked in the account that owns what is called upon.

    Raises:
        ApiError: NotImplemented, for what neither moto nor the lab knows, and for what moto breaks down on:
            an SDK takes a 500 for an outage, and tries again.
    """
    environ = call.environ
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = owner_account(call)
    try:
        response = _ask_moto(environ)
    except NotImplementedError as problem:
        raise not_implemented(call) from problem
    except ValueError as problem:
        if not (token := next((call.params[name] for name in TOKENS if call.params.get(name)), "")):
            raise not_implemented(call, f" as it is asked here ({problem})") from problem
        modelled = {str(shape.name) for shape in call.operation_model.error_shapes}
        code = next((each for each in OF_TOKENS if each in modelled), OF_TOKENS[-1])
        raise ApiError(code, f"The token {token} is not valid.") from problem
    except Exception as problem:
        LOG.exception("moto broke down on %s:%s", call.service, call.operation)
        raise not_implemented(call, f" as it is asked here ({type(problem).__name__})") from problem
    if not _is_an_answer(response, call):
        raise not_implemented(call)
    response.headers.pop("Access-Control-Allow-Origin", None)
    return response


def _is_an_answer(response: Response, call: Call) -> bool:
    """Whether this is the service's own answer, not a page, nor another service's that moto took it for."""
    if response.status_code < HTTPStatus.BAD_REQUEST or call.request.method == "HEAD":
        return True
    body = response.get_data()
    if call.protocol in {"json", "rest-json"}:
        is_error = output_of(response) or response.headers.get("x-amzn-ErrorType")
        return response.status_code != HTTPStatus.NOT_FOUND or bool(is_error)
    return b"<title>404 Not Found</title>" not in body


def not_implemented(call: Call, why: str = "") -> ApiError:
    """Return the error for what the lab lacks: no SDK tries it again, and each shows its words."""
    text = f"The lab does not implement {call.service}:{call.operation or 'this operation'}{why}."
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
