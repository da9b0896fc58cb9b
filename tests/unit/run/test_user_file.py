"""Files that a user names: bounded, regular, and one sentence for each fault."""

from __future__ import annotations

import io
import os
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from trailseal.errors import UsageProblem
from trailseal.messages import visible
from trailseal.run.documents import policy_in
from trailseal.run.user_file import MIB, SMALL, open_file, read_file

POLICY = '{"Statement": []}'


def faults(folder):
    """Return a path for each fault, with what is said of it."""
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder / "loop")
    with (folder / "huge").open("wb") as file:
        file.truncate(2 * MIB)
    with (folder / "file").open("wb") as file:
        file.write(b"text")
    return {
        folder / "none": "there is no file `{}`",
        folder / "file" / "below": "there is no file `{}`",
        folder: "`{}` is not a file",
        folder / "pipe": "`{}` is not a file",
        "/dev/zero": "`{}` is not a file",
        folder / "loop": "`{}` cannot be read (ELOOP)",
        "a\0b": "`{}` cannot be read (EINVAL)",
        "/proc/self/mem": "`{}` cannot be read (EIO)",
        folder / "huge": "`{}` is larger than 1 MiB",
    }


def test_each_fault_has_its_sentence(tmp_path):
    for path, sentence in faults(tmp_path).items():
        if str(path).startswith(("/dev", "/proc")) and not os.path.exists(path):  # noqa: PTH110 - not on every system
            continue
        with pytest.raises(UsageProblem) as refused:
            read_file(path, most=MIB)
        assert str(refused.value) == sentence.format(visible(str(path)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path):
    path = tmp_path / "closed"
    path.touch(0o000)

    with pytest.raises(UsageProblem, match="this user may not read"):
        read_file(path)


def test_a_socket_is_not_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("here")

        with pytest.raises(UsageProblem, match="`here` is not a file"):
            read_file("here")


@contextmanager
def pipe_with(content):
    """Yield a pipe by its path, as a shell names `<(command)`; what is in it comes a little later."""
    end, begin = os.pipe()
    path = Path(f"/dev/fd/{end}")
    if not path.exists():
        pytest.skip("this system has no names for open files")

    def write():
        time.sleep(0.1)
        with suppress(BrokenPipeError), os.fdopen(begin, "wb") as pipe:
            pipe.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield path
    finally:
        os.close(end)
        writer.join()


@pytest.mark.parametrize("content", [b"text", b"a" * MIB], ids=["at once", "more than a pipe holds"])
def test_what_comes_out_of_a_pipe_is_waited_for_and_read(content):
    with pipe_with(content) as path:
        assert read_file(path, most=MIB) == content


def test_a_pipe_is_read_in_bounds_and_no_further():
    with pipe_with(b"a" * (MIB + 1)) as path, pytest.raises(UsageProblem, match="larger than 1 MiB"):
        read_file(path, most=MIB)


def test_a_pipe_out_of_which_nothing_comes_is_not_a_file():
    with pipe_with(b"") as path, pytest.raises(UsageProblem, match="is not a file"):
        read_file(path)


def test_what_is_read_in_parts_comes_out_of_no_pipe():
    with pipe_with(b"text") as path, pytest.raises(UsageProblem, match="is not a file"), open_file(path):
        pass


@pytest.mark.parametrize(
    "text",
    [
        POLICY,
        "\ufeff" + POLICY,
        '{"Policy": "{\\"Statement\\": []}"}',
        '{"Policy": "{\\"Statement\\": []}", "PolicyName": "default"}',
    ],
    ids=["bare", "with a byte order mark", "as the AWS CLI prints it", "as it prints it with a name"],
)
def test_a_policy_is_taken_as_it_comes(tmp_path, text):
    (tmp_path / "policy.json").write_text(text, encoding="utf-8")

    assert policy_in(tmp_path / "policy.json") == POLICY


def test_a_policy_may_come_on_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(POLICY.encode())))
    assert policy_in("-") == POLICY

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b" " * (SMALL + 1))))
    with pytest.raises(UsageProblem, match="`-` is larger than 4 MiB"):
        policy_in("-")


def test_a_policy_within_a_document_is_read_strictly_too(tmp_path):
    (tmp_path / "policy.json").write_text('{"Policy": "{\\"Statement\\": [], \\"Statement\\": []}"}')

    with pytest.raises(UsageProblem, match="has `Statement` twice"):
        policy_in(tmp_path / "policy.json")
    assert policy_in(tmp_path / "policy.json", lenient=True)
