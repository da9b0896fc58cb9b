"""What is no answer of AWS ends in no verdict and in no traceback, whichever verb asked for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest

from labs import RunningLab
from strange_answers import ALL, BODIES, Proxy, strange_answers
from trailseal.cli.main import run

VERBS = {
    "check": ("check", "--format", "json"),
    "plan": ("plan", "--format", "json"),
    "who": ("who", "--format", "json"),
    "verify": ("verify", "--format", "json"),
    "cost": ("cost", "--format", "json"),
    "census": ("history", "census", "--format", "json"),
    "validate": ("history", "validate", "--format", "json"),
}
KNOWN = {0, 1, 2, 3, 4}


@pytest.fixture
def proxy(
    shared_lab: Callable[[str], RunningLab], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Iterator[Proxy]:
    lab = shared_lab("clean")
    with strange_answers(lab.address) as found:
        for name, value in {**lab.environment(), "AWS_ENDPOINT_URL": found.address}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("TRAILSEAL_HOME", str(tmp_path))
        yield found


def verdicts(told: str) -> set[tuple[str, str]]:
    """Return each verdict of `check` with what it is on; none where no document came."""
    found = [row["finding"] for row in json.loads(told)["findings"]] if told else []
    return {(f"{each['check']} {each['subject']}", each["verdict"]) for each in found}


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
def test_an_endpoint_of_something_else_is_told_in_one_line(
    words: tuple[str, ...], proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy.strange = ALL
    for name, body in BODIES.items():
        proxy.body = body
        code = run([*words])
        told = capsys.readouterr()

        assert (code, told.out) == (1, ""), name
        assert "what came back is not an answer from AWS: HTTP 200" in told.err, name
        assert len(told.err.splitlines()) <= 3, name


@pytest.mark.parametrize("status", [200, 404])
def test_a_strange_answer_about_a_bucket_is_a_fact_of_the_bucket(
    status: int, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    usual_code = run([*VERBS["check"]])
    usual = capsys.readouterr().out
    proxy.strange, proxy.status = "HEAD /?", status
    code = run([*VERBS["check"]])
    told = capsys.readouterr()

    assert proxy.strange in proxy.kinds
    assert code in {usual_code, 4}, told.err
    assert {verdict for _, verdict in verdicts(told.out) - verdicts(usual)} <= {"unknown", "no_data"}


@pytest.mark.parametrize("verb", ["check", "who", "validate"])
def test_one_strange_answer_makes_no_verdict(
    verb: str, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    run([*VERBS[verb]])
    usual, bodies = capsys.readouterr().out, cycle(BODIES.items())
    for kind in sorted(proxy.kinds):
        proxy.strange = kind
        name, proxy.body = next(bodies)
        code = run([*VERBS[verb]])
        told = capsys.readouterr()

        assert code in KNOWN, (kind, name)
        assert code != 1 or "error: " in told.err, (kind, name)
        if verb == "check":
            new = verdicts(told.out) - verdicts(usual)
            assert {verdict for _, verdict in new} <= {"unknown", "no_data"}, (kind, name, new)
