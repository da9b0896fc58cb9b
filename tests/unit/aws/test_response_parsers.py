"""Answers that are none of AWS's end in one error of botocore's kind, and times are UTC in every zone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.session import Session

from trailseal.aws.response_parsers import NotAwsAnswerError, StrictParsers
from trailseal.aws.session import AwsSession
from trailseal.errors import TrailsealError

OPERATIONS = {
    "json": ("kms", "DescribeKey"),
    "query": ("sts", "GetCallerIdentity"),
    "rest-xml": ("s3", "GetBucketAcl"),
}
PAGE = b"<!DOCTYPE html><html><body>Please sign in<br></body></html>"
ARN = b"arn:aws:kms:us-east-1:123456789012:key/k"
BODIES = (
    PAGE,
    b"hello",
    b"\xff\xfe\x00",
    b"[1]",
    b"3",
    b'"x"',
    b"<a",
    b'{"KeyMetadata": [1]}',
    b'{"KeyMetadata":',
)


def parse(protocol: str, body: bytes, status: int = 200) -> Any:
    service, operation = OPERATIONS[protocol]
    shape = Session().get_service_model(service).operation_model(operation).output_shape
    context = {"operation_name": operation}
    response = {"status_code": status, "headers": {}, "body": body, "context": context}
    return StrictParsers().create_parser(protocol).parse(response, shape)


@pytest.mark.sweep
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("protocol", OPERATIONS)
def test_a_body_that_is_no_answer_is_told_with_its_status_and_its_beginning(
    protocol: str, body: bytes
) -> None:
    if protocol != "json" and body.startswith(b"{"):
        body = b"not " + body
    with pytest.raises(NotAwsAnswerError) as told:
        parse(protocol, body)

    assert str(told.value).startswith("HTTP 200, `")
    assert str(told.value).isprintable()


@pytest.mark.parametrize("body", [b"[1]", b"3", b'"x"'])
def test_an_error_that_is_no_object_is_no_error_of_aws(body: bytes) -> None:
    with pytest.raises(NotAwsAnswerError):
        parse("json", body, status=400)


def test_what_a_terminal_would_obey_does_not_get_through() -> None:
    with pytest.raises(NotAwsAnswerError) as told:
        parse("json", "\x1b]0;owned\x07\u202e\u2028 ".encode() + b"x" * 10_000)

    assert str(told.value).isprintable()
    assert len(str(told.value)) < 100


def test_an_answer_of_aws_is_read_as_ever() -> None:
    body = b'{"KeyMetadata": {"KeyId": "k", "Arn": "%s", "KeyState": "Enabled"}, "New": 1}' % ARN

    assert parse("json", body)["KeyMetadata"]["KeyId"] == "k"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/St_Johns", "UTC"])
@pytest.mark.parametrize("written", ["1.5e9", '"2017-07-14T02:40:00Z"', '"2017-07-14T11:40:00+09:00"'])
def test_times_are_utc_in_every_zone(zone: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        told = f'"KeyId": "k", "Arn": "{ARN.decode()}", "KeyState": "Enabled", "CreationDate": {written}'
        body = f'{{"KeyMetadata": {{{told}}}}}'.encode()
        found = parse("json", body)["KeyMetadata"]["CreationDate"]
    finally:
        monkeypatch.undo()
        time.tzset()

    assert found == datetime(2017, 7, 14, 2, 40, tzinfo=UTC)
    assert found.tzinfo is UTC


class Elsewhere(BaseHTTPRequestHandler):
    """Answers everything with one body."""

    body = PAGE

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=[PAGE, b"<a><b/></a>", b"", b"hello"], ids=["page", "xml", "empty", "text"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Elsewhere, "body", request.param)
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("elsewhere")
def test_an_endpoint_of_something_else_is_said_so_in_one_line() -> None:
    with pytest.raises(TrailsealError) as told:
        AwsSession(region="ap-northeast-1").caller()

    assert str(told.value.what).startswith("what came back is not an answer from AWS: HTTP 200, `")
    assert "AWS_ENDPOINT_URL" in str(told.value.hint)
