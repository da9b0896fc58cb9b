"""
The line between the product and the small AWS: botocore's requests, answered in this process.

Everything of `trailseal.aws` runs as it does against AWS, its retries too; time is the test's. On the way a
fault may strike, and at any moment the process may be killed: before a request is heard, after it was
done, at a line of the journal, in a wait.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.retries import quota
from msgspec import Struct

from faults.account import Refusal, SmallAws, Wire
from plan_estate import HOME, FakeClock, Killed
from trailseal.aws.accounts import AwsAccounts
from trailseal.aws.deliveries import AwsDeliveries
from trailseal.aws.quotas import Pacer
from trailseal.aws.session import AwsSession
from trailseal.objects.calls import ObjectRequest, ObjectResponse

AWAY = "eu-west-1"
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
KINDS = (
    "throttle",
    "500",
    "500-after",
    "503",
    "slow",
    "timed out",
    "drop",
    "dropped-after",
    "denied",
    "expired",
    "html",
    "cut",
)
ALWAYS = 1_000_000
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_CONFIG_FILE": "/no/such/file",
    "AWS_SHARED_CREDENTIALS_FILE": "/no/such/file",
    "AWS_REGION": HOME,
}
IN_XML = frozenset({"cloudformation", "iam", "s3", "s3-control", "sts"})
"""Services that answer in XML, and whose codes do not end in `Exception`."""
FAILED = {"kms": "KMSInternalException", "s3": "InternalError"}
HEADS = {"throttle": "503", "500": "500", "500-after": "500", "503": "503", "denied": "403", "expired": "400"}


class Fault(Struct, frozen=True, kw_only=True):
    """What goes wrong with `count` calls of an operation ("" for every one), after `skip` of them."""

    kind: str
    operation: str = ""
    skip: int = 0
    count: int = 1


class Line:
    """The line of one process: its fault, and the moment at which it ends."""

    def __init__(
        self,
        aws: SmallAws,
        fault: Fault | None = None,
        *,
        ends: int = ALWAYS,
        how: type[BaseException] = Killed,
    ) -> None:
        self.aws = aws
        self.fault = fault
        self.moments = 0
        self.operations: dict[str, int] = {}
        self.struck: list[tuple[str, str]] = []
        """Each call that went wrong, with the kind of fault."""
        self._ends, self._how = ends, how
        self._passed, self._left = 0, fault.count if fault else 0

    def moment(self) -> None:
        """Let a moment pass, in which the process may end."""
        self.moments += 1
        if self.moments == self._ends:
            raise self._how

    def will_strike(self, operation: str) -> bool:
        """Whether the fault will strike the next call of an operation."""
        fault = self.fault
        about = fault is not None and fault.operation in {"", operation}
        return fault is not None and about and self._left > 0 and self._passed >= fault.skip

    def strikes(self, operation: str) -> str:
        """Let a call pass, and return the kind of fault that strikes it, "" for none."""
        self.operations[operation] = self.operations.get(operation, 0) + 1
        struck = self.will_strike(operation)
        if self.fault is not None and self.fault.operation in {"", operation}:
            self._passed += 1
        if self.fault is None or not struck:
            return ""
        self._left -= 1
        self.struck.append((operation, self.fault.kind))
        return self.fault.kind

    def at_once(self, operation: str, region: str, given: Wire) -> Wire:
        """Return the answer to a call that goes well, or AWS's refusal, as botocore would."""
        self.moment()
        self.strikes(operation)
        headers = {"date": format_datetime(self.aws.clock.now(), usegmt=True)}
        meta: Wire = {"HTTPStatusCode": 200, "HTTPHeaders": headers}
        try:
            found = self.aws.answer(operation, region, given)
        except Refusal as no:
            said = {"Code": no.code, "Message": "no"}
            meta["HTTPStatusCode"] = no.status
            error: Any = {"Error": said, "ResponseMetadata": meta}
            raise ClientError(error, operation) from None
        finally:
            self.moment()
        if operation == "HeadBucket":
            headers["x-amz-bucket-region"] = found["BucketRegion"]
        return {**found, "ResponseMetadata": meta}

    def send(self, service: str, operation: str, request: Any) -> AWSResponse:
        """Return what arrives of the answer to a request."""
        self.moment()
        kind, url = self.strikes(operation), request.url
        if kind in {"drop", "timed out"}:
            self.aws.clock.sleep(60 if kind == "timed out" else 0)
            lost: Any = ReadTimeoutError if kind == "timed out" else ConnectionClosedError
            raise lost(endpoint_url=url)
        if kind == "slow":
            self.aws.clock.sleep(40)
        if code := refused(kind, service):
            return self._response(url, service, *code)
        if kind == "html":
            return self._raw(url, 200, PAGE, {"content-type": "text/html"})
        told = self._answered(service, operation, request)
        self.moment()
        if kind == "dropped-after":
            raise ConnectionClosedError(endpoint_url=url)
        if kind == "500-after":
            return self._response(url, service, 500, FAILED.get(service, "InternalFailure"))
        if kind == "cut":
            status, body, headers = told
            return self._raw(url, status, body[: len(body) // 2], headers)
        return self._raw(url, *told)

    def _answered(self, service: str, operation: str, request: Any) -> tuple[int, bytes, dict[str, str]]:
        given = _of_url(request.url) if service == "s3" else {}
        if service in {"kms", "cloudtrail"}:
            given = json.loads(request.body)
        try:
            found = self.aws.answer(operation, _region(request), given)
        except Refusal as no:
            return refusal(service, no.status, no.code)
        return _on_the_wire(service, operation, found)

    def _response(self, url: str, service: str, status: int, code: str) -> AWSResponse:
        return self._raw(url, *refusal(service, status, code))

    def _raw(self, url: str, status: int, body: bytes, headers: dict[str, str]) -> AWSResponse:
        date = format_datetime(self.aws.clock.now(), usegmt=True)
        raw: Any = SimpleNamespace(stream=lambda: iter((body,)), read=lambda *_: body)
        told: Any = HeadersDict({**headers, "date": date})
        return AWSResponse(url, status, told, raw)

    def each(self, calls: Iterable[ObjectRequest], then: Any = None) -> Iterator[ObjectResponse]:
        """Answer as the object plane does, with what it makes of a fault that does not pass."""
        del then
        for call in calls:
            self.moment()
            kind = self.strikes("HeadObject")
            found = next((o for o in self.aws.objects if (o.bucket, o.key) == (call.bucket, call.key)), None)
            if kind and kind != "slow":
                yield ObjectResponse(call=call, status=0, error=HEADS.get(kind, "NoAnswer"))
            elif found is None:
                yield ObjectResponse(call=call, status=404, error="404")
            else:
                sealed = {"x-amz-server-side-encryption": "aws:kms" if found.kms else "AES256"}
                if found.kms:
                    sealed["x-amz-server-side-encryption-aws-kms-key-id"] = found.kms
                when = format_datetime(found.at, usegmt=True)
                headers = {"content-length": "1", "last-modified": when, "etag": '"e"', **sealed}
                yield ObjectResponse(call=call, status=200, headers=headers)

    def close(self) -> None:
        pass


def refused(kind: str, service: str) -> tuple[int, str] | None:
    """Return the status and code with which a fault is refused before AWS has acted."""
    short = service in IN_XML
    end = "" if short else "Exception"
    return {
        "throttle": (503, "SlowDown") if service == "s3" else (400, f"Throttling{end}"),
        "500": (500, FAILED.get(service, "InternalFailure")),
        "503": (503, f"ServiceUnavailable{end}"),
        "denied": (403 if short else 400, f"AccessDenied{end}"),
        "expired": (400, f"ExpiredToken{end}"),
    }.get(kind)


def refusal(service: str, status: int, code: str) -> tuple[int, bytes, dict[str, str]]:
    """Return an error as a service writes it."""
    if service in IN_XML:
        error = f"<Code>{code}</Code><Message>no</Message>"
        bare = service in {"s3", "s3-control"}
        inner = error if bare else f"<Error><Type>Sender</Type>{error}</Error>"
        root = "Error" if bare else "ErrorResponse"
        return status, f"<{root}>{inner}</{root}>".encode(), {"content-type": "application/xml"}
    body = json.dumps({"__type": code, "message": "no"}).encode()
    return status, body, {"content-type": "application/x-amz-json-1.1"}


def _region(request: Any) -> str:
    signed = request.headers["Authorization"]
    return (signed.decode() if isinstance(signed, bytes) else signed).split("/")[2]


def _of_url(url: str) -> Wire:
    asked = urlsplit(url)
    names = {"prefix": "Prefix", "delimiter": "Delimiter"}
    told = {names[name]: values[0] for name, values in parse_qs(asked.query).items() if name in names}
    return {"Bucket": asked.path.split("/")[1], **told}


def _on_the_wire(service: str, operation: str, found: Wire) -> tuple[int, bytes, dict[str, str]]:
    """Return an answer as AWS writes it."""
    xml = {"content-type": "text/xml", "x-amz-request-id": "1"}
    match operation:
        case "GetCallerIdentity":
            inner = f"<{operation}Result>{_xml(found)}</{operation}Result>"
            return 200, f"<{operation}Response>{inner}</{operation}Response>".encode(), xml
        case "HeadBucket":
            return 200, b"", {**xml, "x-amz-bucket-region": found["BucketRegion"]}
        case "GetBucketPolicy":
            return 200, found["Policy"].encode(), xml
        case "GetBucketLocation":
            return (
                200,
                f"<LocationConstraint>{found['LocationConstraint']}</LocationConstraint>".encode(),
                xml,
            )
        case "ListObjectsV2":
            return 200, f"<ListBucketResult>{_xml(found)}</ListBucketResult>".encode(), xml
    body = json.dumps(found, default=_plain).encode()
    return 200, body, {"content-type": "application/x-amz-json-1.1"}


def _plain(value: datetime | bytes) -> float | str:
    return value.timestamp() if isinstance(value, datetime) else b64encode(value).decode()


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        each = ((name, held if isinstance(held, list) else [held]) for name, held in value.items())
        return "".join(f"<{name}>{_xml(one)}</{name}>" for name, held in each for one in held)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.000Z}"
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


class WiredClient:
    """A client that leaves the calls that go wrong to botocore, and answers the others at once."""

    def __init__(self, session: WiredSession, real: Any) -> None:
        self._session, self._real = session, real
        self._operations = real.meta.method_to_api_mapping
        self.meta = real.meta

    def __getattr__(self, method: str) -> Any:
        def call(**given: Any) -> Any:
            line, operation = self._session.line, self._operations[method]
            if line.will_strike(operation):
                return getattr(self._real, method)(**given)
            return line.at_once(operation, self._real.meta.region_name, given)

        return call

    def get_paginator(self, method: str) -> Any:
        """Return what gives the one page that each list here has."""

        def paginate(**given: Any) -> Iterator[Any]:
            yield getattr(self, method)(**given)

        return SimpleNamespace(paginate=paginate)


class WiredSession(AwsSession):
    """A session whose requests go to whichever line is laid; its clients are made once for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line(SmallAws(FakeClock()))
        self._quotas: list[Any] = []
        self._wired: dict[tuple[str, str, bool], WiredClient] = {}
        self._pacer = Pacer(now=self.elapsed, sleep=self.sleep)

    def lay(self, line: Line) -> None:
        """Begin a process on a line: nothing is known, nobody was asked, no retry was used."""
        self.line = line
        self._caller = {}
        self._acceptance._answered = False
        self._pacer._next.clear()
        for each in self._quotas:
            each._available_capacity = each._max_capacity

    def client(self, service: str, region: str = "", *, once: bool = False) -> Any:
        """Return a client that is wired."""
        name = (service, region or self.region, once)
        if name not in self._wired:
            with patch.object(quota, "RetryQuota", self._new_quota):
                made = super().client(service, region, once=once)
            made.meta.events.register_last(f"before-send.{service}", self._send)
            self._wired[name] = WiredClient(self, made)
        return self._wired[name]

    def elapsed(self) -> float:
        """Return the seconds of the test's time."""
        return self.line.aws.clock.elapsed()

    def sleep(self, seconds: float) -> None:
        """Wait, in the test's time."""
        self.line.aws.clock.sleep(seconds)

    def _new_quota(self) -> Any:
        made = _QUOTA()
        self._quotas.append(made)
        return made

    def _send(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        return self.line.send(service, operation, request)


_QUOTA = quota.RetryQuota


class WiredDeliveries(AwsDeliveries):
    """Deliveries whose objects are looked at over the line."""

    def __init__(self, session: WiredSession) -> None:
        super().__init__(AwsAccounts(session))
        self._wired = session

    def _plane(self, bucket: str) -> Any:
        del bucket
        return self._wired.line


@cache
def session() -> WiredSession:
    """Return the one session of this process; it reads nothing of this machine's configuration."""
    with patch.dict(os.environ, SETTINGS):
        made = WiredSession()
        made.client("sts")
        for region in (HOME, AWAY):
            for service in ("kms", "cloudtrail", "s3"):
                made.client(service, region)
            made.client("kms", region, once=True)
    return made
