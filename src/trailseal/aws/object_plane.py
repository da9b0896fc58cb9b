"""
The object plane: S3 calls on objects, thousands a second, over aiohttp with botocore's own signer.

Kept thin: credentials, endpoint and addressing style are botocore's; this module sends signed requests,
waits out throttling and adapts how many are under way. It is the only module with asyncio.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Self
from urllib.parse import quote, urlsplit

import aiohttp
import boto3
from botocore.config import Config
from msgspec import Struct
from yarl import URL

from trailseal.aws.pace import Pace
from trailseal.aws.signer import LightSigner
from trailseal.history.calls import Answer, Call, Then

logger = logging.getLogger(__name__)

THROTTLED = frozenset(
    {"SlowDown", "RequestLimitExceeded", "ThrottlingException", "Throttling", "TooManyRequests"}
)
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
ERROR_FROM = 300
CODE = re.compile(rb"<Code>([^<]+)</Code>")
TEXT = re.compile(rb"<Message>([^<]*)</Message>")


class PlaneSettings(Struct, frozen=True, kw_only=True):
    """How to reach S3; plain data, so that another process can open its own plane."""

    region: str
    profile: str | None = None
    connections: int = 64
    attempts: int = 10
    timeout: float = 60.0

    def open(self) -> ObjectPlane:
        """Return an object plane with this process's own credentials."""
        session = boto3.Session(profile_name=self.profile, region_name=self.region)
        return ObjectPlane(session, self)


class ObjectPlane:
    """Sends calls, many at once, from one thread; `close` it, or use it in a `with`."""

    def __init__(self, session: boto3.Session, settings: PlaneSettings) -> None:
        self._settings = settings
        self._client: Any = session.client(
            "s3", region_name=settings.region, config=Config(signature_version="s3v4")
        )
        self._credentials: Any = session.get_credentials()
        self._bases: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._signing: LightSigner | None = None
        self._http: aiohttp.ClientSession | None = None
        self.pace = Pace(most=settings.connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        if self._loop.is_closed():
            return
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        if self._http is not None:
            self._loop.run_until_complete(self._http.close())
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def each(self, calls: Iterable[Call], then: Then | None = None) -> Iterator[Answer]:
        """
        Yield one answer for each call and for each that `then` makes of an answer, as they come.

        Calls are taken from the iterable only as fast as they can be sent, so it may be endless.
        """
        flow = _Flow(calls, then)
        workers = [self._loop.create_task(self._work(flow, n)) for n in range(self._settings.connections)]
        try:
            while answers := self._loop.run_until_complete(flow.more()):
                yield from answers
        finally:
            for worker in workers:
                worker.cancel()
            self._loop.run_until_complete(asyncio.gather(*workers, return_exceptions=True))

    async def _work(self, flow: _Flow, number: int) -> None:
        try:
            while True:
                await self.pace.turn(number)
                call = flow.take()
                if call is None:
                    if await flow.is_over():
                        return
                    continue
                flow.put(await self._send_until_answered(call))
        except Exception as problem:  # noqa: BLE001 - handed to the caller of `each`, which raises it
            flow.fail(problem)

    async def _send_until_answered(self, call: Call) -> Answer:
        attempt = 1
        while True:
            answer = await self._send(call)
            if answer.status not in TRY_AGAIN and answer.status and answer.error not in THROTTLED:
                self.pace.went_well()
                return answer
            logger.info("%s %s: %s, attempt %d", call.method, call.key, answer.error, attempt)
            if attempt >= self._settings.attempts:
                return answer
            await asyncio.sleep(self.pace.slow_down(attempt))
            attempt += 1

    async def _send(self, call: Call) -> Answer:
        url, headers = self._signed(call)
        try:
            async with self._session().request(
                call.method,
                URL(url, encoded=True),
                headers=headers,
                data=call.body or None,
                allow_redirects=False,
            ) as response:
                body = await response.read() if call.method != "HEAD" else b""
                return _answer(call, response.status, response.headers, body)
        except (aiohttp.ClientError, TimeoutError) as problem:
            return Answer(call=call, status=0, error=type(problem).__name__, message=str(problem))

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._settings.connections, ttl_dns_cache=300),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._settings.timeout, sock_read=self._settings.timeout
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
            )
        return self._http

    def _signed(self, call: Call) -> tuple[str, dict[str, str]]:
        base = self._base(call.bucket)
        url = base + quote(call.key, safe="/~-._") if call.key else base
        if call.query:
            url += "?" + call.query
        return url, self._signer().sign(call.method, url, call.headers, call.body)

    def _signer(self) -> LightSigner:
        frozen = self._credentials.get_frozen_credentials()
        if self._signing is None or self._signing.credentials != frozen:
            self._signing = LightSigner(frozen, self._settings.region)
        return self._signing

    def _base(self, bucket: str) -> str:
        """Return the URL of the bucket as botocore's endpoint rules make it: virtual host or path."""
        if bucket not in self._bases:
            presigned = self._client.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": "k"}
            )
            parts = urlsplit(presigned)
            self._bases[bucket] = f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix('k')}"
        return self._bases[bucket]


class _Flow:
    """The calls of one `each`, those under way, and the answers that wait to be taken."""

    def __init__(self, calls: Iterable[Call], then: Then | None) -> None:
        self._calls = iter(calls)
        self._then = then
        self._next: deque[Call] = deque()
        self._answers: deque[Answer] = deque()
        self._under_way = 0
        self._ended = False
        self._failed: Exception | None = None
        self._answered = asyncio.Event()
        self._changed = asyncio.Event()

    def take(self) -> Call | None:
        """Return the next call, None when there is none now."""
        call = self._next.popleft() if self._next else None
        if call is None and not self._ended:
            call = next(self._calls, None)
            self._ended = call is None
        if call is not None:
            self._under_way += 1
        elif not self._under_way:
            self._wake()
        return call

    async def is_over(self) -> bool:
        """Wait for a change; return whether nothing is left to do."""
        if self._under_way or self._next:
            self._changed.clear()
            await self._changed.wait()
        return not self._under_way and not self._next

    def put(self, answer: Answer) -> None:
        """Take in an answer and what follows from it."""
        if self._then is not None:
            self._next.extend(self._then(answer))
        self._under_way -= 1
        self._answers.append(answer)
        self._answered.set()
        if self._ended or self._next:
            self._wake()

    def fail(self, problem: Exception) -> None:
        """Let `each` raise what the calls' iterable or `then` raised."""
        self._failed = problem
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._answered.set()

    async def more(self) -> list[Answer]:
        """Return the answers that have come, waiting for at least one; none at the end."""
        while not self._answers and not self._failed:
            if self._ended and not self._under_way and not self._next:
                return []
            self._answered.clear()
            await self._answered.wait()
        if self._failed is not None:
            raise self._failed
        answers = list(self._answers)
        self._answers.clear()
        return answers


def _answer(call: Call, status: int, headers: Any, body: bytes) -> Answer:
    failed = status >= ERROR_FROM
    if not failed and call.method == "PUT" and b"<Error>" in body:
        failed, status = True, 500
    if not failed:
        return Answer(call=call, status=status, headers=headers, body=body)
    code, text = CODE.search(body), TEXT.search(body)
    return Answer(
        call=call,
        status=status,
        headers=headers,
        body=body,
        error=code[1].decode() if code else str(status),
        message=text[1].decode() if text else "",
    )


def opener(settings: PlaneSettings) -> partial[ObjectPlane]:
    """Return something picklable that opens a plane: what an engine gives to its executors."""
    return partial(PlaneSettings.open, settings)
