"""The process: answers in order, at once, and clean when it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from trailseal.cli.simulate_stream import CHUNK, LONGEST, answer_stream

COMMAND = [sys.executable, "-m", "trailseal", "simulate"]
ALICE = "arn:aws:iam::123456789012:user/alice"


def line(number: int) -> bytes:
    """Return a line that is allowed when its number is even."""
    action = "s3:GetObject" if number % 2 == 0 else "s3:PutObject"
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    request = {"principal": ALICE, "action": action, "resource": "arn:aws:s3:::logs/a"}
    policies = {"identity": [{"Version": "2012-10-17", "Statement": [statement]}]}
    return json.dumps({"id": number, "request": request, "policies": policies}).encode() + b"\n"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A running simulate."""
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe) as started:
        yield started
        started.kill()


def test_every_line_is_answered_in_order_and_the_exit_code_is_0() -> None:
    count = 12_000

    done = subprocess.run(COMMAND, input=b"".join(map(line, range(count))), capture_output=True, check=False)

    answers = [json.loads(each) for each in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [a["id"] for a in answers] == list(range(count))
    assert [a["effect"] for a in answers[:3]] == ["allowed", "implicitly_denied", "allowed"]


def test_an_unreadable_line_is_answered_and_no_failure() -> None:
    done = subprocess.run(COMMAND, input=b"nonsense\n\n" + line(0).strip(), capture_output=True, check=False)

    effects = [json.loads(each)["effect"] for each in done.stdout.splitlines()]
    assert (done.returncode, effects) == (0, ["invalid", "invalid", "allowed"])


def test_no_line_is_no_answer() -> None:
    done = subprocess.run(COMMAND, input=b"", capture_output=True, check=False)

    assert (done.returncode, done.stdout) == (0, b"")


def test_one_may_ask_and_wait_for_the_answer(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(8):
        process.stdin.write(line(number))
        process.stdin.flush()

        assert json.loads(process.stdout.readline())["id"] == number


def test_ctrl_c_is_clean(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(line(0))
    process.stdin.flush()
    process.stdout.readline()

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=20) == 130
    assert b"Traceback" not in process.stderr.read()


def test_a_reader_that_goes_away_is_no_traceback(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write(line(0))
    process.stdin.flush()

    assert process.wait(timeout=20) == 141
    assert process.stderr.read() == b""


def test_a_long_input_is_shared_by_processes_and_stays_in_order() -> None:
    given, taken = _file(b"".join(map(line, range(300)))), os.memfd_create("answers")

    answer_stream(given, taken, chunk=4096, workers=3)

    os.lseek(taken, 0, os.SEEK_SET)
    answers = os.read(taken, 1 << 20).splitlines()
    assert [json.loads(each)["id"] for each in answers] == list(range(300))


@pytest.mark.parametrize("end", [b"", b"}}"], ids=["nonsense", "what would be JSON without its middle"])
def test_an_endless_line_is_one_invalid_answer_and_the_next_is_read(end: bytes) -> None:
    endless = b'{"id": "' + b"a" * (LONGEST + 2 * CHUNK) + b'"' + end + b"\n"
    given, taken = _file(line(0) + endless + line(2)), os.memfd_create("answers")

    answer_stream(given, taken, workers=1)

    os.lseek(taken, 0, os.SEEK_SET)
    effects = [json.loads(each)["effect"] for each in os.read(taken, 1 << 26).splitlines()]
    assert effects == ["allowed", "invalid", "allowed"]


def _file(content: bytes) -> int:
    descriptor = os.memfd_create("lines")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
