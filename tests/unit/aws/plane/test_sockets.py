"""The sockets of the object plane against a server of this process, a signal at the worst moment included."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pycurl
import pytest

from trailseal.aws.plane.sockets import Sockets


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_said: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def request(multi: pycurl.CurlMulti, address: str) -> list[bytes]:
    body: list[bytes] = []
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, address)
    curl.setopt(pycurl.WRITEFUNCTION, body.append)
    multi.add_handle(curl)
    return body


def finish(multi: pycurl.CurlMulti, sockets: Sockets, number: int, *, gather: bool = False) -> None:
    while number:
        sockets.go_on(1.0, gather=gather)
        _, good, bad = multi.info_read()
        assert not bad
        number -= len(good)


@pytest.mark.parametrize("gather", [True, False])
def test_many_requests_are_answered(address: str, *, gather: bool) -> None:
    with closing(pycurl.CurlMulti()) as multi:
        sockets = Sockets(multi)
        bodies = [request(multi, address) for _ in range(20)]
        finish(multi, sockets, 20, gather=gather)

        assert {b"".join(body) for body in bodies} == {b"hello"}


class Interrupted:
    """A poll object in whose `register`, which libcurl's own callback calls, Ctrl-C arrives."""

    def __init__(self, poll: Any) -> None:
        self.poll = poll

    def register(self, socket: int, events: int) -> None:
        signal.raise_signal(signal.SIGINT)
        self.poll.register(socket, events)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.poll, name)


def test_ctrl_c_inside_a_callback_is_an_interrupt_afterwards_and_the_request_goes_on(address: str) -> None:
    with closing(pycurl.CurlMulti()) as multi:
        sockets = Sockets(multi)
        poll, sockets._poll = sockets._poll, Interrupted(sockets._poll)  # type: ignore[assignment]
        body = request(multi, address)
        with pytest.raises(KeyboardInterrupt):
            sockets.go_on(1.0, gather=False)
        sockets._poll = poll
        finish(multi, sockets, 1)

        assert b"".join(body) == b"hello"
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_socket_that_somebody_closed_is_forgotten() -> None:
    with closing(pycurl.CurlMulti()) as multi:
        sockets = Sockets(multi)
        gone = socket.socket()
        sockets._poll.register(gone.fileno(), 1)
        gone.close()
        sockets.go_on(0.0, gather=False)

        assert sockets._poll.poll(0) == []
