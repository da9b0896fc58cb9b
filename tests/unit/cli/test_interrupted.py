"""Ctrl-C ends a command at once with 130, without a traceback, whatever it is doing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

AT_IMPORT = """
import signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)

from trailseal.__main__ import main
sys.meta_path.insert(0, Interrupt())
sys.argv = ["trailseal", *{words!r}]
main()
"""
CHECK = ("check",)
UP = ("lab", "up", "--scenario", "empty")
SOON = 20.0
"""Seconds in which a process ends also on a busy machine; AWS is waited for far longer."""


def environment(home: Path, **more: str) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_"))}
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"}
    return {**plain, **keys, "TRAILSEAL_HOME": str(home), "LC_ALL": "C.UTF-8", **more}


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("words", "module"),
    [
        (CHECK, "trailseal.cli.main"),
        (CHECK, "click"),
        (CHECK, "trailseal.view.streams"),
        (CHECK, "trailseal.cli.check"),
        (CHECK, "botocore.session"),
        (UP, "trailseal_lab.verbs.lab"),
        (UP, "trailseal_lab.process"),
        (UP, "trailseal_lab.world"),
        (UP, "trailseal_lab.scenarios"),
        (UP, "trailseal_lab.server"),
    ],
    ids=lambda given: given if isinstance(given, str) else given[0],
)
def test_a_command_that_has_hardly_begun_ends_without_a_traceback(
    words: tuple[str, ...], module: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_IMPORT.format(module=module, words=words)],
        env=environment(tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (130, ""), done.stderr
    assert done.stderr.strip() in {"", "interrupted"}


@pytest.mark.parametrize("words", [CHECK, ("who",), ("verify",), ("key", "show", "alias/k")], ids=" ".join)
def test_a_command_that_waits_for_aws_ends_at_once(words: tuple[str, ...], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "trailseal", *words],
            env=environment(tmp_path, AWS_ENDPOINT_URL=address),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        silent.settimeout(60)
        asked, _ = silent.accept()
        with asked:
            asked.recv(1)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            told, errors = process.communicate(timeout=60)

    assert time.monotonic() - began < SOON
    assert (process.returncode, told) == (130, "")
    assert errors.strip() == "interrupted"
