"""The object plane against a server that throttles, fails and drops connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from object_servers import environment
from trailseal.aws.object_plane import ObjectPlane, PlaneSettings, opener
from trailseal.history.calls import Answer, Call, get, head

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class Server(ThreadingHTTPServer):
    """Answers by the key: `ok`, `slow-N` is throttled N times, `drop-N` is hung up on N times."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: dict[str, int] = {}
        self.lock = threading.Lock()

    def turn(self, key: str) -> int:
        with self.lock:
            self.seen[key] = self.seen.get(key, 0) + 1
            return self.seen[key]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        key = self.path.partition("?")[0].rpartition("/")[2]
        kind, _, times = key.partition("-")
        if kind != "ok" and self.server.turn(key) <= int(times):
            if kind == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._answer(503, SLOW_DOWN)
            return
        self._answer(200, b"fine")

    do_HEAD = do_GET  # noqa: N815 - http.server's name
    do_PUT = do_GET  # noqa: N815 - the same

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectPlane]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in environment(f"http://127.0.0.1:{server.server_port}").items():
        monkeypatch.setenv(name, value)
    with opener(PlaneSettings(region="us-east-1", connections=8, attempts=4))() as plane:
        yield plane
    server.shutdown()
    server.server_close()


def test_each_call_has_one_answer(plane: ObjectPlane) -> None:
    answers = list(plane.each(get("b", "ok", about=number) for number in range(50)))

    assert sorted(answer.call.about for answer in answers) == list(range(50))
    assert {(answer.status, answer.body, answer.error) for answer in answers} == {(200, b"fine", "")}


def test_throttling_slows_down_and_recovers(plane: ObjectPlane) -> None:
    (slow,) = plane.each([get("b", "slow-2")])
    narrowed = plane.pace.limit
    list(plane.each(get("b", "ok") for _ in range(200)))

    assert (slow.status, slow.body) == (200, b"fine")
    assert plane.pace.slowed == 2
    assert narrowed < plane.pace.limit == 8


def test_what_stays_wrong_is_in_the_answer(plane: ObjectPlane) -> None:
    (answer,) = plane.each([get("b", "slow-99")])

    assert (answer.status, answer.error, answer.message) == (
        503,
        "SlowDown",
        "Please reduce your request rate.",
    )


def test_a_dropped_connection_is_tried_again(plane: ObjectPlane) -> None:
    (answer,) = plane.each([head("b", "drop-1")])

    assert answer.status == 200


def test_a_connection_that_always_drops_has_no_status(plane: ObjectPlane) -> None:
    (answer,) = plane.each([get("b", "drop-99")])

    assert (answer.status, bool(answer.error)) == (0, True)


def test_an_answer_may_lead_to_further_calls(plane: ObjectPlane) -> None:
    def then(answer: Answer) -> list[Call]:
        return [get("b", "ok", about=answer.call.about - 1)] if answer.call.about else []

    answers = list(plane.each([get("b", "ok", about=5), get("b", "ok", about=2)], then))

    assert sorted(answer.call.about for answer in answers) == [0, 0, 1, 1, 2, 2, 3, 4, 5]


def test_what_the_calls_raise_is_raised(plane: ObjectPlane) -> None:
    def calls() -> Iterator[Call]:
        yield get("b", "ok")
        raise KeyError

    with pytest.raises(KeyError):
        list(plane.each(calls()))
    assert len(list(plane.each([get("b", "ok")]))) == 1
