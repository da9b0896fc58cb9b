"""The object plane against a server that throttles, fails and drops connections."""

from __future__ import annotations

import pickle
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pycurl
import pytest
import trustme
from botocore.exceptions import UnauthorizedSSOTokenError
from msgspec import structs

from object_servers import environment
from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings
from trailseal.errors import TrailsealError
from trailseal.model.foreign import MIB
from trailseal.objects.calls import TOO_LARGE, ObjectRequest, ObjectResponse, delete, get, head, put

IDENTIFIED = {"x-amz-request-id": "1"}
TWICE = IDENTIFIED | {"X-Amz-Meta-A": "2 ", "x-amz-meta-empty": "", "Content-Encoding": "gzip"}
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class Server(ThreadingHTTPServer):
    """
    Answers by the key: `ok`, `slow-N` is throttled N times, `drop-N` is hung up on N times.

    `moved` sends elsewhere, `mute` says nothing for a while, `twice` has headers that a client may get wrong,
    `page-N` is another's answer of status N, without a request ID; `large-N` is of N mebibytes.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: dict[str, int] = {}
        self.lock = threading.Lock()
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []

    def turn(self, key: str) -> int:
        with self.lock:
            self.seen[key] = self.seen.get(key, 0) + 1
            return self.seen[key]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.got.append((self.command, self.path, dict(self.headers.items()), body))
        key = self.path.partition("?")[0].rpartition("/")[2]
        kind, _, times = key.partition("-")
        if kind == "page":
            self._answer(int(times), b"<html>Please sign in</html>", {})
            return
        if kind == "large":
            self._answer(200, bytes(int(times) * MIB), IDENTIFIED)
            return
        if times.isdecimal() and self.server.turn(key) <= int(times):
            if kind == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._answer(503, SLOW_DOWN)
            return
        if kind == "mute":
            time.sleep(2)
        if kind == "refused":
            self._answer(400, f"<Error><Code>{times or key}</Code></Error>".encode())
            return
        if kind == "garbled":
            self._answer(400, b"<Error><Code>\xff</Code><Message>\xfe</Message></Error>")
            return
        headers = {"moved": {"Location": "/elsewhere"}, "twice": TWICE}.get(kind, IDENTIFIED)
        self._answer(307 if kind == "moved" else 200, b"fine", headers)

    do_HEAD = do_GET  # noqa: N815 - http.server's name
    do_PUT = do_GET  # noqa: N815 - the same
    do_DELETE = do_GET  # noqa: N815 - the same

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        if headers is TWICE:
            self.send_response_only(100)
            self.send_header("X-Amz-Early", "no")
            self.end_headers()
        self.send_response(status)
        if headers is TWICE:
            self.send_header("X-Amz-Meta-A", "1")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(Server()) as server:
        for name, value in environment(f"http://127.0.0.1:{server.server_port}").items():
            monkeypatch.setenv(name, value)
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server


@pytest.fixture
def plane(server: Server) -> Iterator[ObjectPlane]:
    with PlaneSettings(region="us-east-1", connections=8, attempts=4).opener()() as plane:
        yield plane


def test_each_call_has_one_answer(plane: ObjectPlane) -> None:
    answers = list(plane.each(get("b", "ok", about=number) for number in range(50)))

    assert sorted(answer.call.about for answer in answers) == list(range(50))
    assert {(answer.status, answer.body, answer.error) for answer in answers} == {(200, b"fine", "")}


@pytest.mark.parametrize("status", [200, 204, 404])
@pytest.mark.parametrize(
    "call", [head("b", "k"), get("b", "k"), put("b", "k", b"x", headers={}), delete("b", "k")],
    ids=lambda call: call.method,
)  # fmt: skip
def test_what_has_no_request_id_is_no_answer_of_s3(
    plane: ObjectPlane, call: ObjectRequest, status: int
) -> None:
    (answer,) = plane.each([structs.replace(call, key=f"page-{status}")])

    assert (answer.status, answer.error) == (status, "UnexpectedAnswer")


def test_a_refusal_keeps_its_code_wherever_it_comes_from(plane: ObjectPlane) -> None:
    assert [answer.error for answer in plane.each([head("b", "page-403")])] == ["403"]


def test_of_an_answer_that_is_too_large_the_rest_is_not_taken(plane: ObjectPlane) -> None:
    calls = [get("b", "large-3", most=2 * MIB), get("b", "large-3", most=3 * MIB), get("b", "ok")]
    found = {(answer.call.key, answer.call.most): answer for answer in plane.each(calls)}

    refused = found["large-3", 2 * MIB]
    assert (refused.error, refused.body, refused.status) == (TOO_LARGE, b"", 200)
    assert len(found["large-3", 3 * MIB].body) == 3 * MIB
    assert sum(not answer.error for answer in found.values()) == 2


def test_many_large_answers_come_without_filling_the_memory(server: Server) -> None:
    with PlaneSettings(region="us-east-1", connections=8).open() as plane:
        plane._held.most = 5 * MIB
        most = 0
        for answer in plane.each(get("b", "large-4", about=number) for number in range(12)):
            assert len(answer.body) == 4 * MIB
            most = max(most, plane._held.size)

    assert most <= 5 * MIB
    assert plane._held.size == 0


def test_throttling_slows_down_and_recovers(plane: ObjectPlane) -> None:
    (slow,) = plane.each([get("b", "slow-2")])
    narrowed = plane.pace.limit
    list(plane.each(get("b", "ok") for _ in range(200)))

    assert (slow.status, slow.body) == (200, b"fine")
    assert plane.pace.slowed == 2
    assert narrowed < plane.pace.limit == 8


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId", "InvalidToken"])
def test_credentials_that_end_stop_everything_and_not_each_object(plane: ObjectPlane, code: str) -> None:
    answers = plane.each(get("b", f"refused-{code}") for _ in range(50))
    with pytest.raises(TrailsealError, match="credentials"):
        list(answers)

    assert [answer.status for answer in plane.each([get("b", "ok")])] == [200]


def test_a_signature_that_does_not_match_may_be_one_objects(plane: ObjectPlane) -> None:
    (answer,) = plane.each([get("b", "refused-SignatureDoesNotMatch")])

    assert answer.error == "SignatureDoesNotMatch"


class Batch:
    """A multi handle that tells what has ended only once so many have."""

    def __init__(self, multi: Any, size: int) -> None:
        self.multi = multi
        self.size = size
        self.ended: list[pycurl.Curl] = []

    def info_read(self) -> tuple[int, list[pycurl.Curl], list[Any]]:
        _, good, bad = self.multi.info_read()
        self.ended += good
        if len(self.ended) < self.size:
            return 0, [], bad
        told, self.ended = self.ended, []
        return 0, told, bad

    def __getattr__(self, name: str) -> Any:
        return getattr(self.multi, name)


def test_what_was_answered_when_credentials_end_is_not_lost(
    plane: ObjectPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plane, "_multi", Batch(plane._multi, 4))
    answers = plane.each(get("b", key) for key in ("ok", "refused-ExpiredToken", "ok", "ok"))

    assert [next(answers).status for _ in range(3)] == [200] * 3
    with pytest.raises(TrailsealError, match="credentials have expired"):
        next(answers)


def test_credentials_that_end_do_not_leave_others_waiting(
    plane: ObjectPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = plane.each(get("b", key) for key in ("ok", "mute"))
    first = next(outer)
    monkeypatch.setattr(plane, "_multi", Batch(plane._multi, 2))
    with pytest.raises(TrailsealError, match="credentials have expired"):
        list(plane.each([get("b", "refused-ExpiredToken")]))

    assert plane._sent == {}
    assert [(each.call.key, each.status) for each in (first, *outer)] == [("ok", 200), ("mute", 200)]


@pytest.mark.parametrize("holder", ["the signer", "botocore's client"])
def test_credentials_that_cannot_be_renewed_are_one_line(
    plane: ObjectPlane, monkeypatch: pytest.MonkeyPatch, holder: str
) -> None:
    class Gone:
        def get_frozen_credentials(self) -> None:
            raise UnauthorizedSSOTokenError

    where = plane if holder == "the signer" else plane._client._request_signer
    monkeypatch.setattr(where, "_credentials", Gone())
    monkeypatch.setattr(plane, "_settings", PlaneSettings(region="us-east-1", profile="audit"))
    with pytest.raises(TrailsealError, match="sign-in is not valid any more") as raised:
        list(plane.each([get("b", "ok")]))

    assert "--profile audit" in str(raised.value.hint)


def test_no_credentials_at_all_are_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with (
        PlaneSettings(region="us-east-1").open() as plane,
        pytest.raises(TrailsealError, match="there are no AWS credentials"),
    ):
        list(plane.each([get("b", "ok")]))

    assert server.got == []


def test_an_error_that_is_no_text_is_an_answer(plane: ObjectPlane) -> None:
    (answer,) = plane.each([get("b", "garbled")])

    assert (answer.status, answer.error) == (400, "\ufffd")


def test_a_lost_answer_is_not_told_as_s3_asking_to_slow_down(plane: ObjectPlane) -> None:
    list(plane.each([get("b", "drop-2")]))

    assert (plane.pace.slowed, plane.pace.limit < 8) == (0, True)


def test_another_machine_reaches_the_server_that_was_looked_at_or_none(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = pickle.loads(pickle.dumps(PlaneSettings(region="us-east-1").opener()))  # noqa: S301 - our own
    with here() as plane:
        assert [answer.status for answer in plane.each([get("b", "ok")])] == [200]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(TrailsealError, match=r"S3 is at http://127\.0\.0\.1:1 here"):
        here()

    assert len(server.got) == 1


def test_ctrl_c_while_requests_come_and_go_is_an_interrupt(plane: ObjectPlane) -> None:
    interrupting = Mock(side_effect=lambda _: signal.raise_signal(signal.SIGINT))
    plane._multi.setopt(pycurl.M_TIMERFUNCTION, interrupting)
    with pytest.raises(KeyboardInterrupt):
        list(plane.each([get("b", "ok")]))

    assert interrupting.called


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
    def then(answer: ObjectResponse) -> list[ObjectRequest]:
        return [get("b", "ok", about=answer.call.about - 1)] if answer.call.about else []

    answers = list(plane.each([get("b", "ok", about=5), get("b", "ok", about=2)], then))

    assert sorted(answer.call.about for answer in answers) == [0, 0, 1, 1, 2, 2, 3, 4, 5]


def test_what_the_calls_raise_is_raised(plane: ObjectPlane) -> None:
    def calls() -> Iterator[ObjectRequest]:
        yield get("b", "ok")
        raise KeyError

    with pytest.raises(KeyError):
        list(plane.each(calls()))
    assert len(list(plane.each([get("b", "ok")]))) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT"])
def test_what_is_sent_is_what_was_signed(plane: ObjectPlane, server: Server, method: str) -> None:
    headers = {"x-amz-meta-a": "a  b", "x-amz-meta-empty": ""}
    (answer,) = plane.each(
        [ObjectRequest(method=method, bucket="b", key="a/../b//./ü c", query="acl", headers=headers)]
    )
    ((sent, path, got, body),) = server.got

    assert (answer.status, sent, path, body) == (200, method, "/b/a/../b//./%C3%BC%20c?acl", b"")
    assert {name.lower() for name in got} - {"content-length"} == {
        *("host", "user-agent", "authorization", "x-amz-date", "x-amz-content-sha256"),
        *("x-amz-meta-a", "x-amz-meta-empty"),
    }
    assert (got["x-amz-meta-a"], got["x-amz-meta-empty"]) == ("a  b", "")
    assert got["User-Agent"].startswith("trailseal/")
    assert got.get("Content-Length") == ("0" if method in {"PUT", "DELETE"} else None)


def test_a_body_is_sent_whole_and_a_type_only_when_it_is_given(plane: ObjectPlane, server: Server) -> None:
    body = bytes(range(256)) * 10_000
    list(plane.each([put("b", "k", body, headers={"Content-Type": "text/plain"})]))
    list(plane.each([delete("b", "k", "v+1"), get("b", "k")]))

    (first, *rest) = server.got
    assert (first[:2], first[2]["Content-Type"], first[3]) == (("PUT", "/b/k"), "text/plain", body)
    assert {(method, path) for method, path, _, _ in rest} == {
        ("DELETE", "/b/k?versionId=v%2B1"),
        ("GET", "/b/k"),
    }


def test_no_request_takes_after_the_one_before(server: Server) -> None:
    calls = {
        "PUT": put("b", "k", b"body", headers={"x-amz-meta-a": "1"}),
        "HEAD": head("b", "k"),
        "GET": get("b", "k"),
        "DELETE": delete("b", "k"),
    }
    pairs = [(first, second) for first in calls for second in calls]
    with PlaneSettings(region="us-east-1", connections=1).open() as plane:
        answers = list(plane.each(calls[method] for pair in pairs for method in pair))

    assert [method for method, *_ in server.got] == [method for pair in pairs for method in pair]
    assert {(method, body) for method, _, _, body in server.got if body} == {("PUT", b"body")}
    assert {method for method, _, headers, _ in server.got if "x-amz-meta-a" in headers} == {"PUT"}
    assert {(a.call.method, a.body) for a in answers} == {
        *(("PUT", b"fine"), ("GET", b"fine"), ("DELETE", b"fine"), ("HEAD", b"")),
    }


def test_headers_come_back_as_they_were_sent(plane: ObjectPlane) -> None:
    (answer,) = plane.each([get("b", "twice")])

    assert answer.headers["x-amz-meta-a"] == "1,2"
    assert answer.headers["x-amz-meta-empty"] == ""
    assert "x-amz-early" not in answer.headers
    assert answer.body == b"fine"


def test_a_header_with_a_line_break_is_never_sent(plane: ObjectPlane, server: Server) -> None:
    with pytest.raises(ValueError, match="x-amz-meta-a"):
        list(plane.each([put("b", "k", b"", headers={"x-amz-meta-a": "1\r\nx-amz-acl: public-read"})]))
    assert server.got == []


def test_it_does_not_follow_where_it_is_sent(plane: ObjectPlane, server: Server) -> None:
    (answer,) = plane.each([get("b", "moved")])

    assert (answer.status, answer.error, len(server.got)) == (307, "307", 1)


def test_a_server_that_says_nothing_is_given_up(server: Server) -> None:
    with PlaneSettings(region="us-east-1", attempts=1, timeout=0.5).open() as plane:
        (answer,) = plane.each([get("b", "mute")])

    assert (answer.status, answer.error) == (0, "NoAnswer")
    assert answer.message


def test_one_may_ask_while_others_are_under_way(plane: ObjectPlane) -> None:
    outer = plane.each(get("b", "ok", about=number) for number in range(40))
    seen = [next(outer).call.about]
    (inner,) = plane.each([get("b", "slow-1", about="inner")])
    seen += [answer.call.about for answer in outer]

    assert (inner.status, inner.call.about, sorted(seen)) == (200, "inner", list(range(40)))


def test_what_is_left_alone_does_not_come_to_the_next(plane: ObjectPlane) -> None:
    left = plane.each(get("b", "ok", about=f"left {number}") for number in range(40))
    next(left)
    left.close()  # type: ignore[attr-defined]  # it is a generator

    assert [answer.call.about for answer in plane.each([get("b", "ok", about="next")])] == ["next"]


def test_calls_are_not_taken_faster_than_they_are_answered(plane: ObjectPlane) -> None:
    taken = count()
    calls = (get("b", "slow-9999", about=next(taken)) for _ in range(1000))
    answers = plane.each(calls)
    next(answers)
    answers.close()  # type: ignore[attr-defined]  # the same

    assert next(taken) <= 16


@pytest.mark.parametrize(("spared", "seen"), [("", 1), ("127.0.0.1", 0)])
def test_a_proxy_of_the_environment_is_used(
    server: Server, monkeypatch: pytest.MonkeyPatch, spared: str, seen: int
) -> None:
    with serving(Server()) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
        monkeypatch.setenv("no_proxy", spared)
        with PlaneSettings(region="us-east-1").open() as plane:
            (answer,) = plane.each([get("b", "ok")])

    assert (answer.status, len(proxy.got), len(server.got)) == (200, seen, 1 - seen)


@pytest.mark.parametrize("trusted", ["its own", "another"])
def test_only_a_trusted_server_is_spoken_to(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: str
) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    (authority if trusted == "its own" else trustme.CA()).cert_pem.write_to_path(bundle)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with PlaneSettings(region="us-east-1", attempts=1).open() as plane:
        (answer,) = plane.each([get("b", "ok")])

    assert (answer.status, answer.error) == ((200, "") if trusted == "its own" else (0, "NoAnswer"))
