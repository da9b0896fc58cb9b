"""
Verbs that look, behind a line on which each of their calls can go wrong.

What the lab has once answered is answered again from memory, so that many faults cost few seconds. What a
verb says is reduced to its claims: what it holds for certain. A fault may take claims away, where the verb
says that something could not be read; it never adds one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

from faults.wire import PAGE, refusal, refused
from strange_answers import CUT, Proxy, Told, strange_answers
from trailseal.cli.main import run

PASSING = ("throttle", "500", "503", "drop", "500-after", "dropped-after", "slow")
"""Faults that a second try gets over, or that are none."""
LASTING = ("throttle", "500", "503", "drop", "denied", "expired", "html", "cut", "short")
LIES = {
    "another account": (b"123456789012", b"999999999999"),
    "another region": (b"ap-northeast-1", b"eu-west-1"),
    "no account": (b"123456789012", b"12345678901x"),
    "no region": (b"ap-northeast-1", b"../../x"),
}
"""What an answer says that is whole and wrong. Nobody can tell it from the truth, so it may make claims."""
ALWAYS = 1_000_000
FAULTS = (*((kind, 1) for kind in PASSING), *((kind, ALWAYS) for kind in (*LASTING, *LIES)))
LONGEST = 120.0
"""Seconds; a verb that hangs goes on for more."""
SLOW = 0.05
OBJECT = "GET //?"
"""An object's content, of which half, told as the whole, would be another object."""


class Replies(Proxy):
    """A line that remembers what was answered, and on which the calls of one kind go wrong so many times."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self._known: dict[tuple[str, ...], Told] = {}
        self.struck, self.fault, self.left = "", "", 0

    def strike(self, kind: str, fault: str, times: int) -> None:
        """Let the next calls of a kind go wrong."""
        self.struck, self.fault, self.left = kind, fault, times

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Told | None:
        """Return the answer; None lets the connection drop."""
        named = {name.lower(): value for name, value in headers.items()}
        kind = self.kind(method, path, named, body)
        self.kinds[kind] = None
        if kind != self.struck or self.left <= 0:
            return self._usual(method, path, named, body)
        self.left -= 1
        return self._struck(kind, _scope(named)[1], self._usual(method, path, named, body))

    def _struck(self, kind: str, service: str, usual: Told) -> Told | None:
        status, headers, body = usual
        half = body[: len(body) // 2]
        cut = status, [*headers, (CUT, str(len(body)))], half
        if self.fault in {"drop", "dropped-after"}:
            return None
        if self.fault == "slow":
            time.sleep(SLOW)
        whole = {
            "html": (200, [("Content-Type", "text/html")], PAGE),
            "cut": cut,
            "short": cut if kind == OBJECT else (status, headers, half),
            "slow": usual,
            **{lie: (status, headers, body.replace(*said)) for lie, said in LIES.items()},
        }
        if self.fault in whole:
            return whole[self.fault]
        return _as_told(*refusal(service, *(refused(self.fault, service) or (500, "InternalFailure"))))

    def _usual(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Told:
        asked = (method, path, headers.get("x-amz-target", ""), *_scope(headers), body.decode("latin-1"))
        if asked not in self._known:
            told = super().answer(method, path, headers, body)
            assert told is not None
            self._known[asked] = told
        return self._known[asked]


def _scope(headers: dict[str, str]) -> tuple[str, str]:
    """Return Region and service of a signed request."""
    parts = headers.get("authorization", "").split("/")
    return (parts[2], parts[3]) if len(parts) > 3 else ("", "s3")


def _as_told(status: int, body: bytes, headers: dict[str, str]) -> Told:
    return status, list(headers.items()), body


@contextmanager
def replies(endpoint: str) -> Iterator[Replies]:
    """Yield a line before an endpoint; whoever waits before another try does not wait here."""
    with (
        patch("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None)),
        patch("trailseal.aws.plane.pace.LONGEST_WAIT", 0.01),
        strange_answers(endpoint, Replies) as found,
    ):
        assert isinstance(found, Replies)
        yield found


class Said(NamedTuple):
    """What a verb ended with. `fault` is an error that is none of the house's."""

    code: int
    out: str
    err: str
    took: float
    fault: str = ""


def say(words: tuple[str, ...], read: Callable[[], Any]) -> Said:
    """Run a verb in this process; `read` gives what it printed."""
    began, code, fault = time.monotonic(), -1, ""
    try:
        code = run([*words])
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is the fault that is looked for
        fault = f"{type(problem).__name__}: {problem}"
    told = read()
    return Said(code, told.out, told.err, time.monotonic() - began, fault)


ENDS = frozenset({0, 1, 2, 3, 4})
Claims = frozenset[tuple[str, ...]]


def of_check(said: Any) -> Iterator[tuple[str, ...]]:
    for row in said["findings"]:
        found = row["finding"]
        if found["verdict"] in {"pass", "fail"}:
            yield found["check"], found["subject"], found["account"], found["region"], found["verdict"]


def of_who(said: Any) -> Iterator[tuple[str, ...]]:
    for trail in said["trails"]:
        for each in trail["readings"]:
            if each["access"] != "unknown":
                yield trail["trail"], each["principal"], each["access"]


def of_verify(said: Any) -> Iterator[tuple[str, ...]]:
    for trail in said["trails"]:
        for row in trail["rows"]:
            yield trail["trail_arn"], row["account"], row["region"], row["kind"], row["finding"]


def of_explain(said: Any) -> Iterator[tuple[str, ...]]:
    yield from (("here", line) for line in said["here"])
    yield from (("score", json.dumps(each, sort_keys=True)) for each in said["scores"])


def of_cost(said: Any) -> Iterator[tuple[str, ...]]:
    usage = said["usage"]
    yield from ((name, str(usage[name])) for name in ("deliveries", "reads", "places", "standing_keys"))


def of_validate(said: Any) -> Iterator[tuple[str, ...]]:
    for chain in said["chains"]:
        name = chain["chain"]["account"], chain["chain"]["region"]
        yield from ((*name, span["state"]) for span in chain["spans"] if not NO_CLAIM & {*span.values()})
        for kind in ("log_files", "digest_files"):
            if chain[kind]["invalid"]:
                yield *name, kind, "invalid"


NO_CLAIM = frozenset({"not known", "not due yet", "unreadable"})
"""States of hours, and reasons for which they are not proven, that say nothing of the hours."""


class Look(NamedTuple):
    """A verb, and what it claims."""

    words: tuple[str, ...]
    claims: Callable[[Any], Iterator[tuple[str, ...]]]


LOOKS = {
    "check": Look(("check", "--format", "json"), of_check),
    "who": Look(("who", "--format", "json"), of_who),
    "verify": Look(("verify", "--format", "json"), of_verify),
    "explain": Look(("explain", "--format", "json"), of_explain),
    "cost": Look(("cost", "--format", "json"), of_cost),
    "validate": Look(("history", "validate", "--format", "json"), of_validate),
}


def claims_of(verb: str, said: Said) -> Claims:
    """Return what a verb holds for certain; nothing where it ended without an answer."""
    return frozenset(LOOKS[verb].claims(json.loads(said.out))) if said.out else frozenset()


def wrong_with(verb: str, usual: Said, said: Said, *, fault: str, lasts: bool) -> str:
    """Return what a fault did that it may not, "" for nothing."""
    if said.fault or said.took > LONGEST:
        return said.fault or f"{said.took:.0f} s"
    ended = f"exit {said.code}: {said.err[-300:]}"
    if fault in LIES:
        return "" if said.code in ENDS and (said.code != 1 or len(_errors(said)) == 1) else ended
    if said.code == 1:
        return "" if lasts and not said.out and len(_errors(said)) == 1 else ended
    if said.code not in {usual.code, 4} or (said.code == 4 and not lasts and usual.code != 4):
        return ended
    return _wrong_claims(claims_of(verb, usual), claims_of(verb, said), said.code)


def _wrong_claims(before: Claims, after: Claims, code: int) -> str:
    if new := after - before:
        return f"claims {sorted(new)[:3]}"
    is_told = code == 4
    return "" if is_told or after == before else f"exit {code} without {sorted(before - after)[:3]}"


def _errors(said: Said) -> list[str]:
    return [line for line in said.err.splitlines() if line.startswith("error: ")]
