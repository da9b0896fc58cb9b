"""What a command does not need, it does not load: time and memory of every run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plan_estate import snapshot
from trailseal.model.document import encode

ASKED = """
import contextlib, io, sys
from trailseal.cli.main import run
with contextlib.redirect_stdout(io.StringIO()):
    code = run({words!r})
{also}
print(code, *sorted(sys.modules))
"""
READS_AN_ACCOUNT = "import trailseal.cli.wiring, trailseal.aws.collector, trailseal.run.check_account"
SHOWS_READERS = (
    "trailseal.access.lint",
    "trailseal.access.prove",
    "trailseal.access.readers.changers",
    "trailseal.access.readers.copies",
    "trailseal.access.readers.doubt",
    "trailseal.access.readers.population",
    "trailseal.access.readers.subject",
    "trailseal.run.who",
    "trailseal.run.who_accounts",
    "trailseal.view.copies",
    "trailseal.view.who",
)
CHANGES = ("trailseal.plan", "trailseal.history", "trailseal.journal", "trailseal.cost", "trailseal_lab")
READS_ON_DEMAND = (
    "trailseal.aws.copies",
    "trailseal.aws.further_account",
    "trailseal.aws.inventory",
    "trailseal.aws.stacks",
    "trailseal.aws.trail_history",
)
OF_OTHERS = ("boto3", "duckdb", "ibis", "jinja2", "moto", "pyarrow", "pycurl", "sqlite3")
CHECK = (*SHOWS_READERS, *CHANGES, *READS_ON_DEMAND, *OF_OTHERS)
ROOMS = ("access", "aws", "controls", "model", "run")
SETTINGS = {"trailseal.run", "trailseal.run.user_file"}
"""What reads the user's settings, for which every command looks."""
OUTPUTS = {
    ("--format", "json"): ("rich", "trailseal.view.check", "trailseal.view.brief"),
    ("--brief",): ("rich", "trailseal.view.check"),
    (): (),
}


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = tmp_path / "snapshot"
    path.write_bytes(encode(snapshot()))
    return str(path)


def loaded(*words: str, also: str = "") -> tuple[int, list[str]]:
    """
    Return how a command ends in an interpreter of its own, and all that it has loaded by then.

    What measures coverage would load things too.
    """
    script = ASKED.format(words=list(words), also=also)
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    code, *names = done.stdout.split()
    return int(code), names


def among(names: list[str], unwanted: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in unwanted or name.startswith(tuple(f"{u}." for u in unwanted))]


@pytest.mark.parametrize(("output", "also"), OUTPUTS.items(), ids=["json", "brief", "text"])
def test_a_plain_check_loads_nothing_of_readers_plans_and_history(saved, output, also):
    code, names = loaded("check", "--snapshot", saved, *output, also=READS_AN_ACCOUNT)

    assert code == 4
    assert among(names, (*CHECK, *also)) == []


def test_a_look_at_an_account_loads_what_judges_it_only_once_the_first_call_is_made():
    _, names = loaded("--version", also=READS_AN_ACCOUNT)

    assert among(names, ("trailseal.controls", "trailseal.run.check", "trailseal.view.check")) == []


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["check", "--help"], ["who", "--help"]])
def test_help_loads_no_room_but_the_command_line(words):
    _, names = loaded(*words)

    unwanted = (*(f"trailseal.{room}" for room in ROOMS), *CHANGES, *OF_OTHERS, "botocore", "rich")
    assert set(among(names, unwanted)) <= SETTINGS
