"""The lab's HTTP: connections are kept, requests are read strictly, and one client keeps no other waiting."""

from __future__ import annotations

import io
import re
import socket
import threading
from http.client import HTTPConnection

import pytest
from werkzeug.wrappers import Request, Response

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
GOOD = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def served():
    """Serve a function of the request on loopback, and return the port."""
    from trailseal_lab.http_server import Server

    running = []

    def serve(respond):
        listening = socket.create_server(("127.0.0.1", 0))
        server = Server(listening, respond)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        running.append(server)
        return listening.getsockname()[1]

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


def _echo(environ):
    request = Request(environ)
    return Response(
        request.get_data() or request.path, headers={"X-Given": request.headers.get("X-Given", "")}
    )


def _raw(port, *parts):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while more := connection.recv(65536):
            received += more
    return received


def test_a_connection_answers_one_request_after_the_other(served):
    connection = HTTPConnection("127.0.0.1", served(_echo), timeout=10)
    connection.connect()
    first = connection.sock

    for number in range(5):
        connection.request("POST", f"/{number}", body=f"body {number}")
        answer = connection.getresponse()
        assert answer.read() == f"body {number}".encode()
        assert connection.sock is first
    connection.close()


def test_requests_may_be_sent_before_their_answers_are_read(served):
    received = _raw(served(_echo), GOOD * 3)

    assert received.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    ("request_", "closes"),
    [
        (b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", True),
        (b"GET /a HTTP/1.0\r\nHost: x\r\n\r\n", True),
        (b"GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", False),
        (GOOD, False),
    ],
)
def test_who_wants_it_closed_has_it_closed(served, request_, closes):
    received = _raw(served(_echo), request_ + GOOD)

    assert received.count(b"HTTP/1.1 200 OK") == (1 if closes else 2)


MALFORMED = {
    "no request": b"hello\r\n\r\n",
    "two words": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a control character": b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "a relative target": b"GET a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a bad URL": b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a field without a colon": b"GET / HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "a folded field": b"GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a signed length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
    "a length in words": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: one\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "an endless length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
    "a length and chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a chunk size in words": CHUNKED + b"xyz\r\n\r\n",
    "a negative chunk": CHUNKED + b"-1\r\n\r\n",
    "a chunk too long": CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
    "a head cut short": b"GET / HTTP/1.1\r\nHost: x\r\n",
}


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_request_is_a_400_and_the_end(served, request_):
    received = _raw(served(_echo), request_, GOOD if request_.endswith(b"\r\n\r\n") else b"")

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert received.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
        (CHUNKED + b"ffffffffff\r\n", b"413"),
    ],
    ids=["head", "coding", "size"],
)
def test_what_is_too_much_is_said(served, request_, status):
    assert _raw(served(_echo), request_).split()[1] == status


def test_a_body_that_ends_early_is_no_request():
    from trailseal_lab.http_request import read_body, read_head

    stream = io.BytesIO(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc")
    head = read_head(stream)

    with pytest.raises(ConnectionAbortedError):
        read_body(stream, head, 100)


def test_chunks_and_what_is_held_back_until_100_continue_arrive_whole(served):
    port = served(_echo)
    chunks = CHUNKED + b"3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n"
    held = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"

    assert _raw(port, chunks).endswith(b"\r\n\r\nabcde")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(held)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(1000).endswith(b"\r\n\r\nabc")


def test_a_field_with_an_underscore_stands_in_for_no_other(served):
    received = _raw(served(_echo), b"GET /a HTTP/1.1\r\nHost: x\r\nX_Given: forged\r\n\r\n")

    assert b"forged" not in received


def test_an_upload_under_way_keeps_nobody_waiting(served):
    port = served(_echo)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)

        assert _raw(port, GOOD).endswith(b"/a")  # what waited for the upload would time out


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(200, "HEAD", b""), (204, "GET", b""), (304, "GET", b""), (200, "GET", b"x")],
)
def test_answers_without_a_body_leave_the_connection_in_step(served, status, method, body):
    port = served(lambda _: Response(b"x", status=status))
    received = _raw(port, f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 2)

    undated = re.sub(rb"\r\nDate: [^\r]+", b"", received)  # the second may be answered in the next second
    head, _, rest = undated.partition(b"\r\n\r\n")
    assert rest == body + head + b"\r\n\r\n" + body


def test_a_failure_closes_one_connection(served):
    def respond(environ):
        if environ["PATH_INFO"] == "/bad":
            raise ConnectionAbortedError if environ["QUERY_STRING"] else RuntimeError
        return _echo(environ)

    port = served(respond)

    assert _raw(port, GOOD.replace(b"/a", b"/bad")) == b""
    assert _raw(port, GOOD.replace(b"/a", b"/bad?x")) == b""
    assert _raw(port, GOOD).endswith(b"/a")
