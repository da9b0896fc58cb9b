"""
The object plane: S3 calls on objects, thousands a second, over libcurl.

Kept thin: credentials, endpoint and addressing style are botocore's; this module keeps many requests under
way from one thread, waits out throttling and adapts how many they are.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlsplit

import pycurl
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import get_cert_path
from botocore.session import Session
from msgspec import Struct, structs

from trailseal.aws import errors
from trailseal.aws.answer_bodies import is_from_s3
from trailseal.aws.plane.flow import Due, Flow
from trailseal.aws.plane.pace import Pace
from trailseal.aws.plane.signer import Signer, UnsignedRequest
from trailseal.aws.plane.sockets import Sockets
from trailseal.aws.plane.transfer import Connecting, Received, Transfer
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.aws.session import new_session
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.foreign import LARGEST
from trailseal.objects.calls import NOT_FOUND, TOO_LARGE, ObjectRequest, ObjectResponse, Then

logger = logging.getLogger(__name__)

THROTTLED = frozenset(
    {"SlowDown", "RequestLimitExceeded", "ThrottlingException", "Throttling", "TooManyRequests"}
)
SLOW_DOWN = frozenset({429, 503})
TRY_AGAIN = frozenset({0, 500, 502, 504}) | SLOW_DOWN
ENDED = errors.EXPIRED | {"InvalidAccessKeyId", "InvalidToken"}
"""Nothing more can be asked; a signature that does not match may be one object's."""
ERROR_FROM = 300
MANY = 16
"""So many requests under way that one more moment for each costs little."""
NO_ANSWER = "NoAnswer"
AT_ONCE = 4 * LARGEST
"""Bytes of answers that are held while they come; a single one may have more where that is asked for."""
CODE = re.compile(rb"<Code>([^<]+)</Code>")
TEXT = re.compile(rb"<Message>([^<]*)</Message>")


class PlaneSettings(Struct, frozen=True, kw_only=True):
    """How to reach S3; plain data, so that another process can open its own plane."""

    region: str
    profile: str | None = None
    connections: int = 128
    attempts: int = 10
    timeout: float = 60.0
    origin: str = ""
    """The server that is meant, where it was looked at elsewhere; another one is refused."""

    def open(self) -> ObjectPlane:
        """
        Return an object plane with this process's own credentials.

        Raises:
            TrailsealError: this machine would ask another server than the one that is meant.
        """
        plane = ObjectPlane(new_session(self.profile), self)
        if self.origin not in {"", plane.origin}:
            raise TrailsealError(
                message("S3 is at {origin} here, not at {meant}", origin=plane.origin, meant=self.origin),
                message("set the Region and AWS_ENDPOINT_URL as where the command runs"),
            )
        return plane

    def opener(self) -> partial[ObjectPlane]:
        """Return something picklable that opens a plane to this machine's S3 in another process."""
        with self.open() as plane:
            return partial(PlaneSettings.open, structs.replace(self, origin=plane.origin))


class ObjectPlane:
    """Sends calls, many at once, from one thread; `close` it, or use it in a `with`."""

    def __init__(self, session: Session, settings: PlaneSettings) -> None:
        self._settings = settings
        self._client: Any = session.create_client(
            "s3", region_name=settings.region, config=Config(signature_version="s3v4")
        )
        self._credentials: Any = session.get_credentials()
        trusted = str(session.get_config_variable("ca_bundle") or get_cert_path(verify=True))
        self._connecting = Connecting(trusted=trusted, timeout=settings.timeout)
        self._bases: dict[str, _Base] = {}
        self._signing: Signer | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, settings.connections)
        self._sockets = Sockets(self._multi)
        self._sent: dict[pycurl.Curl, _Sent] = {}
        self._idle: list[Transfer] = []
        self._held = Received(AT_ONCE)
        self.pace = Pace(most=settings.connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def origin(self) -> str:
        """The server that answers, as botocore found it."""
        return str(self._client.meta.endpoint_url)

    def close(self) -> None:
        """Close all connections."""
        self._sent.clear()
        self._multi.close()

    def each(self, calls: Iterable[ObjectRequest], then: Then | None = None) -> Iterator[ObjectResponse]:
        """
        Yield one answer for each call and for each that `then` makes of an answer, as they come.

        Calls are taken from the iterable only as fast as they can be sent, so it may be endless.

        Raises:
            TrailsealError: the credentials are no longer good; what was answered before is yielded first.
        """
        flow = Flow(calls)
        try:
            while self._refill(flow):
                self._wait(flow)
                while flow.answers:
                    answer = flow.answers.popleft()
                    if then is not None:
                        flow.following.extend(then(answer))
                    yield answer
        finally:
            self._forget(flow)

    def _refill(self, flow: Flow) -> bool:
        """Send as many calls as may be under way; return whether any is left to be answered."""
        if flow.problem is not None:
            raise flow.problem
        ready: list[pycurl.Curl] = []
        try:
            while (due := flow.next(self.pace.limit)) is not None:
                ready.append(self._made(flow, due))
        finally:
            self._sockets.add(ready)
        return bool(flow.load)

    def _made(self, flow: Flow, due: Due) -> pycurl.Curl:
        transfer = self._idle.pop() if self._idle else Transfer(self._connecting, self._held)
        url, headers = self._signed(due.call)
        transfer.prepare(due.call.method, url, headers, due.call.body, most=due.call.most)
        self._sent[transfer.curl] = _Sent(flow, due, transfer)
        flow.under_way += 1
        return transfer.curl

    def _wait(self, flow: Flow) -> None:
        """Let requests go on until one of this flow is answered or may be sent again."""
        while not flow.answers and not flow.has_due and flow.problem is None:
            self._sockets.go_on(flow.patience, gather=flow.under_way >= MANY)
            self._take()

    def _take(self) -> None:
        """Hand what is finished to the flow that it belongs to."""
        queued = 1
        while queued:
            queued, good, bad = self._multi.info_read()
            ended = [(curl, "") for curl in good] + [
                (curl, problem or f"curl {number}") for curl, number, problem in bad
            ]
            self._sockets.remove([curl for curl, _ in ended])
            for curl, problem in ended:
                self._finish(curl, problem)

    def _finish(self, curl: pycurl.Curl, problem: str) -> None:
        flow, due, transfer = self._sent[curl]
        answer = _received(due.call, transfer, problem)
        crowded_out = transfer.is_crowded_out
        self._release(curl)
        if crowded_out:
            flow.put_off(due, self.pace.slow_down(due.attempt, asked=False))
            return
        if answer.error in ENDED:
            given: Any = {"Error": {"Code": answer.error, "Message": answer.message}}
            flow.problem = self._problem(ClientError(given, due.call.method))
            return
        if answer.status not in TRY_AGAIN and answer.error not in THROTTLED:
            self.pace.went_well()
        elif due.attempt < self._settings.attempts:
            call = due.call
            logger.info("%s %s: %s, attempt %d", call.method, call.key, answer.error, due.attempt)
            asked = answer.status in SLOW_DOWN or answer.error in THROTTLED
            flow.put_off(due, self.pace.slow_down(due.attempt, asked=asked))
            return
        flow.answers.append(answer)

    def _release(self, curl: pycurl.Curl) -> _Sent:
        sent = self._sent.pop(curl)
        sent.flow.under_way -= 1
        sent.transfer.let_go()
        self._idle.append(sent.transfer)
        return sent

    def _forget(self, flow: Flow) -> None:
        left = [curl for curl, sent in self._sent.items() if sent.flow is flow]
        self._sockets.remove(left)
        for curl in left:
            self._release(curl)

    def _signed(self, call: ObjectRequest) -> tuple[str, dict[str, str]]:
        try:
            base, signer = self._base(call.bucket), self._signer()
        except BotoCoreError as error:
            raise self._problem(error) from error
        path = base.path + quote(call.key, safe="/~-._") if call.key else base.path
        request = UnsignedRequest(call.method, base.host, path, call.query, call.headers, call.body)
        url = f"{base.origin}{path}?{call.query}" if call.query else base.origin + path
        return url, signer.sign(request)

    def _problem(self, error: errors.AwsError) -> TrailsealError:
        return errors.problem(error, call="s3:*", profile=self._settings.profile or "")

    def _signer(self) -> Signer:
        frozen = self._credentials.get_frozen_credentials()
        if self._signing is None or self._signing.credentials != frozen:
            self._signing = Signer(frozen, self._settings.region)
        return self._signing

    def _base(self, bucket: str) -> _Base:
        """Return the address of the bucket as botocore's endpoint rules make it: virtual host or path."""
        if bucket not in self._bases:
            presigned = self._client.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": "k"}
            )
            parts = urlsplit(presigned)
            path = parts.path.removesuffix("k")
            self._bases[bucket] = _Base(f"{parts.scheme}://{parts.netloc}", parts.netloc, path)
        return self._bases[bucket]


class _Base(NamedTuple):
    origin: str
    host: str
    path: str


class _Sent(NamedTuple):
    flow: Flow
    due: Due
    transfer: Transfer


def _received(call: ObjectRequest, transfer: Transfer, problem: str) -> ObjectResponse:
    status, headers = transfer.status, transfer.headers
    if transfer.is_too_large:
        text = f"more than {call.most} bytes"
        return ObjectResponse(call=call, status=status, headers=headers, error=TOO_LARGE, message=text)
    if problem:
        return ObjectResponse(call=call, status=0, error=NO_ANSWER, message=problem)
    return _answer(call, status, headers, transfer.body)


def _answer(call: ObjectRequest, status: int, headers: Any, body: bytes) -> ObjectResponse:
    failed = status >= ERROR_FROM
    if (not failed or status == NOT_FOUND) and not is_from_s3(headers):
        return ObjectResponse(
            call=call,
            status=status,
            headers=headers,
            body=body,
            error=NotAwsAnswerError.code,
            message="the answer has no request ID",
        )
    if not failed and call.method == "PUT" and b"<Error>" in body:
        failed, status = True, 500
    if not failed:
        return ObjectResponse(call=call, status=status, headers=headers, body=body)
    code, text = CODE.search(body), TEXT.search(body)
    return ObjectResponse(
        call=call,
        status=status,
        headers=headers,
        body=body,
        error=code[1].decode(errors="replace") if code else str(status),
        message=text[1].decode(errors="replace") if text else "",
    )
