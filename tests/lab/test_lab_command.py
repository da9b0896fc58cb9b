"""`trailseal lab`: up, env, status, fault, tick, down, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest


@pytest.fixture
def home(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def trailseal(home, tmp_path, forked):
    """Our command line with a home of its own; whatever it started is stopped."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_"))}
    environment |= {"TRAILSEAL_HOME": str(home), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}

    def run(*arguments, **more):
        return subprocess.run(
            [*forked.command, *arguments],
            env={**environment, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    yield run
    run("lab", "down", "--all")


def test_a_detached_lab_is_ready_when_the_command_returns(trailseal):
    up = trailseal("lab", "up", "--detach", "--scenario", "empty")
    status = json.loads(trailseal("lab", "status", "--format", "json").stdout)

    assert up.returncode == 0
    assert up.stdout.startswith("lab `default` is ready at http://127.0.0.1:")
    assert status["format"] == 1
    assert [lab["name"] for lab in status["labs"]] == ["default"]


def test_lab_env_prints_what_a_shell_can_evaluate(trailseal):
    trailseal("lab", "up", "--detach", "--scenario", "empty")

    lines = trailseal("lab", "env").stdout.splitlines()

    assert [line.partition("=")[0] for line in lines] == [
        "export AWS_ENDPOINT_URL",
        "export AWS_ACCESS_KEY_ID",
        "export AWS_SECRET_ACCESS_KEY",
        "export AWS_REGION",
        "export AWS_DEFAULT_REGION",
        "export AWS_EC2_METADATA_DISABLED",
        "unset AWS_PROFILE",
        "unset AWS_SESSION_TOKEN",
    ]
    assert lines[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")


def test_lab_env_for_a_principal_that_is_not_there_names_those_that_are(trailseal):
    trailseal("lab", "up", "--detach", "--scenario", "empty")

    done = trailseal("lab", "env", "--as", "nobody")

    assert done.returncode == 2
    assert "the lab has no principal `nobody`" in done.stderr
    assert "arn:aws:iam::123456789012:user/admin" in done.stderr


def test_the_lab_s_file_is_readable_by_its_owner_alone(trailseal, home):
    trailseal("lab", "up", "--detach", "--scenario", "empty")

    assert stat.S_IMODE((home / "labs" / "default.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "labs").stat().st_mode) == 0o700


def test_several_labs_run_side_by_side(trailseal):
    for name in ("one", "two"):
        trailseal("lab", "up", "--detach", "--scenario", "empty", "--name", name)

    unnamed = trailseal("lab", "env")
    named = trailseal("lab", "env", "--name", "two")

    assert unnamed.returncode == 1
    assert "several labs are running: one, two" in unnamed.stderr
    assert named.returncode == 0


def test_the_same_name_twice_is_refused(trailseal):
    trailseal("lab", "up", "--detach", "--scenario", "empty")

    again = trailseal("lab", "up", "--detach", "--scenario", "empty")

    assert again.returncode == 1
    assert "a lab called `default` is running at" in again.stderr


def test_a_lab_that_was_killed_leaves_nothing_in_the_way(trailseal, home):
    trailseal("lab", "up", "--detach", "--scenario", "empty")
    entry = json.loads((home / "labs" / "default.json").read_text())
    os.kill(entry["pid"], signal.SIGKILL)
    time.sleep(0.1)

    status = trailseal("lab", "status")
    again = trailseal("lab", "up", "--detach", "--scenario", "empty")

    assert status.stdout == "no lab is running\n"
    assert again.returncode == 0


def test_a_lab_that_hangs_is_said_to_and_can_be_ended(trailseal, home):
    for name in ("one", "two"):
        trailseal("lab", "up", "--detach", "--scenario", "empty", "--name", name)
    pid = json.loads((home / "labs" / "one.json").read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)

    status = trailseal("lab", "status")
    env = trailseal("lab", "env", "--name", "one")
    down = trailseal("lab", "down", "--name", "one")

    lines = status.stdout.splitlines()
    assert (status.returncode, len(lines)) == (1, 2)
    assert lines[0].endswith(f"pid {pid}  does not answer")
    assert env.stderr.splitlines()[0] == "error: the lab `one` does not answer"
    assert (down.returncode, down.stdout) == (0, "lab `one` is stopped\n")
    assert [line.split()[0] for line in trailseal("lab", "status").stdout.splitlines()] == ["two"]


def test_whoever_has_a_dead_lab_s_port_and_pid_is_let_be(trailseal, home):
    trailseal("lab", "up", "--detach", "--scenario", "empty")
    file = home / "labs" / "default.json"
    entry = json.loads(file.read_text())
    trailseal("lab", "down")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        file.write_text(json.dumps({**entry, "address": address, "pid": os.getpid()}))

        down = trailseal("lab", "down")

    assert down.stderr.splitlines()[0] == "error: no lab is running"
    assert not file.exists()


def test_a_port_in_use_is_one_line_and_a_hint(trailseal):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = trailseal("lab", "up", "--detach", "--scenario", "empty", "--port", port)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: port {port} cannot be used on 127.0.0.1",
        "hint: choose another with `--port`, or leave it out for a free one",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["lab", "env"], 1, "error: no lab is running"),
        (["lab", "down"], 1, "error: no lab is running"),
        (["lab", "env", "--name", "x"], 1, "error: no lab called `x` is running"),
        (["lab", "up", "--detach", "--scenario", "nix"], 2, "error: there is no scenario `nix`"),
        (["lab", "up", "--name", "../x"], 2, "error: `../x` cannot name a lab"),
        (["lab", "up", "--name", ""], 2, "error: `` cannot name a lab"),
    ],
    ids=["env", "down", "env of a name", "scenario", "bad name", "no name"],
)
def test_what_cannot_be_is_said_in_one_line(trailseal, arguments, code, line):
    done = trailseal(*arguments)

    assert done.returncode == code
    assert done.stderr.splitlines()[0] == line
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ["up", "env", "status", "down"])
def test_a_home_that_cannot_be_written_to_is_said_in_one_line(trailseal, home, verb):
    home.write_text("a file, not a folder")

    done = trailseal("lab", verb)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: `{home}` cannot be written: File exists",
        "hint: set TRAILSEAL_HOME to a folder that you may write to",
    ]


def test_faults_are_added_shown_and_forgotten(trailseal):
    trailseal("lab", "up", "--detach", "--scenario", "empty")

    added = trailseal(
        "lab", "fault", "add", "--service", "s3", "--operation", "GetObject", "--kind", "throttle"
    )
    listed = json.loads(trailseal("lab", "fault", "list", "--format", "json").stdout)
    cleared = trailseal("lab", "fault", "clear")

    assert added.stdout == "s3 GetObject: throttle, next 1 calls\n"
    assert listed["faults"][0]["operation"] == "GetObject"
    assert cleared.stdout == "no fault is waiting\n"


def test_ticking_lets_cycles_pass(trailseal):
    trailseal("lab", "up", "--detach", "--scenario", "empty", "--cycle", "0")

    trailseal("lab", "tick", "3")

    status = json.loads(trailseal("lab", "status", "--format", "json").stdout)
    assert status["labs"][0]["cycles"] == 3


def test_a_stopped_lab_is_gone(trailseal, home):
    trailseal("lab", "up", "--detach", "--scenario", "empty")

    done = trailseal("lab", "down")

    assert done.stdout == "lab `default` is stopped\n"
    assert not (home / "labs" / "default.json").exists()


def test_a_detached_lab_that_nobody_is_told_of_does_not_stay(home, tmp_path):
    environment = {**os.environ, "TRAILSEAL_HOME": str(home), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "trailseal", "lab", "up", "--detach"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (home / "labs" / "default.log").exists():
        time.sleep(0.01)
    time.sleep(0.2)

    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=20)
    time.sleep(4)

    assert (process.returncode, told, errors.strip()) == (130, "", "interrupted")
    assert not (home / "labs" / "default.json").exists()


def test_a_lab_in_the_foreground_stops_on_ctrl_c(home, tmp_path):
    environment = {**os.environ, "TRAILSEAL_HOME": str(home), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "trailseal.cli.main", "lab", "up", "--scenario", "empty"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)

    assert first.startswith("lab `default` is ready")
    assert (process.returncode, errors) == (0, "")
    assert not (home / "labs" / "default.json").exists()


def test_without_moto_the_lab_says_what_to_install(home, tmp_path):
    without = "import sys; sys.modules['moto'] = None; from trailseal.cli.main import run; "
    done = subprocess.run(
        [sys.executable, "-c", without + "sys.exit(run(['lab', 'up', '--detach']))"],
        env={**os.environ, "TRAILSEAL_HOME": str(home), "LC_ALL": "C.UTF-8"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr == (
        "error: this needs the extra `lab`, which is not installed\n"
        "hint: add it with: pip install 'trailseal[lab]'\n"
    )
