"""S3 in a dictionary, as an object plane: enough of it to re-encrypt, and to misbehave as some servers do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote

from msgspec import Struct

from trailseal.objects.calls import ObjectRequest, ObjectResponse

SSE = "x-amz-server-side-encryption"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
KEPT = ("x-amz-meta-", "content-type", SSE)


class Stored(Struct):
    """One object."""

    body: bytes
    headers: dict[str, str]
    etag: str
    modified: int


class MemoryS3:
    """`updates`: "works", "overwrites" (takes the request for a put), "metadata", "refuses" or "nothing"."""

    def __init__(self, *, updates: str = "works", guards: bool = True) -> None:
        self.objects: dict[str, Stored] = {}
        self.updates = updates
        self.guards = guards
        self.sent: list[ObjectRequest] = []
        self.refused: frozenset[str] = frozenset()
        """Keys that may not be changed, where whoever is asked heeds it."""
        self.lost: set[int] = set()
        """Numbers of requests whose answer is lost after they were carried out."""
        self.stop_after: int | None = None
        self._time = 0

    def each(
        self,
        calls: Iterable[ObjectRequest],
        then: Callable[[ObjectResponse], Iterable[ObjectRequest]] | None = None,
    ) -> Iterator[ObjectResponse]:
        for call in calls:
            waiting = [call]
            while waiting:
                answer = self.answer(waiting.pop(0))
                waiting += list(then(answer)) if then else []
                yield answer

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        if self.stop_after is not None and len(self.sent) >= self.stop_after:
            raise KeyboardInterrupt
        self.sent.append(call)
        answer = self._answer(call)
        if len(self.sent) in self.lost:
            return self.answer(call)
        return answer

    def _answer(self, call: ObjectRequest) -> ObjectResponse:
        match call.method:
            case "PUT" if call.query.startswith("encryption"):
                return self._update(call)
            case "PUT" if "x-amz-copy-source" in call.headers:
                return self._copy(call)
            case "PUT":
                self._store(call.key, call.body, call.headers)
                return ObjectResponse(call=call, status=200)
            case "DELETE":
                del self.objects[call.key]
                return ObjectResponse(call=call, status=204)
        found = self.objects.get(call.key)
        if found is None:
            return ObjectResponse(call=call, status=404, error="NoSuchKey" if call.method == "GET" else "404")
        modified = format_datetime(EPOCH + timedelta(seconds=found.modified), usegmt=True)
        own = {"etag": f'"{found.etag}"', "last-modified": modified, "content-length": str(len(found.body))}
        headers = {SSE: "AES256"} | found.headers | own
        return ObjectResponse(call=call, status=200, headers=headers, body=found.body)

    def _store(self, key: str, body: bytes, headers: dict[str, str]) -> None:
        self._time += 1
        kept = {n: v for n, v in headers.items() if n.lower().startswith(KEPT)}
        etag = hashlib.sha256(body + str(sorted(kept.items())).encode()).hexdigest()[:16]
        self.objects[key] = Stored(body=body, headers=kept, etag=etag, modified=self._time)

    def _copy(self, call: ObjectRequest) -> ObjectResponse:
        key = unquote(call.headers["x-amz-copy-source"]).partition("/")[2].partition("?")[0]
        found = self.objects.get(key)
        if found is None:
            return ObjectResponse(call=call, status=404, error="NoSuchKey")
        wanted = call.headers.get("x-amz-copy-source-if-match", "").strip('"')
        if self.guards and wanted and wanted != found.etag:
            return ObjectResponse(call=call, status=412, error="PreconditionFailed")
        self._store(call.key, found.body, found.headers | call.headers)
        return ObjectResponse(call=call, status=200, body=b"<CopyObjectResult/>")

    def _update(self, call: ObjectRequest) -> ObjectResponse:
        found = self.objects.get(call.key)
        if found is None:
            return ObjectResponse(call=call, status=404, error="NoSuchKey")
        if self.updates == "refuses":
            return ObjectResponse(call=call, status=403, error="AccessDenied", message="no")
        if self.updates == "overwrites":
            self._store(call.key, call.body, call.headers)
        if self.updates == "metadata":
            found.headers.pop("x-amz-meta-signature", None)
        if self.updates == "touches":
            found.modified += 1
        if self.updates in {"works", "metadata", "touches"}:
            key = call.body.decode().partition("<KMSKeyArn>")[2].partition("<")[0]
            found.headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": key}
        assert parse_qs(call.query, keep_blank_values=True)["encryption"] == [""]
        return ObjectResponse(call=call, status=200)
