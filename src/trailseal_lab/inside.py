"""boto3 clients that talk to the lab from inside its process, with no socket: for scenarios and tests."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from werkzeug.test import EnvironBuilder

from trailseal_lab import credentials
from trailseal_lab.application import Application
from trailseal_lab.world import World


class _Raw(io.BytesIO):
    """A body as urllib3 would give it."""

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.read()


def client(world: World, service: str, *, region: str = "", principal: str = "", account: str = "") -> Any:
    """
    Return a boto3 client of `service`.

    It speaks as `principal` (any form that `lab env --as` takes); without one, as the root of
    `account`, or of the world's own.
    """
    key = credentials.issue(world, principal or f"arn:aws:iam::{account or world.account}:root")
    by_name: Any = boto3.client  # the service's name is data here
    made: Any = by_name(
        service,
        region_name=region or world.region,
        endpoint_url="http://127.0.0.1",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, inject_host_prefix=False),
    )
    application = Application(world, lambda: None)

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return _respond(application, request)

    made.meta.events.register("before-send", answer)
    return made


def _respond(application: Application, request: AWSPreparedRequest) -> AWSResponse:
    parts = urlsplit(request.url)
    body: Any = request.body
    if body is not None and hasattr(body, "read"):
        body = body.read()
    headers = [(name, _text(value)) for name, value in request.headers.items()]
    environ = EnvironBuilder(
        path=parts.path,
        query_string=parts.query,
        method=request.method,
        base_url="http://127.0.0.1",
        headers=headers,
        input_stream=io.BytesIO(body.encode() if isinstance(body, str) else body or b""),
    ).get_environ()
    environ["RAW_URI"] = environ["REQUEST_URI"] = parts.path + (f"?{parts.query}" if parts.query else "")
    environ["REMOTE_ADDR"] = "127.0.0.1"
    environ["wsgi.input_terminated"] = True
    response = application.respond(environ)
    received = HTTPHeaders.from_pairs(list(response.headers.items()))
    return AWSResponse(request.url, response.status_code, received, _Raw(response.get_data()))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
