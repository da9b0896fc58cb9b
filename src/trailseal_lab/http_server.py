"""
The lab's HTTP server: a thread for each connection, which is kept open from one request to the next.

werkzeug's development server closes the connection after each answer, which costs a client more than the
answer itself.
"""

from __future__ import annotations

import io
import logging
import socket
import socketserver
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from werkzeug.wrappers import Response

from trailseal_lab.http_request import BadRequestError, Head, read_body, read_head
from trailseal_lab.understand import MAX_BODY

LOG = logging.getLogger(__name__)
Respond = Callable[[dict[str, Any]], Response]
IDLE_SECONDS = 300
WAITING = 128
LAST_SECONDS = 1.0
UNREAD = 64 * 1024
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Answers requests on a socket that listens already, with what `respond` returns for each."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = WAITING

    def __init__(self, listening: socket.socket, respond: Respond) -> None:
        """Take over the socket."""
        self.respond = respond
        super().__init__(listening.getsockname(), _Connection, bind_and_activate=False)
        self.socket.close()
        self.socket = listening


class _Connection(socketserver.StreamRequestHandler):
    """One client's connection: one request after the other."""

    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride] - made by no other

    def handle(self) -> None:
        """Answer until the client has no more, goes away or is to go."""
        try:
            while self._one():
                pass
        except (ConnectionError, TimeoutError):
            return  # also a fault that drops the connection
        except Exception:  # of one connection, whose client sees it closed; the others go on
            LOG.exception("a connection failed")

    def _one(self) -> bool:
        """Answer one request and return whether the connection stays open."""
        try:
            head = read_head(self.rfile)
            if head is None:
                return False
            is_whole = head.length <= MAX_BODY
            body = self._body(head) if is_whole else b""
        except BadRequestError as wrong:
            self._refuse(wrong)
            return False
        response = self.server.respond(_environ(head, body, self.client_address, self.server))
        stays = head.keeps_open and is_whole
        self.wfile.write(_written(response, head, stays=stays))
        if not is_whole:
            self._let_go()
        return stays

    def _body(self, head: Head) -> bytes:
        if head.expects and (head.length or head.is_chunked):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return read_body(self.rfile, head, MAX_BODY)

    def _refuse(self, wrong: BadRequestError) -> None:
        status, text = HTTPStatus(wrong.status), f"{wrong}\n".encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\n"
        length = f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        self.wfile.write((head + length).encode("latin-1") + text)
        self._let_go()

    def _let_go(self) -> None:
        """Take what is still under way: closing over it would take the answer back."""
        self.request.shutdown(socket.SHUT_WR)
        self.request.settimeout(LAST_SECONDS)
        left = MAX_BODY
        while left > 0 and (more := self.request.recv(UNREAD)):
            left -= len(more)


def _environ(head: Head, body: bytes, client: tuple[str, int], server: Server) -> dict[str, Any]:
    """Return the request as WSGI has it."""
    target = f"{head.path}?{head.query}" if head.query else head.path
    return {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1"),
        "QUERY_STRING": head.query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": client[1],
        "SERVER_NAME": str(server.server_address[0]),
        "SERVER_PORT": str(server.server_address[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **_fields(head),
        "HTTP_HOST": head.host,
        "CONTENT_LENGTH": str(max(head.length, len(body))),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
    }


def _fields(head: Head) -> dict[str, Any]:
    """
    Return the header fields under WSGI's names.

    WSGI cannot tell `_` from `-`, so that a field with `_` could pass for another: it is left out, but for
    the names of S3's own metadata, which moto reads under a key of its own.
    """
    found: dict[str, Any] = {}
    kept: dict[str, str] = {}
    for name, value in head.fields:
        key = environ_key_for_header(name)
        if "_" in name:
            if not should_preserve_original_header_name(name):
                continue
            kept.setdefault(key, name)
        elif kept.pop(key, None):
            found.pop(key)
        found[key] = f"{found[key]},{value}" if key in found else value
    found.pop("HTTP_TRANSFER_ENCODING", None)
    return {**found, PRESERVED_HEADER_NAMES_ENVIRON_KEY: kept}


def _written(response: Response, head: Head, *, stays: bool) -> bytes:
    """Return an answer as it is sent: whole, with its length, so that the next one can follow."""
    body = response.get_data()
    fields = [(n, v) for n, v in response.headers.items() if n.lower() not in {"connection", "date"}]
    if response.status_code in BODILESS:
        body = b""
        fields = [(n, v) for n, v in fields if n.lower() != "content-length"]
    elif head.method != "HEAD":
        fields = [(n, v) for n, v in fields if n.lower() != "content-length"]
        fields.append(("Content-Length", str(len(body))))
    elif not any(n.lower() == "content-length" for n, _ in fields):
        fields.append(("Content-Length", "0"))
    fields.append(("Date", format_datetime(datetime.now(UTC), usegmt=True)))
    fields.append(("Connection", "keep-alive" if stays else "close"))
    lines = [f"HTTP/1.1 {response.status}", *(f"{n}: {v}" for n, v in fields), "", ""]
    start = "\r\n".join(lines).encode("latin-1", "replace")
    return start if head.method == "HEAD" else start + body
