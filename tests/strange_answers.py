"""A proxy before an endpoint that answers one kind of request, or all, with something that is no answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ALL = "*"
CUT = "x-cut"
"""A header of an answer of which only a beginning comes before the connection drops: its whole length."""
DEEP = 100_000
Told = tuple[int, list[tuple[str, str]], bytes]
BODIES = {
    "page": b"<!DOCTYPE html><html><body>Please sign in<br></body></html>",
    "well-formed page": b"<html><head><title>Sign in</title></head><body><p>Please</p></body></html>",
    "xml": b"<?xml version='1.0'?><status><code>0</code></status>",
    "another root": b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>",
    "null": b"null",
    "list": b"[]",
    "nothing": b"",
    "cut": b'{"Trails": [{"TrailARN": "arn:aws:',
    "empty object": b"{}",
    "other types": b'{"Trails": 3, "Trail": "x", "KeyMetadata": [], "Policy": 7, "IsLogging": "no"}',
    "deep": b'{"Trails":' * DEEP + b"1" + b"}" * DEEP,
    "deep xml": b"<a>" * DEEP + b"</a>" * DEEP,
}


class Proxy:
    """Hands requests on, notes their kinds, and answers `strange` itself with `status` and `body`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = urlsplit(endpoint).netloc
        self.kinds: dict[str, None] = {}
        self.strange = ""
        self.status = 200
        self.body = b""
        self.address = ""

    def kind(self, method: str, path: str, headers: dict[str, str], body: bytes) -> str:
        """Return what is asked for: the operation, for S3 what tells it apart."""
        if target := headers.get("x-amz-target"):
            return target
        where = urlsplit(path)
        if b"Action=" in body:
            return parse_qs(body.decode())["Action"][0]
        names = "&".join(sorted(parse_qs(where.query, keep_blank_values=True)))
        depth = min(2, len([part for part in where.path.split("/") if part]))
        plain = where.path if not headers.get("x-amz-content-sha256") else "/" * depth
        return f"{method} {plain}?{names}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Told | None:
        """Return status, headers and body of an answer; None where the connection drops."""
        kind = self.kind(method, path, {name.lower(): value for name, value in headers.items()}, body)
        self.kinds[kind] = None
        if self.strange in {kind, ALL}:
            return self.status, [("Content-Type", "text/html")], self.body
        connection = HTTPConnection(self.endpoint, timeout=60)
        connection.request(method, path, body, headers)
        found = connection.getresponse()
        told = found.status, found.getheaders(), found.read()
        connection.close()
        return told


@contextmanager
def strange_answers(endpoint: str, kind: type[Proxy] = Proxy) -> Iterator[Proxy]:
    """Yield a proxy before an endpoint."""
    proxy = kind(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = proxy.answer(self.command, self.path, dict(self.headers), body)
            if found is None:
                self.close_connection = True
                return
            status, headers, told = found
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in {CUT, "connection", "content-length", "transfer-encoding"}:
                    self.send_header(name, value)
            length = {name.lower(): value for name, value in headers}.get("content-length", "0")
            whole = dict(headers).get(CUT, str(len(told)))
            self.send_header("Content-Length", length if self.command == "HEAD" else whole)
            self.close_connection = CUT in dict(headers)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
